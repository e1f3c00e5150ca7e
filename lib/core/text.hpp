// Small things of texts. Pure; any thread.
#pragma once

#include <cstddef>
#include <string_view>

namespace oracode {

inline constexpr std::string_view white_space = " \t\r\n\v\f";
inline constexpr std::string_view blanks = " \t";  // optional white space of HTTP (RFC 9110, 5.6.3)

// `text` without what is around it of `white`; a view into `text`.
[[nodiscard]] constexpr std::string_view trim(std::string_view text,
                                              std::string_view white = white_space) {
    const auto first = text.find_first_not_of(white);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(white) - first + 1);
}

// Whether both are the same but for the case of ASCII letters. Boost.Beast's function of this name
// reads the byte behind the end of both, which need not be there (1.81).
[[nodiscard]] constexpr bool iequals(std::string_view a, std::string_view b) {
    const auto lower = [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    };
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (lower(a[i]) != lower(b[i])) return false;
    return true;
}

// `text` without the byte-order mark that some editors put before UTF-8; a view into `text`.
[[nodiscard]] constexpr std::string_view without_byte_order_mark(std::string_view text) {
    constexpr std::string_view mark = "\xEF\xBB\xBF";
    if (text.starts_with(mark)) text.remove_prefix(mark.size());
    return text;
}

}  // namespace oracode
