// A user level with its times read, and the questions one level answers alone: where an end of a
// stay is rounded to, and which rules of length a stay breaks. For match and nearest; pure, any
// thread.
#pragma once

#include <optional>
#include <vector>

#include "userlevel/rule.hpp"
#include "userlevel/user_level.hpp"

namespace oracode::userlevel {

// Seam's default, and what it takes off or adds in either direction.
inline constexpr Duration hour_rounding = std::chrono::hours{1};
inline constexpr Duration day_rounding = std::chrono::hours{24};

inline constexpr std::chrono::days longest_stay{31};
inline constexpr std::chrono::days longest_biweekly_stay{14};

struct Slot {
    const UserLevel* level = nullptr;  // not owned
    std::chrono::milliseconds check_in{};
    std::chrono::milliseconds check_out{};
};

// nullopt if one of its times cannot be read.
[[nodiscard]] std::optional<Slot> read_slot(const UserLevel& level);

// The occurrences that an end of the request may be moved to, the preferred one first; none if all
// are further than `limit`. See the rule of rounding in match.hpp.
[[nodiscard]] std::vector<Timestamp> round_end(const Slot& slot, const Zone& zone, Timestamp at,
                                               End end, Duration limit);

// The rules of length that a stay with exactly this level's times breaks.
[[nodiscard]] std::vector<Rule> broken_lengths(const Slot& slot, const Zone& zone,
                                               Timestamp starts_at, Timestamp ends_at);

// The first and the last check-out that make a usable stay of a check-in.
[[nodiscard]] std::optional<Timestamp> first_end(const Slot& slot, const Zone& zone,
                                                 Timestamp starts_at);
[[nodiscard]] std::optional<Timestamp> last_end(const Slot& slot, const Zone& zone,
                                                Timestamp starts_at);

}  // namespace oracode::userlevel
