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

// Rows under a heading, each column as wide as its widest cell. Control characters are shown as
// '?', so that a name from outside cannot steer the terminal.
class Table {
public:
    // Without a heading: a list of names and values.
    Table() = default;
    explicit Table(std::vector<std::string> heading);

    void add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }
    void print(std::ostream& out, bool colour) const;

private:
    std::vector<std::vector<Cell>> rows_;
};

[[nodiscard]] std::string painted(std::string_view text, Hue hue, bool colour);
[[nodiscard]] std::string printable(std::string_view text);

// True if `descriptor` is a terminal that takes colours: NO_COLOR is not set and TERM is not
// "dumb".
[[nodiscard]] bool takes_colour(int descriptor);

// "2026-03-05 07:00:00 PST" in the process's time zone (TZ).
[[nodiscard]] std::string local_time(Timestamp at);
// The same of an RFC 3339 text; a text that is none is returned as it is.
[[nodiscard]] std::string local_time(std::string_view rfc3339);

}  // namespace oracode::ctl
