#include "settings/wording.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include <fmt/format.h>

#include "settings/keys.hpp"

namespace oracode::settings {
namespace {

// Levenshtein's distance.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j < b.size(); ++j) {
            const auto replaced = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, diagonal + 1, row[j] + 1});
        }
    }
    return row.back();
}

template <class Name>
std::string suggest(std::string_view wrong, Name&& name) {
    constexpr std::size_t too_far = 4;
    if (wrong.size() > 100) return {};
    std::string nearest;
    auto shortest = std::min(too_far, std::max<std::size_t>(wrong.size() / 2, 1));
    for (const auto& key : all_keys()) {
        const std::string candidate{name(key.description)};
        if (const auto d = distance(wrong, candidate); d < shortest) {
            shortest = d;
            nearest = candidate;
        }
    }
    return nearest.empty() ? "" : fmt::format("; did you mean {}?", nearest);
}

}  // namespace

std::string in_quotes(std::string_view text) {
    constexpr std::size_t longest = 80;
    if (text.find("whsec_") != std::string_view::npos) return "what looks like a secret";
    std::string out = "\"";
    for (const char c : text.substr(0, longest)) out += c >= ' ' && c < 0x7F ? c : '?';
    out += text.size() > longest ? "…\"" : "\"";
    return out;
}

std::string suggest_key(std::string_view name) {
    return suggest(name, [](const KeyDescription& key) { return key.key; });
}

std::string suggest_variable(std::string_view name) {
    return suggest(name, [](const KeyDescription& key) { return key.variable; });
}

std::string suggest_section(std::string_view name) {
    return suggest(name,
                   [](const KeyDescription& key) { return key.key.substr(0, key.key.find('.')); });
}

}  // namespace oracode::settings
