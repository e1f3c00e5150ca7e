#include "api/errors.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>

#include <fmt/format.h>

#include "http/problem.hpp"
#include "logging/log.hpp"

namespace oracode::api {
namespace {

// The client learns that it cannot be answered, the operator why: once a minute, as every request
// meets the same disk.
void log_unavailable(const std::string& why) {
    using std::chrono::steady_clock;
    constexpr auto between_lines = std::chrono::minutes{1};
    static std::atomic<steady_clock::rep> next{0};
    const auto now = steady_clock::now().time_since_epoch();
    auto due = next.load();
    if (now.count() < due) return;
    if (next.compare_exchange_strong(due, (now + between_lines).count()))
        log::error("api.store_unavailable", {{"error", why}});
}

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
        case Errc::store_unavailable:
            log_unavailable(error.detail);
            [[fallthrough]];
        case Errc::overloaded: {
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
