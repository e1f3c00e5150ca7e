#include "api/seam_errors.hpp"

#include <boost/json.hpp>

#include "api/errors.hpp"
#include "api/representation.hpp"
#include "http/problem.hpp"

namespace oracode::api {
namespace {

namespace json = boost::json;

constexpr Duration usual_wait = std::chrono::seconds{30};

}  // namespace

json::object seam_members(const seam::CallError& error) {
    json::object members;
    if (error.status == 0) return members;
    members["seam_error"] = {
        {"status", error.status}, {"type", error.error_type}, {"message", error.error_message}};
    members["seam_request_id"] = text_or_null(error.seam_request_id);
    return members;
}

void add_retry_after(http::Response& response, Duration wait) {
    const auto seconds =
        std::max(std::chrono::ceil<std::chrono::seconds>(wait), std::chrono::seconds{1});
    response.headers.emplace_back("Retry-After", std::to_string(seconds.count()));
}

http::Response no_api_key(std::string_view request_id) {
    auto response = http::problem(503, "no-api-key", "No API key",
                                  "No Seam API key is configured (seam.api_key).", request_id);
    add_retry_after(response, usual_wait);
    return response;
}

http::Response seam_problem(const seam::CallError& error, std::string_view request_id) {
    const auto make = [&](unsigned status, std::string_view slug, std::string_view title,
                          std::string_view detail) {
        return http::problem(status, slug, title, detail, request_id, seam_members(error));
    };
    const auto later = [&](http::Response response) {
        add_retry_after(response, error.retry_after.value_or(usual_wait));
        return response;
    };
    switch (error.code) {
        case Errc::not_found:
            return make(404, "not-found", "Not found", "Seam does not know this lock.");
        case Errc::unauthenticated:
            if (error.status == 0) return no_api_key(request_id);
            [[fallthrough]];
        case Errc::forbidden:
            return make(502, "seam-refused", "Refused by Seam", "Seam refuses the API key.");
        case Errc::seam_refused:
            return make(502, "seam-refused", "Refused by Seam", error.error_message);
        case Errc::seam_rate_limited:
            return later(
                make(429, "seam-rate-limited", "Rate limited by Seam", error.error_message));
        case Errc::seam_unreachable:
            return later(make(503, "seam-unreachable", "Seam unreachable",
                              "Seam does not answer at the moment."));
        case Errc::invalid_argument:
        case Errc::conflict:
        case Errc::rule_violated:
        case Errc::overloaded:
        case Errc::store_unavailable:
            break;
    }
    return problem(Error{error.code, error.detail}, request_id);
}

}  // namespace oracode::api
