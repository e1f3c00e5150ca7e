// Seam's refusals and silences as answers to a caller who waits for Seam. Pure.
#pragma once

#include <boost/json/object.hpp>

#include "http/message.hpp"
#include "seam/client_answer.hpp"

namespace oracode::api {

// 502 with Seam's words and request id where it refused; its 429 as 429; 404 where it does not know
// the lock; 503 where there is no API key or Seam cannot be reached.
[[nodiscard]] http::Response seam_problem(const seam::CallError& error,
                                          std::string_view request_id);

// 503: Seam cannot be asked without a key.
[[nodiscard]] http::Response no_api_key(std::string_view request_id);

// `seam_error` and `seam_request_id`, as far as Seam gave any.
[[nodiscard]] boost::json::object seam_members(const seam::CallError& error);

// Retry-After in whole seconds, at least one.
void add_retry_after(http::Response& response, Duration wait);

}  // namespace oracode::api
