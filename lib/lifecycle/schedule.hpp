// When the next word about a code is due, and when to ask for it. Pure. The table of these rules is
// in the README.
#pragma once

#include <optional>

#include "lifecycle/access_code.hpp"

namespace oracode::lifecycle {

struct PollPolicy {
    Duration grace = std::chrono::minutes{2};
    Duration retry_min = std::chrono::seconds{30};
    Duration retry_max = std::chrono::hours{1};
    Duration set_check = std::chrono::hours{6};  // Seam's `set` can revert without an event
    // The longest time between two looks from `lead` before the start to the end (poll.check_set).
    Duration check_set = std::chrono::minutes{15};
    // How long before its start Seam begins to register a code (oracode.lead).
    Duration lead = std::chrono::minutes{60};
};

// True while Seam's object has not been seen, or was seen without its window.
[[nodiscard]] bool details_missing(const AccessCode& code);

// The moment by which the next step of the code's life should have been announced; nullopt when
// none is awaited.
[[nodiscard]] std::optional<Timestamp> expected_by(const AccessCode& code,
                                                   const PollPolicy& policy);

// When Seam should be asked about the code; nullopt when never. Ended codes are asked about when
// a later event spoke of them, and once shortly after their window, since stays get extended. Backs
// off with `polls_without_news`, spread by a jitter that follows from the code's id, so that codes
// that became due together do not stay together.
[[nodiscard]] std::optional<Timestamp> next_poll_at(const AccessCode& code, Timestamp now,
                                                    const PollPolicy& policy);

// When the daemon has to look at the code again: for a poll, or to end it at its `ends_at`.
[[nodiscard]] std::optional<Timestamp> due_at(const AccessCode& code);

// Brings `expected_by` and `next_poll_at` of the code up to date after anything has changed.
void reschedule(AccessCode& code, Timestamp now, const PollPolicy& policy);

}  // namespace oracode::lifecycle
