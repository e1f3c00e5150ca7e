#include "api/errors.hpp"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "http/problem.hpp"

namespace oracode::api {
namespace {

// An id as it may be said back: short, and nothing that a terminal would act on.
std::string printable(std::string_view id) {
    constexpr std::size_t longest = 80;
    std::string text{id.substr(0, longest)};
    std::ranges::replace_if(
        text, [](char c) { return c < 0x20 || c >= 0x7f; }, '.');
    return text;
}

}  // namespace

http::Response problem(const Error& error, std::string_view request_id) {
    const auto make = [request_id](unsigned status, std::string_view slug, std::string_view title) {
        return http::problem(status, slug, title, "", request_id);
    };
    switch (error.code) {
        case Errc::invalid_argument:
            return make(400, "invalid-argument", "Bad request");
        case Errc::not_found:
            return make(404, "not-found", "Not found");
        case Errc::conflict:
            return make(409, "conflict", "Conflict");
        case Errc::rule_violated:
            return make(422, "rule-violated", "Oracode rule violated");
        case Errc::unauthenticated:
            return make(401, "unauthenticated", "Token required");
        case Errc::forbidden:
            return make(403, "forbidden", "Not allowed");
        case Errc::overloaded:
        case Errc::store_unavailable: {
            auto response = make(503, "unavailable", "Temporarily unavailable");
            response.headers.emplace_back("Retry-After", "2");
            return response;
        }
        case Errc::seam_unreachable:
            return make(502, "seam-unreachable", "Seam unreachable");
        case Errc::seam_refused:
            return make(502, "seam-refused", "Refused by Seam");
        case Errc::seam_rate_limited:
            return make(429, "seam-rate-limited", "Rate limited by Seam");
    }
    return make(500, "internal", "Internal error");
}

http::Response bad_request(std::string_view detail, std::string_view request_id) {
    return http::problem(400, "invalid-argument", "Bad request", detail, request_id);
}

http::Response not_found(std::string_view what, std::string_view id, std::string_view request_id) {
    return http::problem(404, "not-found", "Not found",
                         fmt::format("{} '{}' is not known here.", what, printable(id)),
                         request_id);
}

http::Response no_such_code(const Error& error, std::string_view id, std::string_view request_id) {
    return error.code == Errc::not_found ? not_found("Access code", id, request_id)
                                         : problem(error, request_id);
}

http::Response json_response(unsigned status, std::string body) {
    http::Response response;
    response.status = status;
    response.content_type = "application/json";
    response.body = std::move(body);
    return response;
}

}  // namespace oracode::api
