#include "settings/given.hpp"

#include "core/text.hpp"

namespace oracode::settings {

Given given_by_text(std::string source, std::string_view text, bool list) {
    Given given;
    given.source = std::move(source);
    if (!list) {
        given.pieces.push_back({std::string(trim(text))});
        return given;
    }
    for (const auto part : parts_of(text, ",\n"))
        if (const auto piece = trim(part); !piece.empty())
            given.pieces.push_back({std::string(piece)});
    return given;
}

Given given_by_lines(std::string source, std::string_view text) {
    Given given;
    given.source = std::move(source);
    std::size_t number = 0;
    for (const auto part : parts_of(without_byte_order_mark(text), "\n")) {
        ++number;
        if (const auto line = trim(part); !line.empty() && line.front() != '#')
            given.pieces.push_back({std::string(line), number});
    }
    return given;
}

}  // namespace oracode::settings
