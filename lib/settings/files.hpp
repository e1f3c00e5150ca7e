// Who may read the files that settings name. Internal to settings; blocks, for start and reload
// only.
#pragma once

#include <filesystem>

namespace oracode::settings {

// Whether it is a regular file that every user of this machine may read.
[[nodiscard]] bool is_open_to_everyone(const std::filesystem::path& path);

}  // namespace oracode::settings
