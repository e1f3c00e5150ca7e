// Whether a database agrees with itself and with the events it holds.
#pragma once

#include <map>
#include <string>

#include "lifecycle/event.hpp"

namespace oracode::test {

// What is expected to be there. `as_released`: everything, of events that are not known.
enum class Kept { everything, as_released, what_retention_left };

// The first thing that is wrong with the database at `path`; empty: nothing. `events` are those
// that were sent, by event_id: the codes they speak of are worked out from them again. Codes whose
// id begins with "polled" are left out of that, as they have statements that are no events.
[[nodiscard]] std::string complaint_about(const std::string& path,
                                          const std::map<std::string, lifecycle::Event>& events,
                                          Kept kept = Kept::everything);

}  // namespace oracode::test
