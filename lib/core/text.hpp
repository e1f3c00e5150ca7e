// Small things of texts. Pure; any thread.
#pragma once

#include <charconv>
#include <cstddef>
#include <optional>
#include <string_view>
#include <system_error>
#include <vector>

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

// What stands between `separators`, each one character: one part more than there are of these, also
// empty ones; views into `text`.
[[nodiscard]] inline std::vector<std::string_view> parts_of(std::string_view text,
                                                            std::string_view separators) {
    std::vector<std::string_view> parts;
    while (true) {
        const auto end = text.find_first_of(separators);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
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

[[nodiscard]] constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// All of `text` as a number in digits of `base`, with a sign in front where `Number` has one;
// nullopt for anything else and for what `Number` cannot hold.
template <class Number>
[[nodiscard]] std::optional<Number> parse_number(std::string_view text, int base = 10) {
    Number number{};
    const auto* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, number, base);
    if (error != std::errc{} || stopped != end) return std::nullopt;
    return number;
}

// Whether `c` is a byte of a UTF-8 character, but not its first.
[[nodiscard]] constexpr bool continues_character(char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

// The first bytes of `text`, `most` of them or up to three fewer, so that no UTF-8 character is
// cut; a view into `text`.
[[nodiscard]] constexpr std::string_view whole_characters(std::string_view text, std::size_t most) {
    if (text.size() <= most) return text;
    const auto least = most - (most < 3 ? most : 3);
    while (most > least && continues_character(text[most])) --most;
    return text.substr(0, most);
}

// `text` without the byte-order mark that some editors put before UTF-8; a view into `text`.
[[nodiscard]] constexpr std::string_view without_byte_order_mark(std::string_view text) {
    constexpr std::string_view mark = "\xEF\xBB\xBF";
    if (text.starts_with(mark)) text.remove_prefix(mark.size());
    return text;
}

}  // namespace oracode
