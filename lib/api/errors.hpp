// Errors as answers: the one place that maps an Errc to a status and a problem type. Pure.
#pragma once

#include <string_view>

#include "core/result.hpp"
#include "http/message.hpp"

namespace oracode::api {

// `error.detail` stays inside; only its code reaches the client.
[[nodiscard]] http::Response problem(const Error& error, std::string_view request_id);

// 400 with a sentence meant for the client.
[[nodiscard]] http::Response bad_request(std::string_view detail, std::string_view request_id);

[[nodiscard]] http::Response json_response(unsigned status, std::string body);

}  // namespace oracode::api
