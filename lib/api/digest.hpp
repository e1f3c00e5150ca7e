// SHA-256 of a text. Pure.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace oracode::api {

using Digest = std::array<unsigned char, 32>;

[[nodiscard]] Digest sha256(std::string_view text);

[[nodiscard]] std::string base64(const Digest& digest);

}  // namespace oracode::api
