// Small things of texts. Pure; any thread.
#pragma once

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

// `text` without the byte-order mark that some editors put before UTF-8; a view into `text`.
[[nodiscard]] constexpr std::string_view without_byte_order_mark(std::string_view text) {
    constexpr std::string_view mark = "\xEF\xBB\xBF";
    if (text.starts_with(mark)) text.remove_prefix(mark.size());
    return text;
}

}  // namespace oracode
