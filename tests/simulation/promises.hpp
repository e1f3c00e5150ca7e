// What the program promises its users about the truth, in one place: how long it may be wrong while
// Seam can be asked. The README states the same figures; a simulation that breaks one is a fault of
// the program.
#pragma once

#include "lifecycle/alert.hpp"
#include "lifecycle/schedule.hpp"

namespace oracode::test::promises {

inline const lifecycle::PollPolicy policy{};
inline const lifecycle::AlertPolicy alerts{};

// A code that its daemon calls ready although Seam's object says otherwise.
inline const Duration ready_falsely = 2 * policy.check_set;
// A code that opens the door and is not called ready. Near the stay a code is asked for every
// check_set, and its jitter; what a stranger answered, or nothing did, is asked again in between.
inline const Duration ready_unnoticed = 5 * policy.check_set;
// Another status than Seam's, near the stay and far from it. A start that was moved without any
// event is not known: until it is, the code counts as far from its stay, and the time near it
// counts from then on.
inline const Duration status_near = ready_unnoticed;
inline const Duration status_far = policy.set_check * 5 / 4 + policy.retry_max;
// A wrong status, readiness or end although a webhook about it has arrived.
inline constexpr Duration reported = std::chrono::minutes{15};
// A code that Seam does not show any more: three looks over half an hour after the first.
inline constexpr Duration to_be_sure = std::chrono::minutes{40};
inline const Duration gone_near = status_near + to_be_sure;
inline const Duration gone_far = status_far + to_be_sure;
// A code that has always been there never counts as removed or deleted, not for a moment, whatever
// answers: a key of another workspace, a gateway, a replica that has lost its codes.
// A code that lives at Seam and is unknown or counts as ended, when an event reported it: the
// hourly look at the events, and a margin for its retries.
inline constexpr Duration unknown_reported = std::chrono::minutes{90};
// The same when no event did: until the next listing of all codes (poll.discover), and a margin.
[[nodiscard]] constexpr Duration unknown_silent(Duration discover) {
    return discover + std::chrono::minutes{90};
}
// An `unset` code at its start − oracode.lead + poll.grace, for which nothing is overdue.
inline constexpr Duration overdue_unnoticed = std::chrono::minutes{5};
// A code that gives a cause for an alert, by what the store has of it and the daemon's own clock,
// and has none open; an open alert whose cause is gone. Whatever becomes of Seam, from the daemon's
// start on.
inline constexpr Duration alert = std::chrono::minutes{1};
// Once Seam answers again: the longest pause of the circuit breaker, and the work left over.
inline constexpr Duration recovery = std::chrono::minutes{15};

}  // namespace oracode::test::promises
