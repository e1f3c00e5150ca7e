// What each of Seam's event types says about access codes: the one place that knows their names.
// Pure.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "lifecycle/event.hpp"

namespace oracode::seam {

struct EventMeaning {
    lifecycle::Reach reach = lifecycle::Reach::code;
    std::optional<lifecycle::LifecycleStep> step;  // absent: leaves the status as it is
    bool refetch = false;                          // whom it reaches has to be fetched
};

struct EventType {
    std::string_view name;
    EventMeaning meaning;
};

// Every type whose meaning is known by name, in alphabetical order.
[[nodiscard]] std::span<const EventType> event_types();

// Never fails: an `access_code.*` type that is not listed leaves the status and makes the code due
// for a fetch, and any other unlisted type says nothing. New types appear without notice.
[[nodiscard]] EventMeaning meaning_of(std::string_view event_type);

// Whether an event of this type says anything of a code or of those of a device or account.
[[nodiscard]] bool is_of_interest(std::string_view event_type);

// Whether an event of this type is about the access code it names. Others (a lock was opened with
// it) tell nothing of the code's lifecycle.
[[nodiscard]] bool concerns_access_code(std::string_view event_type);

}  // namespace oracode::seam
