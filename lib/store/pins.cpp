#include "store/pins.hpp"

namespace oracode::store {
namespace {

constexpr std::string_view blank = " \t\r\n";

// Behind the text that begins at `at` with its quotation mark.
std::size_t end_of_text(std::string_view json, std::size_t at) {
    for (++at; at < json.size() && json[at] != '"'; ++at)
        if (json[at] == '\\') ++at;
    return std::min(at + 1, json.size());
}

std::size_t behind_blanks(std::string_view json, std::size_t at) {
    return std::min(json.find_first_not_of(blank, at), json.size());
}

// Behind the text or number that begins at `at`; `at` itself for anything else.
std::size_t end_of_value(std::string_view json, std::size_t at) {
    if (at == json.size()) return at;
    if (json[at] == '"') return end_of_text(json, at);
    return std::min(json.find_first_not_of("+-.0123456789eE", at), json.size());
}

}  // namespace

std::optional<std::string> without_pins(std::string_view json) {
    std::string out;
    std::size_t copied = 0;
    for (std::size_t at = json.find('"'); at < json.size(); at = json.find('"', at)) {
        const auto end = end_of_text(json, at);
        const auto text = json.substr(at, end - at);
        at = end;
        const auto colon = behind_blanks(json, end);
        if (text != "\"code\"" || colon == json.size() || json[colon] != ':') continue;
        const auto value = behind_blanks(json, colon + 1);
        at = end_of_value(json, value);
        if (at == value) continue;
        out.append(json.substr(copied, value - copied)).append("null");
        copied = at;
    }
    if (copied == 0) return std::nullopt;
    return out.append(json.substr(copied));
}

}  // namespace oracode::store
