// How far Seam's clock is from ours, by the Date header of its answers. A value with an injected
// clock; no locks, its owner keeps it on one thread.
#pragma once

#include <deque>
#include <optional>

#include "core/time.hpp"

namespace oracode::seam {

class ClockOffset {
public:
    // An answer with `date` (whole seconds, cut) to a request sent and received at these moments of
    // our clock.
    void observe(Timestamp date, Timestamp sent_at, Timestamp received_at);
    // Our clock was set: what was measured before says nothing.
    void forget() { samples_.clear(); }

    // Seam's clock minus ours: the median of the last answers. nullopt: no answer gave one.
    [[nodiscard]] std::optional<Duration> estimate() const;
    // What to add to our clock: zero while the estimate is within what the header's resolution and
    // the network's delays explain.
    [[nodiscard]] Duration correction() const;

    // The correction by one answer alone, for those who ask seldom. `date`: there was none.
    [[nodiscard]] static Duration correction_by(std::optional<Timestamp> date, Timestamp sent_at,
                                                Timestamp received_at);

    static constexpr std::size_t samples_kept = 5;
    static constexpr Duration least_correction = std::chrono::seconds{5};

private:
    std::deque<Duration> samples_;
};

}  // namespace oracode::seam
