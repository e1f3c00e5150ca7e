#include "api/errors.hpp"

#include <atomic>
#include <chrono>

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

}  // namespace

http::Response problem(const Error& error, std::string_view request_id) {
    const auto make = [request_id](unsigned status, std::string_view slug, std::string_view title) {
        return http::problem(status, slug, title, "", request_id);
    };
    switch (error.code) {
        case Errc::invalid_argument:
            return make(400, "invalid-argument", "The request is malformed");
        case Errc::not_found:
            return make(404, "not-found", "There is no such thing here");
        case Errc::conflict:
            return make(409, "conflict", "The request does not fit the present state");
        case Errc::rule_violated:
            return make(422, "rule-violated", "An Oracode rule is against it");
        case Errc::unauthenticated:
            return make(401, "unauthenticated", "A bearer token is needed");
        case Errc::forbidden:
            return make(403, "forbidden", "This token may not do that");
        case Errc::store_unavailable:
            log_unavailable(error.detail);
            [[fallthrough]];
        case Errc::overloaded: {
            auto response = make(503, "unavailable", "The daemon cannot answer now");
            response.headers.emplace_back("Retry-After", "2");
            return response;
        }
        case Errc::seam_unreachable:
            return make(502, "seam-unreachable", "Seam did not answer");
        case Errc::seam_refused:
            return make(502, "seam-refused", "Seam refused");
        case Errc::seam_rate_limited:
            return make(429, "seam-rate-limited", "Seam asks to wait");
    }
    return make(500, "internal", "Internal error");
}

http::Response bad_request(std::string_view detail, std::string_view request_id) {
    return http::problem(400, "invalid-argument", "The request is malformed", detail, request_id);
}

http::Response json_response(unsigned status, std::string body) {
    http::Response response;
    response.status = status;
    response.content_type = "application/json";
    response.body = std::move(body);
    return response;
}

}  // namespace oracode::api
