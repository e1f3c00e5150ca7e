// Answers that need not be sent again (RFC 9110, 13). Pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/message.hpp"

namespace oracode::api {

// Whether the client already has what `tag` names: its If-None-Match lists it, or is `*`.
[[nodiscard]] bool has_already(const http::Request& request, std::string_view tag);

// A text that stays the same while the daemon runs. Made once, then only read, from any thread.
class StaticDocument {
public:
    // `headers` go with every answer.
    StaticDocument(std::string content_type, std::string text,
                   std::vector<std::pair<std::string, std::string>> headers = {});

    // The whole text, compressed for who takes that, or 304. Clients keep it, and ask each time
    // whether it still holds.
    [[nodiscard]] http::Response answer(const http::Request& request) const;

private:
    std::string content_type_;
    std::string text_;
    std::string tag_;
    std::string compressed_;  // empty: not worth it
    std::string compressed_tag_;
    std::vector<std::pair<std::string, std::string>> headers_;
};

}  // namespace oracode::api
