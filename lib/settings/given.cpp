#include "settings/given.hpp"

#include "core/text.hpp"

namespace oracode::settings {
namespace {

// Calls `use(part, number)` for what `separators` part, numbers counting from 1.
template <class Use>
void each_part(std::string_view text, std::string_view separators, Use&& use) {
    for (std::size_t number = 1;; ++number) {
        const auto end = text.find_first_of(separators);
        use(trim(text.substr(0, end)), number);
        if (end == std::string_view::npos) return;
        text.remove_prefix(end + 1);
    }
}

}  // namespace

Given given_by_text(std::string source, std::string_view text, bool list) {
    Given given;
    given.source = std::move(source);
    if (!list) {
        given.pieces.push_back({std::string(trim(text))});
        return given;
    }
    each_part(text, ",\n", [&given](std::string_view part, std::size_t) {
        if (!part.empty()) given.pieces.push_back({std::string(part)});
    });
    return given;
}

Given given_by_lines(std::string source, std::string_view text) {
    Given given;
    given.source = std::move(source);
    each_part(without_byte_order_mark(text), "\n",
              [&given](std::string_view line, std::size_t number) {
                  if (!line.empty() && line.front() != '#')
                      given.pieces.push_back({std::string(line), number});
              });
    return given;
}

}  // namespace oracode::settings
