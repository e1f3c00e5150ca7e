// The sentences of the rules that speak of a lock's times. For match; pure, any thread.
#pragma once

#include <string>

#include "userlevel/request.hpp"

namespace oracode::userlevel {

[[nodiscard]] std::string explain_no_match(const Lock& lock, const Zone& zone, Timestamp starts_at,
                                           Timestamp ends_at, Duration rounding);
// `hint`: the window in the lock's own offset that would fit, if the given wall clock would.
[[nodiscard]] std::string explain_offset(const Zone& zone, const Instant& starts_at,
                                         const Instant& ends_at, const std::optional<Window>& hint);
// Names the levels for guests whose times cannot be read; empty where there are none.
[[nodiscard]] std::string explain_unreadable(const Lock& lock);
[[nodiscard]] std::string explain_unusable(Rule rule, const UserLevel& level);
// For the rules of length, of a stay from `starts_at` to `ends_at` on `level` (null: on none).
[[nodiscard]] std::string explain_length(Rule rule, const UserLevel* level, const Zone& zone,
                                         Timestamp starts_at, Timestamp ends_at);

}  // namespace oracode::userlevel
