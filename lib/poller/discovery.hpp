// The walk over all Oracode locks and their codes, so that no code stays unknown because no event
// reported it. Pure; owned by the Planner.
#pragma once

#include <deque>
#include <optional>
#include <string>

#include "poller/request.hpp"

namespace oracode::poller {

class Discovery {
public:
    // `interval` zero: never.
    Discovery(Duration interval, Timestamp now) : interval_(interval), next_at_(now) {}

    // Begins a walk when it is time for one; the clock may have been set back since the last.
    void begin_if_due(Timestamp now);
    // Begins again, as after a change of the key's workspace.
    void begin_again(Timestamp now);

    // What to ask next; nullopt: nothing at present.
    [[nodiscard]] std::optional<Request> next() const;
    // When the next walk begins; nullopt: never.
    [[nodiscard]] std::optional<Timestamp> next_at() const;

    // A page of devices, or of the codes of the lock that `next` named.
    void devices_shown(const Shown& answer);
    void codes_shown(const Shown& answer);
    // `next` cannot be answered: the lock is passed over, or the walk given up until the next one.
    void refused();
    // The present or the last walk was incomplete: the next one begins at `at` at the latest.
    void again_at(Timestamp at);

private:
    Duration interval_;
    Timestamp next_at_;
    bool listing_devices_ = false;
    std::optional<std::string> cursor_;  // of the page to ask for next
    std::size_t pages_ = 0;
    std::deque<std::string> locks_;
};

}  // namespace oracode::poller
