// gzip for answers that are worth it (RFC 9110, 8.4 and 12.5.3). Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "http/message.hpp"

namespace oracode::http {

// In bytes: shorter bodies are sent as they are.
inline constexpr std::size_t worth_compressing = std::size_t{16} << 10;

// Whether Accept-Encoding names gzip (or `*`) with a weight above 0. Without the header: no.
[[nodiscard]] bool accepts_gzip(const Request& request);

enum class Effort {
    once,  // for an answer that is sent a single time
    kept,  // for a text that is compressed once and sent often
};

// Throws std::bad_alloc.
[[nodiscard]] std::string gzip(std::string_view text, Effort effort);

// Says in `response` that it depends on Accept-Encoding, and, where its client `takes_gzip`,
// compresses a body that is worth it. Not for answers with a strong ETag. Takes as long as `gzip`:
// not to be called on an I/O thread.
void encode(Response& response, bool takes_gzip);

}  // namespace oracode::http
