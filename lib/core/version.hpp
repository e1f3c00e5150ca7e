// The version of this build. One file holds it, so that another version recompiles nothing else.
#pragma once

#include <string_view>

namespace oracode {

// As CMake's project() states it, such as "0.2.0". Any thread.
[[nodiscard]] std::string_view version();

}  // namespace oracode
