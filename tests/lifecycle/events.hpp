// Statements about one code, as the tests of the lifecycle make them.
#pragma once

#include "lifecycle/apply.hpp"

namespace oracode {

using namespace std::chrono_literals;

inline constexpr Timestamp day{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2}};

// When everything below is recorded, unless a test says otherwise: after it happened.
inline constexpr Timestamp later = day + 24h * 30;

[[nodiscard]] inline Event event(LifecycleStep step, Timestamp at,
                                 Source source = Source::webhook) {
    Event made;
    made.source = source;
    made.event_id = "event";
    made.event_type = "access_code.type";
    made.access_code_id = "code";
    made.device_id = "device";
    made.occurred_at = at;
    made.created_at = at;
    made.step = step;
    return made;
}

[[nodiscard]] inline Event clock_at(Timestamp at) {
    Event made;
    made.source = Source::clock;
    made.occurred_at = at;
    return made;
}

[[nodiscard]] inline AccessCode after(std::initializer_list<Event> events) {
    AccessCode code;
    for (const auto& e : events) apply(code, e, later);
    return code;
}

}  // namespace oracode
