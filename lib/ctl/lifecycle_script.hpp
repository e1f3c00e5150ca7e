// Seam's events about one access code, made up for trying a webhook listener out. Pure but for
// fresh random ids.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"

namespace oracode::ctl {

// An event type that can be simulated, and what its payload carries beside the members all have.
struct EventKind {
    std::string_view type;          // without "access_code."
    bool tells_pin = false;         // `code`
    std::string_view error_code{};  // an entry in `access_code_errors`
    std::string_view warning_code{};
    std::string_view message{};  // of that entry
};

[[nodiscard]] std::span<const EventKind> event_kinds();
// By "set_on_device" or "access_code.set_on_device".
[[nodiscard]] const EventKind* find_event_kind(std::string_view type);
// unset (created, scheduled) → setting (delay) → set.
[[nodiscard]] std::vector<const EventKind*> usual_lifecycle();

struct Subject {
    std::string access_code_id;
    std::string device_id;
};

// The JSON text of an event about `subject`, with a fresh event_id. What does not differ between
// the events of a code (workspace, account, PIN) is derived from the subject, so that runs apart
// fit together.
[[nodiscard]] std::string event_body(const EventKind& kind, const Subject& subject,
                                     Timestamp occurred_at);

// When step `index` of `count` occurred, as delivered at `start` + index * interval: never in the
// future, each step at least a second after the one before it.
[[nodiscard]] Timestamp occurrence(std::size_t index, std::size_t count, Timestamp start,
                                   Duration interval);

[[nodiscard]] std::string fresh_uuid();

}  // namespace oracode::ctl
