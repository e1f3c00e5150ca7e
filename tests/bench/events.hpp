// Events as the store's benches record them: ids are UUIDs, codes are spread over devices and
// accounts.
#pragma once

#include <cstdint>
#include <string>

#include <fmt/format.h>

#include "lifecycle/event.hpp"

namespace oracode::bench {

inline std::string uuid(std::uint64_t a, std::uint64_t b) {
    std::uint64_t state = a * 0x632be59bd9b4e019U + b * 0x9e3779b97f4a7c15U;
    const auto random = [&state] {  // splitmix64
        auto z = state += 0x9e3779b97f4a7c15U;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
        z = (z ^ z >> 27) * 0x94d049bb133111ebU;
        return z ^ z >> 31;
    };
    const auto x = random();
    const auto y = random();
    return fmt::format("{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}", x >> 32, x >> 16 & 0xffff,
                       x & 0xfff, y >> 52, y & 0xffffffffffff);
}

inline constexpr std::uint64_t id_of_code = 1;
inline constexpr std::uint64_t id_of_event = 2;

inline lifecycle::Event make_event(std::uint64_t number, std::uint64_t code,
                                   lifecycle::LifecycleStep step) {
    lifecycle::Event event;
    const Timestamp start{Duration{1'770'000'000'000}};
    event.event_id = uuid(id_of_event, number);
    event.event_type = "access_code.set_on_device";
    event.workspace_id = "7cc2e0ff-65a5-4a33-b6a2-3dbaac6dd5a3";
    event.access_code_id = uuid(id_of_code, code);
    event.device_id = uuid(3, code % 500);
    event.connected_account_id = uuid(4, code % 5);
    event.occurred_at = event.created_at = start + Duration{number};
    event.step = step;
    event.facts.code = "123456";
    return event;
}

}  // namespace oracode::bench
