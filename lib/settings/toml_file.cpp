#include "settings/toml_file.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <toml++/toml.h>

namespace oracode::settings {
namespace {

using values::Shape;

std::size_t line_of(const toml::source_region& region) {
    return region.begin.line;
}

Piece piece_of(const toml::node& node) {
    const auto line = line_of(node.source());
    if (const auto text = node.value_exact<std::string>()) return {*text, line, Shape::string};
    if (const auto number = node.value_exact<std::int64_t>())
        return {std::to_string(*number), line, Shape::integer};
    if (const auto truth = node.value_exact<bool>())
        return {*truth ? "true" : "false", line, Shape::boolean};
    return {"", line, node.is_array() ? Shape::array : Shape::other};
}

Given given_of(const toml::node& node, std::size_t line, const std::string& source,
               const std::filesystem::path& base) {
    Given given{source, line, Shape::other, {}, base};
    if (const auto* array = node.as_array()) {
        given.shape = Shape::array;
        for (const auto& element : *array) given.pieces.push_back(piece_of(element));
    } else {
        given.pieces.push_back(piece_of(node));
        given.shape = given.pieces.front().shape;
    }
    return given;
}

// The parser's own words, less what they quote from the file: that might be a secret.
std::string without_quotations(std::string_view description) {
    description = description.substr(0, description.find(", saw "));
    std::string out;
    while (!description.empty()) {
        const auto open = description.find('\'');
        const auto close = open == std::string_view::npos ? open : description.find('\'', open + 1);
        if (close == std::string_view::npos) break;
        const auto inside = description.substr(open + 1, close - open - 1);
        const bool harmless =
            inside.size() == 1 || (inside.size() <= 32 && std::ranges::all_of(inside, [](char c) {
                                       return (c >= 'a' && c <= 'z') || c == '_' || c == '.';
                                   }));
        out += description.substr(0, open);
        out += harmless ? fmt::format("'{}'", inside) : "'…'";
        description.remove_prefix(close + 1);
    }
    out += description;
    return out;
}

}  // namespace

Document read_toml(std::string_view text, const std::string& source,
                   const std::filesystem::path& base) {
    Document document;
    toml::table root;
    try {
        root = toml::parse(text);
    } catch (const toml::parse_error& error) {
        document.problems.push_back(
            {source, line_of(error.source()), "",
             "this is not TOML: " + without_quotations(error.description())});
        return document;
    }
    const auto add_entries = [&](std::string_view section, const toml::table& table,
                                 std::vector<Entry>& to) {
        for (const auto& [name, value] : table)
            to.push_back({std::string(section), std::string(name),
                          given_of(value, line_of(name.source()), source, base)});
    };
    for (const auto& [section, node] : root) {
        const auto* table = node.as_table();
        const bool listed = node.is_array_of_tables();
        document.sections.push_back(
            {std::string(section), line_of(section.source()), table != nullptr, listed});
        if (table != nullptr) add_entries(section, *table, document.entries);
        if (!listed) continue;
        for (const auto& element : *node.as_array()) {
            auto& one = document.tables.emplace_back();
            one.name = section;
            one.line = line_of(element.source());
            add_entries(section, *element.as_table(), one.entries);
        }
    }
    return document;
}

}  // namespace oracode::settings
