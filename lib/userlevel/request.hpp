// A request's texts as instants, with the offsets they were written with. For match; pure, any
// thread.
#pragma once

#include <optional>
#include <vector>

#include "userlevel/match.hpp"

namespace oracode::userlevel {

struct Instant {
    Timestamp at;
    std::chrono::minutes offset{};  // as written
};

struct Reading {
    std::optional<Instant> starts_at;
    std::optional<Instant> ends_at;
    std::optional<Duration> rounding;
};

// What can be read of the request; a violation is added to `violations` for what cannot.
[[nodiscard]] Reading read_request(const WindowRequest& request,
                                   std::vector<Violation>& violations);

}  // namespace oracode::userlevel
