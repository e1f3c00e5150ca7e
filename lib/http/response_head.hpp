// Writes the head of an answer straight into the session's output: no response object, no stream.
// Pure.
#pragma once

#include <string>
#include <string_view>

#include "http/message.hpp"

namespace oracode::http {

struct HeadContext {
    std::string_view date;
    std::string_view request_id;
    bool keep_alive = true;
    bool http10 = false;  // of the request: then keep-alive is said, being no default there
};

// Appends status line, headers and the empty line. Content-Length is that of `response.body`, also
// where the body is left out (HEAD); 204 and 304 carry none.
void append_head(std::string& out, const Response& response, const HeadContext& context);

[[nodiscard]] constexpr bool has_body(unsigned status) {
    return status != 204 && status != 304;
}

}  // namespace oracode::http
