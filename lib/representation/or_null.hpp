// JSON members that are null where there is nothing to show. Pure.
#pragma once

#include <optional>
#include <string_view>

#include <boost/json/value.hpp>

namespace oracode::representation {

// Null for an empty text.
[[nodiscard]] inline boost::json::value text_or_null(std::string_view text) {
    return text.empty() ? boost::json::value() : boost::json::value(text);
}

template <class T>
[[nodiscard]] boost::json::value json_or_null(const std::optional<T>& fact) {
    return fact ? boost::json::value(*fact) : boost::json::value();
}

}  // namespace oracode::representation
