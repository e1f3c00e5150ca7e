#include "ctl/table.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>
#include <ostream>

#include <unistd.h>

#include "core/text.hpp"

namespace oracode::ctl {
namespace {

constexpr std::string_view gap = "  ";

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

std::size_t columns(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return !continues_character(c); }));
}

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

std::string shortened(std::string text, std::size_t width) {
    if (text.empty()) return "-";
    std::size_t characters = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (continues_character(text[at]) || ++characters <= width) continue;
        return std::string(whole_characters(text, at - 1)) + "…";
    }
    return text;
}

std::string or_dash(std::string text) {
    return text.empty() ? "-" : std::move(text);
}

std::vector<std::string> wrapped(std::string_view text, std::size_t most) {
    std::vector<std::string> lines(1);
    while (!text.empty()) {
        const auto word = text.substr(0, text.find(' '));
        text.remove_prefix(std::min(word.size() + 1, text.size()));
        if (word.empty()) continue;
        if (!lines.back().empty() && columns(lines.back()) + 1 + columns(word) > most)
            lines.emplace_back();
        if (!lines.back().empty()) lines.back() += ' ';
        lines.back() += word;
    }
    return lines;
}

Table::Table(std::vector<std::string> heading) {
    auto& row = rows_.emplace_back();
    for (auto& name : heading) row.cells.emplace_back(std::move(name), Hue::bold);
}

std::vector<std::size_t> Table::widths() const {
    std::vector<std::size_t> widths;
    for (const auto& row : rows_) {
        widths.resize(std::max(widths.size(), row.cells.size()));
        for (std::size_t i = 0; i < row.cells.size(); ++i)
            widths[i] = std::max(widths[i], columns(printable(row.cells[i].text)));
    }
    return widths;
}

void Table::print(std::ostream& out, bool colour) const {
    const auto widths = this->widths();
    // Narrower than this the last column is not made.
    constexpr std::size_t least = 12;
    std::size_t last_begins = 0;
    for (std::size_t i = 0; i + 1 < widths.size(); ++i) last_begins += widths[i] + gap.size();
    const auto last_width = screen_width > last_begins + least ? screen_width - last_begins : least;
    for (const auto& row : rows_) {
        std::string line;
        std::size_t owed =
            0;  // blanks before the next text; those after the last are never written
        for (std::size_t i = 0; i < row.cells.size(); ++i) {
            const auto& cell = row.cells[i];
            const auto text = printable(cell.text);
            std::string indent(owed, ' ');
            if (i + 1 == widths.size() && columns(text) > last_width) {
                for (const auto& part : wrapped(text, last_width)) {
                    line.append(indent).append(painted(part, cell.hue, colour));
                    indent = '\n' + std::string(last_begins, ' ');
                }
                continue;
            }
            if (!text.empty()) {
                line.append(indent).append(painted(text, cell.hue, colour));
                owed = 0;
            }
            owed += widths[i] - columns(text) + gap.size();
        }
        out << line << '\n';
        if (!row.below.empty())
            out << gap << painted(printable(row.below), Hue::faint, colour) << '\n';
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
