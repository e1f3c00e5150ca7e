// Small files that people name, and folders. Blocks.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "core/result.hpp"

namespace oracode {

// The whole file. Fails with Errc::invalid_argument and why ("No such file or directory"); so it
// does where the file is longer than `longest` bytes.
[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& path,
                                            std::size_t longest = 1U << 20);

// Makes the names in the folder of `path` durable. False, with errno, when the disk refuses.
[[nodiscard]] bool sync_folder_of(const std::filesystem::path& path);

}  // namespace oracode
