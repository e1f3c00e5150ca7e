// An order for a code as callers send it. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <boost/system/result.hpp>

#include "devices/order.hpp"
#include "http/message.hpp"

namespace oracode::api {

// The order in `body`, or the 400 that says what is wrong with it: no JSON object, a member that is
// missing, unknown or of another type, times that cannot be read. What can be read but breaks a
// rule is not a concern of this.
[[nodiscard]] boost::system::result<devices::Order, http::Response> parse_order(
    std::string_view body, std::string_view request_id);

// Of the caller's own reference, in bytes.
inline constexpr std::size_t longest_external_id = 200;

// The `external_id` in the body of a request to track a code; nullopt where there is none, empty to
// take away the one there is. The body may be empty. Else the 400 that says what is wrong with it.
[[nodiscard]] boost::system::result<std::optional<std::string>, http::Response> parse_tracking(
    std::string_view body, std::string_view request_id);

}  // namespace oracode::api
