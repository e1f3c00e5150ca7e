// Statements about one code, as the tests of the lifecycle make them.
#pragma once

#include "lifecycle/apply.hpp"

namespace oracode {

using namespace std::chrono_literals;

inline constexpr Timestamp day{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2}};

// When everything below is recorded, unless a test says otherwise: after it happened.
inline constexpr Timestamp later = day + 24h * 30;

[[nodiscard]] inline lifecycle::Event event(lifecycle::LifecycleStep step, Timestamp at,
                                            lifecycle::Source source = lifecycle::Source::webhook) {
    lifecycle::Event made;
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

[[nodiscard]] inline lifecycle::Event clock_at(Timestamp at) {
    lifecycle::Event made;
    made.source = lifecycle::Source::clock;
    made.occurred_at = at;
    return made;
}

[[nodiscard]] inline lifecycle::AccessCode after(std::initializer_list<lifecycle::Event> events) {
    lifecycle::AccessCode code;
    for (const auto& e : events) apply(code, e, later);
    return code;
}

}  // namespace oracode
