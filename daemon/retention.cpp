#include "daemon/retention.hpp"

#include <algorithm>

#include "logging/log.hpp"
#include "metrics/metrics.hpp"
#include "store/store.hpp"

namespace oracode::daemon {
namespace {

// Between two steps, so that the disk is mostly the deliveries'.
constexpr std::chrono::milliseconds pause{20};
constexpr std::chrono::minutes pause_after_failure{1};
// What ends from now on is due no sooner than after the shortest time that anything is kept; the
// clock of the machine may be set meanwhile.
constexpr std::chrono::hours longest_sleep{24};

}  // namespace

void Retention::stop() {
    stopped_ = true;
    timer_.cancel();
}

void Retention::step() {
    if (stopped_) return;
    store_.purge(retention_, context_,
                 [this](const Result<store::Purged>& purged) { done(purged); });
}

void Retention::done(const Result<store::Purged>& purged) {
    if (!purged) {
        if (!stopped_) purging_.failed(purged.error().detail);
        return sleep(pause_after_failure);
    }
    purging_.over();
    count(*purged);
    if (purged->more) return sleep(pause);
    const auto shortest = std::min<Duration>({retention_.history, retention_.pins, longest_sleep});
    const auto now = now_();
    const auto until = std::min(purged->next.value_or(now + shortest), now + shortest);
    sleep(std::max<Duration>(until - now, pause));
}

void Retention::count(const store::Purged& purged) {
    metrics_.purged("codes", purged.codes);
    metrics_.purged("events", purged.events);
    metrics_.purged("changes", purged.changes);
    metrics_.purged("quarantined", purged.quarantined);
    metrics_.purged("notifications", purged.notifications);
    metrics_.purged("pins", purged.pins);
    if (purged.codes + purged.events + purged.changes + purged.quarantined + purged.notifications +
            purged.pins ==
        0)
        return;
    log::debug("retention.purged", {{"codes", purged.codes},
                                    {"events", purged.events},
                                    {"changes", purged.changes},
                                    {"quarantined", purged.quarantined},
                                    {"notifications", purged.notifications},
                                    {"pins", purged.pins}});
}

void Retention::sleep(std::chrono::milliseconds time) {
    if (stopped_) return;
    timer_.expires_after(time);
    timer_.async_wait([this](const boost::system::error_code& error) {
        if (!error) step();
    });
}

}  // namespace oracode::daemon
