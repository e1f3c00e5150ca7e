// Writes the head of an answer straight into the session's output: no response object, no stream.
// Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.hpp"

namespace oracode::http {

// How the client learns where the body ends.
enum class Framing {
    length,   // Content-Length
    chunked,  // each piece says how long it is
    close,    // HTTP/1.0 knows no chunks: by the end of the connection
};

struct HeadContext {
    std::string_view date;
    std::string_view request_id;
    bool keep_alive = true;
    bool http10 = false;  // of the request: then keep-alive is said, being no default there
    Framing framing = Framing::length;
    std::optional<std::uint64_t> length{};  // where it is not that of `response.body`
};

// Appends status line, headers and the empty line. Content-Length is that of `response.body`, also
// where the body is left out (HEAD); 204 and 304 carry none.
void append_head(std::string& out, const Response& response, const HeadContext& context);

[[nodiscard]] constexpr bool has_body(unsigned status) {
    return status != 204 && status != 304;
}

}  // namespace oracode::http
