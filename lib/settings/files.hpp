// Reading small files that settings name. Internal to settings; blocks, for start and reload only.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

namespace oracode {

// The whole file, or why there is none ("No such file or directory").
struct FileText {
    std::string text;
    std::string error;
};
[[nodiscard]] FileText read_file(const std::filesystem::path& path, std::size_t longest = 1U << 20);

// Whether it is a regular file that every user of this machine may read.
[[nodiscard]] bool is_open_to_everyone(const std::filesystem::path& path);

}  // namespace oracode
