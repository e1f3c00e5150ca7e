// What can be offered instead: the windows of a lock's levels next to one that no level takes.
// Pure; any thread.
#pragma once

#include <cstddef>
#include <vector>

#include "userlevel/match.hpp"

namespace oracode::userlevel {

inline constexpr std::size_t most_proposals = 32;

// For each usable level the nearest window whose middle lies before that of the request and the
// nearest one after, sorted by distance; windows that several levels give once, at most
// `most_proposals`. All end after `now` and break no rule of length. Too long a request keeps its
// arrival; one that is over is carried on by whole days to `now` before looking; one that ends
// before it starts is taken by its start. At most eight windows of a level are looked at.
[[nodiscard]] std::vector<Proposal> nearest_windows(const Lock& lock, const Zone& zone,
                                                    Timestamp starts_at, Timestamp ends_at,
                                                    Timestamp now);

}  // namespace oracode::userlevel
