// The heart: how one statement changes what is known of a code. Pure.
//
// Convergence: any permutation and any repetition of the same events leaves the same code (save
// `version`, `updated_at` and the polling fields, which tell of us and not of the code). It holds
// because nothing is decided by the order of arrival: statements about the status are kept in a
// list ordered by their own instant and read again, and every other fact keeps its latest
// statement.
#pragma once

#include <optional>
#include <string>

#include "lifecycle/access_code.hpp"
#include "lifecycle/event.hpp"

namespace oracode::lifecycle {

// A change of `status` or of `ended`, as the history and the change feed tell it.
struct Transition {
    std::optional<Status> from;  // nullopt: the code was not known before
    Status to{};
    Timestamp at;           // when it happened, by Seam's word; `ends_at` for an expiry
    Timestamp recorded_at;  // when we learned it
    Source source{};
    std::string event_id;
    std::string event_type;

    friend bool operator==(const Transition&, const Transition&) = default;
};

// Seam's answers within this time after an event may come from a replica that has not seen it: such
// an answer is taken, and the code looked at once more.
inline constexpr Duration replica_lag = std::chrono::seconds{10};

// Statements about the status kept for one code; beyond it those that say what their predecessor
// said go first.
inline constexpr std::size_t max_observations = 64;

// Looks that did not find a code end it when there are so many over so long a time.
inline constexpr std::size_t missing_looks_for_an_end = 3;
inline constexpr Duration missing_span_for_an_end = std::chrono::minutes{30};

// Merges `event` into `code` (a default-made one when the code is new) at `now`. The caller has
// made sure that no event_id is applied twice; applying one again changes nothing but `version` and
// `updated_at`.
std::optional<Transition> apply(AccessCode& code, const Event& event, Timestamp now);

}  // namespace oracode::lifecycle
