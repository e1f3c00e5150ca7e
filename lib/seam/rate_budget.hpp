// How often Seam may be asked: a token bucket that also obeys 429s. A value with an injected clock;
// no locks, its owner keeps it on one thread.
#pragma once

#include "core/time.hpp"

namespace oracode::seam {

// In no period of 60 s are more than `requests_per_minute` taken. A tenth of them may be taken at
// once; the rest comes back evenly, so that a burst does not starve the minute behind it.
class RateBudget {
public:
    // `requests_per_minute`: 1 or more (0 counts as 1).
    explicit RateBudget(unsigned requests_per_minute);

    // The earliest moment, `now` or later, at which `take` succeeds if nothing else takes.
    [[nodiscard]] Timestamp next_allowed(Timestamp now);
    // Takes one request off the budget; false, and nothing is taken, where none is left.
    [[nodiscard]] bool take(Timestamp now);
    // Seam answered 429: nothing is allowed for `retry_after` from `now` on.
    void punish(Timestamp now, Duration retry_after);

private:
    using Instant = std::chrono::sys_time<std::chrono::microseconds>;

    void notice(Timestamp now);

    std::chrono::microseconds interval_;  // in which one request comes back
    std::chrono::microseconds burst_;     // of intervals that may be used ahead
    Instant full_at_{};                   // when all requests will have come back
    Timestamp punished_until_{};
    Timestamp last_seen_{};
};

}  // namespace oracode::seam
