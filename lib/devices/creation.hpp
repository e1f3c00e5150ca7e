// The way of one order to its code: checked, sent to Seam, recorded, answered. A code can not be
// taken back, so the rule of every step is: never ask Seam for a second one while a first may
// exist. Started by the DeviceService when it is the lock's turn, on its thread; keeps itself alive
// until `done` was called.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "devices/code_list.hpp"
#include "devices/order_checker.hpp"
#include "logging/level.hpp"
#include "store/reader.hpp"

namespace oracode {
class Metrics;
}

namespace oracode::devices {

// What every creation works with; outlives them all.
struct CreationDependencies {
    Store& store;
    Reader& reader;
    OrderReader& orders;
    Directory& directory;
    OrderChecker& checker;
    CreationRateLimit& rate_limit;
    Metrics& metrics;
    boost::asio::io_context& context;
    Clock now;
    Duration seam_timeout{};
    // So long after Seam was asked in vain its list of codes is taken for complete.
    Duration settled_after = std::chrono::minutes{2};
    seam::Api* api = nullptr;  // null: there is no API key
};

class Creation : public std::enable_shared_from_this<Creation> {
public:
    using Done = std::function<void(Ending)>;

    // `key`: the order's Idempotency-Key; empty: none.
    Creation(CreationDependencies& deps, Order order, std::string key, Render render, Done done);

    void start();

private:
    void check_order();
    void on_checked(SeamResult<OrderCheck> checked);
    void ask(userlevel::Window window);
    void send();
    void refused(const seam::CallError& error);
    void unclear(const seam::CallError& error);
    void search(const seam::CallError& why, bool may_create_again);
    [[nodiscard]] bool is_another(const std::string& access_code_id, Duration clock_offset) const;
    void record(const boost::json::object& object, Timestamp sent_at);
    void conclude(const std::string& access_code_id);
    void decide(const Decided& decided);
    void free_key_and_end(Ending ending, std::string_view outcome);
    void end_unclear(const seam::CallError& why, const std::string& access_code_id = {});
    void tell(log::Level level, std::string_view event, std::string_view access_code_id,
              const seam::CallError& error) const;
    void end(Ending ending, std::string_view outcome);

    CreationDependencies& deps_;
    Order order_;
    std::string key_;
    std::string digest_;
    Render render_;
    Done done_;
    OrderedCode requested_;                  // once Seam was asked, now or by an earlier attempt
    std::optional<OrderedCode> unresolved_;  // an earlier attempt's, of which no code was found
    userlevel::Window window_;               // in the lock's own offset, for Seam
};

}  // namespace oracode::devices
