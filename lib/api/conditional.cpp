#include "api/conditional.hpp"

#include <algorithm>

#include "core/base64.hpp"
#include "core/sha256.hpp"

namespace oracode::api {

bool has_already(const http::Request& request, std::string_view tag) {
    auto listed = request.header("If-None-Match").value_or("");
    while (!listed.empty()) {
        const auto end = std::min(listed.find(','), listed.size());
        auto entry = listed.substr(0, end);
        listed.remove_prefix(std::min(end + 1, listed.size()));
        while (entry.starts_with(' ')) entry.remove_prefix(1);
        while (entry.ends_with(' ')) entry.remove_suffix(1);
        if (entry.starts_with("W/")) entry.remove_prefix(2);  // compared weakly: RFC 9110, 13.1.2
        if (entry == "*" || entry == tag) return true;
    }
    return false;
}

StaticDocument::StaticDocument(std::string content_type, std::string text,
                               std::vector<std::pair<std::string, std::string>> headers)
    : content_type_(std::move(content_type)),
      text_(std::move(text)),
      tag_('"' + base64(sha256(text_)) + '"'),
      headers_(std::move(headers)) {
    headers_.emplace_back("ETag", tag_);
    headers_.emplace_back("Cache-Control", "no-cache");
}

http::Response StaticDocument::answer(const http::Request& request) const {
    http::Response response;
    response.headers = headers_;
    if (has_already(request, tag_)) {
        response.status = 304;
    } else {
        response.content_type = content_type_;
        response.body = text_;
    }
    return response;
}

}  // namespace oracode::api
