// Whether a guest who is in the house, or arrives, has a PIN that is in order. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "lifecycle/access_code.hpp"

namespace oracode::lifecycle {

// From `before` ahead of the start to the end a code is in order when nothing but its start is
// missing. Earlier than that, Seam has not begun to register it, and only what will not mend by
// itself counts.
[[nodiscard]] bool in_order(const AccessCode& code, Timestamp now, Duration before);

// Codes that are not in order: whose stay begins within one, four and twenty-four hours, each with
// those of the shorter spans, and whose stay has begun.
inline constexpr std::array<std::string_view, 4> arrival_spans{"1h", "4h", "24h", "started"};
using ArrivalCounts = std::array<std::int64_t, arrival_spans.size()>;
inline constexpr Duration longest_arrival_span = std::chrono::hours{24};

// Adds the code to `counts` where it belongs.
void count_arrival(ArrivalCounts& counts, const AccessCode& code, Timestamp now, Duration before);

}  // namespace oracode::lifecycle
