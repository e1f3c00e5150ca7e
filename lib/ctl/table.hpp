// Text for people: aligned tables, colours where the reader is a terminal, instants in local time.
// Values and pure functions, save for the process's time zone and environment where named.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"

namespace oracode::ctl {

enum class Hue : std::uint8_t { plain, bold, faint, red, green, yellow, magenta };

struct Cell {
    Cell(std::string words, Hue in = Hue::plain) : text(std::move(words)), hue(in) {}
    Cell(const char* words) : text(words) {}

    std::string text;
    Hue hue = Hue::plain;
};

// How wide a screen is at least.
inline constexpr std::size_t screen_width = 80;

// Rows under a heading, each column as wide as its widest cell. What would go beyond the screen in
// the last column goes on in a line below. Control characters are shown as '?', so that a name from
// outside cannot steer the terminal.
class Table {
public:
    // Without a heading: a list of names and values.
    Table() = default;
    explicit Table(std::vector<std::string> heading);

    void add(std::vector<Cell> row) { rows_.push_back({std::move(row), {}}); }
    // A line of its own, indented, below the row that was added last: an id, which is too wide for
    // a column.
    void add_below(std::string text) { rows_.back().below = std::move(text); }
    void print(std::ostream& out, bool colour) const;

private:
    struct Row {
        std::vector<Cell> cells;
        std::string below;
    };
    [[nodiscard]] std::vector<std::size_t> widths() const;

    std::vector<Row> rows_;
};

[[nodiscard]] std::string painted(std::string_view text, Hue hue, bool colour);
[[nodiscard]] std::string printable(std::string_view text);
// Columns on the screen, taking each code point for one: wrong only for combining and double-width
// characters.
[[nodiscard]] std::size_t columns(std::string_view text);
// At most `width` characters; what is left out shows as "…". "-" for an empty text.
[[nodiscard]] std::string shortened(std::string text, std::size_t width);
// "-" for an empty text.
[[nodiscard]] std::string or_dash(std::string text);
// `text` broken between words into lines of at most `width` characters; a longer word stays whole.
[[nodiscard]] std::vector<std::string> wrapped(std::string_view text, std::size_t width);

// True if `descriptor` is a terminal that takes colours: NO_COLOR is not set and TERM is not
// "dumb".
[[nodiscard]] bool takes_colour(int descriptor);

// "2026-03-05 07:00:00 PST" in the process's time zone (TZ).
[[nodiscard]] std::string local_time(Timestamp at);
// The same of an RFC 3339 text; a text that is none is returned as it is.
[[nodiscard]] std::string local_time(std::string_view rfc3339);

}  // namespace oracode::ctl
