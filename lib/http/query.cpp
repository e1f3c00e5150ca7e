#include "http/query.hpp"

#include <algorithm>

#include <boost/url/params_encoded_view.hpp>
#include <boost/url/parse_query.hpp>
#include <fmt/format.h>

namespace oracode::http {
namespace {

Error invalid(std::string detail) {
    return {Errc::invalid_argument, std::move(detail)};
}

// A name as it may be said back: short, and nothing but letters that no log or page minds.
std::string quotable(std::string_view name) {
    std::string text{name.substr(0, 40)};
    std::ranges::replace_if(
        text, [](char c) { return c < 0x20 || c >= 0x7f || c == '"' || c == '\\'; }, '.');
    return text;
}

}  // namespace

Result<Query> Query::parse(std::string_view text, std::initializer_list<std::string_view> known) {
    Query query;
    if (text.empty()) return query;
    const auto parsed = boost::urls::parse_query({text.data(), text.size()});
    if (!parsed) return invalid("The query is not validly encoded.");
    boost::urls::encoding_opts options;
    options.space_as_plus = true;
    for (const auto parameter : *parsed) {
        auto name = parameter.key.decode(options);
        auto value = parameter.has_value ? parameter.value.decode(options) : std::string{};
        if (name.empty() && value.empty()) continue;  // "a=1&", "&&"
        if (std::ranges::find(known, std::string_view{name}) == known.end())
            return invalid(fmt::format("There is no query parameter '{}' here.", quotable(name)));
        if (query.find(name))
            return invalid(fmt::format("The query parameter '{}' is given twice.", quotable(name)));
        query.parameters_.emplace_back(std::move(name), std::move(value));
    }
    return query;
}

std::optional<std::string_view> Query::find(std::string_view name) const {
    for (const auto& [known, value] : parameters_) {
        if (known == name) return value;
    }
    return std::nullopt;
}

}  // namespace oracode::http
