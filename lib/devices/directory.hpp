// The locks, as Seam showed them last: kept in the store, so that they are known right after a
// start and while Seam does not answer, each with its age; asked for again when too old or when
// they are doubted. Owned by the DeviceService, on its thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "devices/order.hpp"
#include "seam/client_api.hpp"
#include "seam/rate_budget.hpp"
#include "store/order_reader.hpp"
#include "store/store.hpp"

namespace oracode::devices {

class Directory {
public:
    struct Dependencies {
        store::Store& store;
        store::OrderReader& reader;
        boost::asio::io_context& context;
        Clock now;
        Duration fresh{};  // how old a snapshot may be
        unsigned requests_per_minute = 600;
    };
    explicit Directory(Dependencies deps);

    // Until then there is no API key, and Seam is not asked. What it refers to outlives this.
    void use(seam::Api* api) { api_ = api; }

    using Done = std::function<void(SeamResult<LockSnapshot>)>;
    // The stored snapshot while it is young; else Seam's, or the stored one where Seam gives none.
    // Fails where there is neither; with Errc::not_found where Seam does not know the lock.
    void find(const std::string& device_id, Done done);
    // Seam's snapshot of now. All who want the same lock at the same time share one request.
    void fetch(const std::string& device_id, Done done);
    // Brings the list of locks up to date, if it is too old. `done` is called in any case: what
    // Seam did not tell is as old as it is.
    void refresh_all(std::function<void()> done);
    // Seam refused what should fit: the next `find` asks it.
    void distrust(const std::string& device_id) { distrusted_.insert(device_id); }

    // The stored snapshot, however old. Fails with Errc::not_found.
    [[nodiscard]] Result<LockSnapshot> kept(const std::string& device_id);

private:
    struct Listing;

    [[nodiscard]] std::optional<seam::CallError> hindrance();
    void fetched(const std::string& device_id, seam::CallResult<seam::Found> answer);
    void answer_waiting(const std::string& device_id, const SeamResult<LockSnapshot>& snapshot);
    void ask_for_page(const std::shared_ptr<Listing>& listing);
    void listed(const std::shared_ptr<Listing>& listing, seam::CallResult<seam::ListPage> page);
    void finish_listing(const Listing& listing, bool complete);
    void note_failure(const seam::CallError& error);

    Dependencies deps_;
    seam::Api* api_ = nullptr;
    seam::RateBudget budget_;
    Timestamp quiet_until_{};  // Seam did not answer: what is kept has to do for a while
    std::map<std::string, std::vector<Done>> waiting_;
    std::set<std::string> distrusted_;
    std::vector<std::function<void()>> waiting_for_list_;
    std::optional<Timestamp> listed_at_;
};

// The error of asking Seam without a key.
[[nodiscard]] seam::CallError no_api_key();

}  // namespace oracode::devices
