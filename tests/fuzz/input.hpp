// What every target shares: its promises, and its input as the types of the product.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"

namespace oracode::fuzz {

inline constexpr Timestamp now{std::chrono::seconds{1'772'463'600}};

// A promise: where it does not hold, libFuzzer keeps the input.
inline void require(bool held) {
    if (!held) std::abort();
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

// Its lines, which stand for several values of one input; as many as there are, at least `least`.
inline std::vector<std::string_view> lines_of(std::string_view text, std::size_t least = 0) {
    std::vector<std::string_view> lines;
    for (;;) {
        const auto end = text.find('\n');
        lines.push_back(text.substr(0, end));
        if (end == std::string_view::npos) break;
        text.remove_prefix(end + 1);
    }
    while (lines.size() < least) lines.emplace_back();
    return lines;
}

inline bool has_control_characters(std::string_view text) {
    for (const char c : text)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return true;
    return false;
}

}  // namespace oracode::fuzz
