// SHA-256, by OpenSSL. Pure; any thread.
#pragma once

#include <array>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace oracode {

using Digest = std::array<unsigned char, 32>;

// Of the parts one after the other. Throws std::runtime_error where OpenSSL has no SHA-256.
[[nodiscard]] Digest sha256(std::initializer_list<std::string_view> parts);
[[nodiscard]] inline Digest sha256(std::string_view text) {
    return sha256({text});
}

// In lower-case hexadecimal digits.
[[nodiscard]] std::string hex(std::span<const unsigned char> bytes);

}  // namespace oracode
