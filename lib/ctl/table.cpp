#include "ctl/table.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>
#include <ostream>

#include <unistd.h>

namespace oracode::ctl {
namespace {

constexpr std::string_view gap = "  ";

// Columns on the screen, taking each code point for one: wrong only for combining and double-width
// characters.
std::size_t width(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string_view escape_sequence(Hue hue) {
    switch (hue) {
        case Hue::plain:
            return "";
        case Hue::bold:
            return "\x1b[1m";
        case Hue::faint:
            return "\x1b[2m";
        case Hue::red:
            return "\x1b[31m";
        case Hue::green:
            return "\x1b[32m";
        case Hue::yellow:
            return "\x1b[33m";
        case Hue::magenta:
            return "\x1b[35m";
    }
    return "";
}

}  // namespace

std::string printable(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const auto second = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0U;
        // U+0080-U+009F are control characters too: in UTF-8 0xC2 and a byte below 0xA0.
        const bool two_byte_control = byte == 0xC2U && second >= 0x80U && second < 0xA0U;
        if (two_byte_control) ++i;
        out += two_byte_control || byte < 0x20U || byte == 0x7FU ? '?' : static_cast<char>(byte);
    }
    return out;
}

std::string painted(std::string_view text, Hue hue, bool colour) {
    if (!colour || hue == Hue::plain) return std::string(text);
    return std::string(escape_sequence(hue)).append(text).append("\x1b[0m");
}

Table::Table(std::vector<std::string> heading) {
    auto& row = rows_.emplace_back();
    for (auto& name : heading) row.emplace_back(std::move(name), Hue::bold);
}

void Table::print(std::ostream& out, bool colour) const {
    std::vector<std::size_t> widths;
    for (const auto& row : rows_) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], width(printable(row[i].text)));
    }
    for (const auto& row : rows_) {
        std::string line;
        std::size_t owed =
            0;  // blanks before the next text; those after the last are never written
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string text = printable(row[i].text);
            if (!text.empty()) {
                line.append(owed, ' ').append(painted(text, row[i].hue, colour));
                owed = 0;
            }
            owed += widths[i] - width(text) + gap.size();
        }
        out << line << '\n';
    }
}

bool takes_colour(int descriptor) {
    const char* no_colour = std::getenv("NO_COLOR");
    if (no_colour != nullptr && *no_colour != '\0') return false;
    const char* terminal = std::getenv("TERM");
    if (terminal == nullptr || std::string_view(terminal) == "dumb") return false;
    return isatty(descriptor) == 1;
}

std::string local_time(Timestamp at) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(
        std::chrono::time_point_cast<std::chrono::system_clock::duration>(
            std::chrono::floor<std::chrono::seconds>(at)));
    std::tm parts{};
    localtime_r(&seconds, &parts);
    std::array<char, 64> text{};
    const auto length = std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S %Z", &parts);
    return {text.data(), length};
}

std::string local_time(std::string_view rfc3339) {
    const auto at = parse_rfc3339(rfc3339);
    return at ? local_time(*at) : std::string(rfc3339);
}

}  // namespace oracode::ctl
