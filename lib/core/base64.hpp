// Base64 with padding (RFC 4648, 4), by OpenSSL. Pure; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace oracode {

// Characters that so many bytes become.
[[nodiscard]] constexpr std::size_t base64_length(std::size_t bytes) {
    return (bytes + 2) / 3 * 4;
}

[[nodiscard]] std::string base64(std::string_view bytes);
[[nodiscard]] std::string base64(std::span<const unsigned char> bytes);

inline constexpr std::size_t longest_base64 = 1024;  // characters that can be decoded

// Writes the decoded bytes to `out`, which has three for each four characters, and returns how many
// they are. Takes only the canonical spelling and at most `longest_base64` characters; nullopt for
// anything else, the empty text included. Leaves no copy of a secret in memory beside `out`.
[[nodiscard]] std::optional<std::size_t> decode_base64(std::string_view text,
                                                       std::span<unsigned char> out);

}  // namespace oracode
