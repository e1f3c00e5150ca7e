// The machine's groups.
#pragma once

#include <optional>
#include <string>

namespace oracode::settings {

// The number of the group with this name or number; nullopt when there is none of that name.
[[nodiscard]] std::optional<unsigned> find_group(const std::string& name);

}  // namespace oracode::settings
