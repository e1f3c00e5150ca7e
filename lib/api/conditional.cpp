#include "api/conditional.hpp"

#include <algorithm>

#include "core/base64.hpp"
#include "core/sha256.hpp"
#include "http/compression.hpp"

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
      compressed_tag_('"' + base64(sha256(text_)) + "-gzip\""),
      headers_(std::move(headers)) {
    if (text_.size() >= http::worth_compressing)
        compressed_ = http::gzip(text_, http::Effort::kept);
    headers_.emplace_back("Cache-Control", "no-cache");
    headers_.emplace_back("Vary", "Accept-Encoding");
}

http::Response StaticDocument::answer(const http::Request& request) const {
    // Two forms of one text are not the same bytes: each has a tag of its own.
    const bool compressed = !compressed_.empty() && http::accepts_gzip(request);
    const auto& tag = compressed ? compressed_tag_ : tag_;
    http::Response response;
    response.headers = headers_;
    response.headers.emplace_back("ETag", tag);
    if (has_already(request, tag)) {
        response.status = 304;
        return response;
    }
    response.content_type = content_type_;
    response.body = compressed ? compressed_ : text_;
    if (compressed) response.headers.emplace_back("Content-Encoding", "gzip");
    return response;
}

}  // namespace oracode::api
