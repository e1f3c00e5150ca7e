// Finding PINs in what Seam sent. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace oracode::store {

// `json` with null for the value of every member named "code" that is a text or a number, at any
// depth, and not another byte changed. nullopt where there is none.
[[nodiscard]] std::optional<std::string> without_pins(std::string_view json);

}  // namespace oracode::store
