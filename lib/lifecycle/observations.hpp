// The statements about a code's status in the order in which they are believed. Pure.
#pragma once

#include <vector>

#include "lifecycle/access_code.hpp"

namespace oracode::lifecycle {

// Whether such a statement only holds while nothing else is known.
[[nodiscard]] bool is_baseline(LifecycleStep step);

// Puts `statement` into its place of the sorted list, which keeps at most `max_observations`. One
// that is there already changes nothing.
void observe(std::vector<Observation>& observations, const Observation& statement);

// Puts the list in order after instants in it were changed.
void sort_observations(std::vector<Observation>& observations);

}  // namespace oracode::lifecycle
