// What a request asks for and whether its caller may: the checks that come before every handler's
// own.
#pragma once

#include <initializer_list>
#include <optional>
#include <string_view>

#include "api/access.hpp"
#include "http/query.hpp"

namespace oracode::api {

struct ApiRequest {
    http::Query query;
    bool include_code = false;  // `include=code` by a caller who may write
    Caller caller;
};

// Either what was asked, or the refusal to answer with.
using Authorization = boost::system::result<ApiRequest, http::Response>;

// Checks the caller's right to do what needs `needed`, then that the query has only `known`
// parameters, each once.
[[nodiscard]] Authorization authorize(const Access& access, const http::Request& request,
                                      std::initializer_list<std::string_view> known,
                                      Permission needed = Permission::read);

inline constexpr std::size_t default_limit = 100;

// `limit`, from 1 to 1000; nullopt where it is something else.
[[nodiscard]] std::optional<std::size_t> parse_limit(const http::Query& query);
inline constexpr std::string_view limit_rule = "limit takes a number from 1 to 1000";

}  // namespace oracode::api
