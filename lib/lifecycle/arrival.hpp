// Whether a guest who is in the house, or arrives, has a PIN that is in order. Pure.
#pragma once

#include "lifecycle/access_code.hpp"

namespace oracode::lifecycle {

// From `before` ahead of the start to the end a code is in order when nothing but its start is
// missing. Earlier than that, Seam has not begun to register it, and only what will not mend by
// itself counts.
[[nodiscard]] bool in_order(const AccessCode& code, Timestamp now, Duration before);

}  // namespace oracode::lifecycle
