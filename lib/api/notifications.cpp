#include "api/notifications.hpp"

#include <boost/json.hpp>

#include "api/api_request.hpp"
#include "api/errors.hpp"
#include "api/representation.hpp"
#include "logging/log.hpp"

namespace oracode::api {
namespace {

namespace json = boost::json;

http::Response test_response(const std::string& target, const notify::TestResult& result) {
    const json::object body{
        {"target", target},
        {"delivered", result.error.empty()},
        {"status", result.status == 0 ? json::value() : json::value(result.status)},
        {"error", text_or_null(result.error)},
        {"body", result.body},
        {"took_ms", result.took.count()}};
    return json_response(200, json::serialize(body));
}

}  // namespace

void Notifications::add_to(http::Router& router) {
    router.add(
        "POST", "/v1/notify/{target}/test",
        [this](const http::Request& request, const http::PathParameters& path, http::Reply reply) {
            test(request, std::string(path["target"]), std::move(reply));
        });
}

void Notifications::test(const http::Request& request, std::string target, http::Reply reply) {
    const auto authorized = authorize(access_, request, {}, Permission::write);
    if (!authorized) return reply.send(http::Response(authorized.error()));
    log::info("notify.tested", {{"target", target}, {"by", authorized->caller.name}});
    auto& home = reply.context();
    const auto waiting = std::make_shared<http::Reply>(std::move(reply));
    sender_.test(target, home,
                 [waiting, target, request_id = std::string(request.request_id)](
                     const Result<notify::TestResult>& result) {
                     if (result) return waiting->send(test_response(target, *result));
                     if (result.error().code == Errc::not_found)
                         return waiting->send(not_found("Target", target, request_id));
                     waiting->send(problem(result.error(), request_id));
                 });
}

}  // namespace oracode::api
