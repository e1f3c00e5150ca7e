// What the store reports of itself: counted, logged, and passed on to those who wait for it. On the
// store's thread. Owned by App.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

#include "logging/outage.hpp"
#include "store/store_options.hpp"

namespace oracode::api {
class ChangeFeed;
}
namespace oracode::metrics {
class Metrics;
}
namespace oracode::notify {
class Sender;
}
namespace oracode::poller {
class Poller;
}

namespace oracode::daemon {

class CodeLog;
class StatusLine;

class StoreWatch {
public:
    // What these refer to outlives this.
    struct Dependencies {
        metrics::Metrics& metrics;
        CodeLog& code_log;
        StatusLine& status_line;
        api::ChangeFeed& changes;
        notify::Sender& sender;
        poller::Poller& poller;
        // Called once when the store takes nothing any more: the daemon has to end.
        std::function<void()> store_lost;
    };
    explicit StoreWatch(Dependencies deps) : deps_(std::move(deps)) {}

    // For Store::start; they refer to this.
    [[nodiscard]] store::StoreCallbacks callbacks();

    [[nodiscard]] const std::atomic<std::uint64_t>& failed_checkpoints() const {
        return failed_checkpoints_;
    }

private:
    void committed(const store::Commit& commit);
    void checkpointed(const store::Checkpoint& checkpoint);
    void given_up(std::string_view why);

    Dependencies deps_;
    std::atomic<std::uint64_t> failed_checkpoints_{0};
    log::Outage checkpoints_{"store.checkpoint_failed", "store.checkpoint_recovered"};
    log::Outage commits_{"store.failing", "store.recovered"};
};

}  // namespace oracode::daemon
