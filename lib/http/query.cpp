#include "http/query.hpp"

#include <algorithm>

#include <boost/url/pct_string_view.hpp>
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

std::optional<std::string> decoded(std::string_view text) {
    // RFC 3986, 3.4: these have to be escaped.
    if (text.find_first_of("\"<>\\^`{|} ") != std::string_view::npos) return std::nullopt;
    const auto encoded = boost::urls::make_pct_string_view({text.data(), text.size()});
    if (!encoded) return std::nullopt;
    boost::urls::encoding_opts options;
    options.space_as_plus = true;
    return encoded->decode(options);
}

}  // namespace

// Cut by hand: of a query that is not followed by a NUL, Boost.URL 1.81's parse_query takes what
// comes after it for part of the last value.
Result<Query> Query::parse(std::string_view text, std::initializer_list<std::string_view> known) {
    Query query;
    while (!text.empty()) {
        const auto end = std::min(text.find('&'), text.size());
        const auto parameter = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const auto equals = std::min(parameter.find('='), parameter.size());
        auto name = decoded(parameter.substr(0, equals));
        auto value = decoded(parameter.substr(std::min(equals + 1, parameter.size())));
        if (!name || !value) return invalid("The query is not validly encoded.");
        if (name->empty() && value->empty()) continue;  // "a=1&", "&&"
        const auto knows = [&](std::string_view wanted) {
            return std::ranges::find(known, wanted) != known.end();
        };
        const bool repeatable = knows(*name + "...");
        if (!repeatable && (!knows(*name) || name->ends_with('.')))
            return invalid(fmt::format("There is no query parameter '{}' here.", quotable(*name)));
        const auto before = std::ranges::find(
            query.parameters_, *name, [](const auto& p) -> const std::string& { return p.first; });
        if (before != query.parameters_.end() && repeatable) {
            before->second += ',' + *value;
            continue;
        }
        if (before != query.parameters_.end())
            return invalid(
                fmt::format("The query parameter '{}' is given twice.", quotable(*name)));
        query.parameters_.emplace_back(std::move(*name), std::move(*value));
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
