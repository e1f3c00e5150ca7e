// What one source says about one key, before it is understood. Internal to settings; values.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "settings/values.hpp"

namespace oracode::settings {

// One text of a value, and the line it stands on (0 outside of files).
struct Piece {
    std::string text;
    std::size_t line = 0;
    values::Shape shape = values::Shape::untyped;
};

struct Given {
    std::string source;  // as in Problem
    std::size_t line = 0;
    values::Shape shape = values::Shape::untyped;
    std::vector<Piece> pieces;   // the elements of an array; otherwise one
    std::filesystem::path base;  // where relative paths start
};

// A text from the environment or a flag: one piece, or as a list what commas and newlines separate.
[[nodiscard]] Given given_by_text(std::string source, std::string_view text, bool list);

// The lines of a file with secrets, less blank ones and those that begin with '#'; a byte order
// mark at the start is not part of the first one.
[[nodiscard]] Given given_by_lines(std::string source, std::string_view text);

struct Fault {
    std::size_t line = 0;  // 0: where the key itself stands
    std::string sentence;
};

}  // namespace oracode::settings
