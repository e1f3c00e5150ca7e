// The query parameters of a request, checked against what its resource knows. A value; it owns its
// texts.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.hpp"

namespace oracode::http {

class Query {
public:
    // Decodes `text` (what follows '?'; '+' is a space). Fails with Errc::invalid_argument on a
    // name not in `known`, a name given twice (unless it is known as "name...", whose values are
    // then joined by commas), or broken encoding; the detail says which and, unlike other details,
    // may be shown to the client.
    [[nodiscard]] static Result<Query> parse(std::string_view text,
                                             std::initializer_list<std::string_view> known);

    // The value of `name`, empty where it was given without one; nullopt where it was not given.
    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;

private:
    std::vector<std::pair<std::string, std::string>> parameters_;
};

}  // namespace oracode::http
