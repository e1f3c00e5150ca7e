#include "logging/line.hpp"

#include <cmath>
#include <iterator>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "core/text.hpp"

namespace oracode::log {
namespace {

constexpr std::size_t longest_text = 2048;
constexpr char32_t malformed = 0xFFFFFFFF;

struct Character {
    char32_t code = malformed;
    std::size_t bytes = 1;
};

// The first character of `text`, which is not empty; overlong forms and surrogates are malformed.
Character first_character(std::string_view text) {
    const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned lead = byte(0);
    if (lead < 0x80) return {lead, 1};
    const std::size_t length = lead < 0xC2   ? 0
                               : lead < 0xE0 ? 2
                               : lead < 0xF0 ? 3
                               : lead < 0xF5 ? 4
                                             : 0;
    if (length == 0 || text.size() < length) return {};
    char32_t code = lead & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if (!continues_character(text[i])) return {};
        code = (code << 6) | (byte(i) & 0x3FU);
    }
    constexpr char32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (code < smallest[length] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return {};
    return {code, length};
}

// What could end the line, steer a terminal or reorder what a reader sees.
bool is_unprintable(char32_t code) {
    return code < 0x20 || (code >= 0x7F && code <= 0x9F) || code == 0x2028 || code == 0x2029 ||
           (code >= 0x200E && code <= 0x200F) || (code >= 0x202A && code <= 0x202E) ||
           (code >= 0x2066 && code <= 0x2069) || code == 0xFEFF || code == malformed;
}

void append_escaped(std::string& out, char32_t code, std::string_view bytes) {
    switch (code) {
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        case '"':
            out += "\\\"";
            return;
        case '\\':
            out += "\\\\";
            return;
    }
    if (!is_unprintable(code)) {
        out += bytes;
    } else if (code == malformed || code < 0x80) {
        fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(bytes[0]));
    } else {
        fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<std::uint32_t>(code));
    }
}

bool is_plain(std::string_view text) {
    if (text.empty() || text.size() > longest_text) return false;
    for (const char c : text)
        if (c <= ' ' || c >= 0x7F || c == '"' || c == '\\' || c == '=') return false;
    return true;
}

void append_text(std::string& out, std::string_view whole) {
    if (is_plain(whole)) {
        out += whole;
        return;
    }
    out += '"';
    const auto text = whole_characters(whole, longest_text);
    for (std::size_t i = 0; i < text.size();) {
        const auto character = first_character(text.substr(i));
        append_escaped(out, character.code, text.substr(i, character.bytes));
        i += character.bytes;
    }
    if (text.size() < whole.size()) out += "…";
    out += '"';
}

void append_json(std::string& out, std::string_view whole) {
    std::string clean;
    const auto text = whole_characters(whole, longest_text);
    for (std::size_t i = 0; i < text.size();) {
        const auto character = first_character(text.substr(i));
        // Boost.JSON escapes what JSON demands (all below U+0020) but passes every other byte
        // through.
        if (character.code >= 0x20 && is_unprintable(character.code))
            clean += "\uFFFD";
        else
            clean += text.substr(i, character.bytes);
        i += character.bytes;
    }
    if (text.size() < whole.size()) clean += "…";
    out += boost::json::serialize(boost::json::string_view{clean});
}

void append_value(std::string& out, Format format, const Field::Value& value) {
    const auto text = [&](std::string_view t) {
        format == Format::json ? append_json(out, t) : append_text(out, t);
    };
    std::visit(
        [&](const auto& v) {
            using T = std::decay_t<decltype(v)>;
            if constexpr (std::same_as<T, std::string_view>) {
                text(v);
            } else if constexpr (std::same_as<T, Timestamp>) {
                text(format_rfc3339(v));
            } else if constexpr (std::same_as<T, double>) {
                if (format == Format::json && !std::isfinite(v))
                    out += "null";
                else
                    fmt::format_to(std::back_inserter(out), "{}", v);
            } else {
                fmt::format_to(std::back_inserter(out), "{}", v);
            }
        },
        value);
}

// The numbers of syslog(3), which the journal reads.
int priority(Level level) {
    switch (level) {
        case Level::trace:
        case Level::debug:
            return 7;
        case Level::info:
            return 6;
        case Level::warn:
            return 4;
        case Level::error:
            return 3;
    }
    return 6;
}

}  // namespace

void append_line(std::string& out, const LineStyle& style, Timestamp at, Level level,
                 std::string_view event, std::span<const Field> fields) {
    if (style.journal) fmt::format_to(std::back_inserter(out), "<{}>", priority(level));
    if (style.format == Format::json) {
        out += '{';
        if (!style.journal) {
            out += "\"time\":\"";
            append_rfc3339(out, at);
            out += "\",";
        }
        fmt::format_to(std::back_inserter(out), "\"level\":\"{}\",\"event\":", name(level));
        append_json(out, event);
        for (const auto& field : fields) {
            out += ',';
            append_json(out, field.key());
            out += ':';
            append_value(out, style.format, field.value());
        }
        out += '}';
        return;
    }
    if (!style.journal) {
        append_rfc3339(out, at);
        fmt::format_to(std::back_inserter(out), " {:<5} ", name(level));
    }
    append_text(out, event);
    for (const auto& field : fields) {
        out += ' ';
        append_text(out, field.key());
        out += '=';
        append_value(out, style.format, field.value());
    }
}

}  // namespace oracode::log
