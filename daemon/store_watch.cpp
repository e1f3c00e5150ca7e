#include "daemon/store_watch.hpp"

#include "api/change_feed.hpp"
#include "daemon/code_log.hpp"
#include "daemon/status_line.hpp"
#include "logging/log.hpp"
#include "metrics/metrics.hpp"
#include "notify/sender.hpp"
#include "poller/poller.hpp"

namespace oracode::daemon {

store::StoreCallbacks StoreWatch::callbacks() {
    store::StoreCallbacks callbacks;
    callbacks.committed = [this](const store::Commit& commit) { committed(commit); };
    callbacks.checkpointed = [this](const store::Checkpoint& done) { checkpointed(done); };
    callbacks.given_up = [this](std::string_view why) { given_up(why); };
    return callbacks;
}

void StoreWatch::committed(const store::Commit& commit) {
    if (commit.failure.empty()) {
        deps_.metrics.committed(commit.took, commit.size);
        for (const auto& change : commit.changes) deps_.metrics.transition(change.transition);
        deps_.code_log.committed(commit);
        commits_.over();
    } else {
        deps_.metrics.commit_failed();
        commits_.failed(commit.failure);
    }
    deps_.status_line.changed();
    deps_.changes.committed(commit.last_change);
    deps_.sender.committed(commit);
    deps_.poller.recorded();
}

void StoreWatch::checkpointed(const store::Checkpoint& checkpoint) {
    if (checkpoint.failure.empty()) return checkpoints_.over();
    failed_checkpoints_.fetch_add(1);
    checkpoints_.failed(checkpoint.failure);
}

// What is accepted from here on is answered 503; whoever starts the daemon again finds the log with
// everything in it.
void StoreWatch::given_up(std::string_view why) {
    log::error("store.sync_failed",
               {{"error", why},
                {"meaning", "the daemon ends (74), so that its next start copies the whole log"}});
    deps_.store_lost();
}

}  // namespace oracode::daemon
