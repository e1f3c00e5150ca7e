// The way of one order to its code: does what its CreationPlanner says, step by step. Started by
// the DeviceService when it is the lock's turn, on its thread; keeps itself alive until `done` was
// called.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "devices/creation_planner.hpp"
#include "devices/order_checker.hpp"
#include "logging/level.hpp"
#include "store/reader.hpp"

namespace oracode::metrics {
class Metrics;
}

namespace oracode::devices {

// What every creation works with; outlives them all.
struct CreationDependencies {
    store::Store& store;
    store::Reader& reader;
    store::OrderReader& orders;
    Directory& directory;
    OrderChecker& checker;
    CreationRateLimit& rate_limit;
    metrics::Metrics& metrics;
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
    void go_on(CreationMove move);
    void note(const CreationEffects& effects) const;
    void take(step::CheckOrder);
    void take(const step::MarkKey& mark);
    void take(const step::AskSeam& ask);
    void take(step::ListCodes);
    void take(const step::FetchCode& fetch);
    void take(step::Record& record);
    void take(const step::ReadCode& read);
    void take(const step::KeepAnswer& keep);
    void take(const step::FreeKey& free);
    void take(step::End& end);
    void report(log::Level level, std::string_view event, std::string_view access_code_id,
                const seam::CallError& error) const;
    void report(const Made& made) const;

    CreationDependencies& deps_;
    std::string key_;
    std::string digest_;
    Done done_;
    CreationPlanner planner_;
};

}  // namespace oracode::devices
