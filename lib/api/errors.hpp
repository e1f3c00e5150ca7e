// Errors as answers: the one place that maps an Errc to a status and a problem type. Pure.
#pragma once

#include <string_view>

#include "core/result.hpp"
#include "http/message.hpp"

namespace oracode::api {

// `error.detail` stays inside; only its code reaches the client.
[[nodiscard]] http::Response problem(const Error& error, std::string_view request_id);

// 404 that names `what` ("Access code") was not found.
[[nodiscard]] http::Response not_found(std::string_view what, std::string_view id,
                                       std::string_view request_id);
// The same for a code that a look into the store did not give; any other error as `problem` does.
[[nodiscard]] http::Response no_such_code(const Error& error, std::string_view id,
                                          std::string_view request_id);

// 400 with a sentence meant for the client.
[[nodiscard]] http::Response bad_request(std::string_view detail, std::string_view request_id);

[[nodiscard]] http::Response json_response(unsigned status, std::string body);

}  // namespace oracode::api
