#include "http/response_head.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "http/problem.hpp"

namespace oracode::http {
namespace {

void append_number(std::string& out, std::size_t number) {
    std::array<char, 20> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
    out.append(text.data(), end);
}

// A value that came from outside (a Location, an id) must not become a header line of its own.
bool fits_in_a_line(std::string_view text) {
    return std::ranges::none_of(
        text, [](char c) { return (c >= 0 && c < 0x20 && c != '\t') || c == 0x7f; });
}

void append_line(std::string& out, std::string_view name, std::string_view value) {
    if (name.empty() || !fits_in_a_line(name) || !fits_in_a_line(value)) return;
    out += name;
    out += ": ";
    out += value;
    out += "\r\n";
}

}  // namespace

void append_head(std::string& out, const Response& response, const HeadContext& context) {
    if (response.status == 204) {
        out += "HTTP/1.1 204 No Content";
    } else if (response.status == 200) {
        out += "HTTP/1.1 200 OK";
    } else {
        out += "HTTP/1.1 ";
        append_number(out, response.status);
        out += ' ';
        out += reason_phrase(response.status);
    }
    out += "\r\nServer: oracoded\r\nDate: ";
    out += context.date;
    out += "\r\nX-Request-Id: ";
    out += context.request_id;
    out += "\r\n";
    if (has_body(response.status)) {
        if (!response.content_type.empty()) append_line(out, "Content-Type", response.content_type);
        if (context.framing == Framing::length) {
            out += "Content-Length: ";
            append_number(out, context.length.value_or(response.body.size()));
            out += "\r\n";
        } else if (context.framing == Framing::chunked) {
            out += "Transfer-Encoding: chunked\r\n";
        }
    }
    for (const auto& [name, value] : response.headers) append_line(out, name, value);
    if (!context.keep_alive)
        out += "Connection: close\r\n";
    else if (context.http10)
        out += "Connection: keep-alive\r\n";
    out += "\r\n";
}

}  // namespace oracode::http
