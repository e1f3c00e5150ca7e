// What is refused before Beast's parser sees it, because Beast 1.81 is too lenient for a server
// behind other people's proxies. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "http/limits.hpp"

namespace oracode::http {

// Why a request is not served. `reason` is static and from a small fixed set: for metrics and logs,
// never for the client.
struct Rejection {
    unsigned status;
    std::string_view reason;
    // The header that is to blame, where the reason does not say it; static too.
    std::string_view header{};

    friend bool operator==(const Rejection&, const Rejection&) = default;
};

// Checks one request head, request line to closing empty line. Refuses with 400: Transfer-Encoding
// under HTTP/1.0, other than exactly one `chunked`, or beside Content-Length; Content-Length twice,
// as a list or not a plain number; folded lines; Host missing or repeated (HTTP/1.1) or with
// characters no host has; one of Limits::single_headers repeated. Refuses with 431 what exceeds
// Limits::max_header or max_fields. Tokens and control characters are left to the parser behind it.
[[nodiscard]] std::optional<Rejection> gate(std::string_view head, const Limits& limits);

// Looks for the end of a request head in what has arrived so far.
struct HeadSearch {
    std::size_t scanned = 0;  // where the next search goes on
    std::size_t end = 0;      // size of the head with its closing empty line; 0: not complete
    bool broken = false;      // a line ended with a bare LF
};
void find_head_end(std::string_view input, HeadSearch& search);

}  // namespace oracode::http
