#include "api/sessions.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "api/api_request.hpp"
#include "api/errors.hpp"
#include "api/representation.hpp"
#include "api/session_token.hpp"
#include "logging/log.hpp"

namespace oracode::api {
namespace {

namespace json = boost::json;

// A shift, for a browser that is to forget; a month for one that is to remember.
constexpr std::chrono::hours usual_session{24};
constexpr std::chrono::days remembered_session{30};

// Whether the browser is to stay signed in after it is closed; nullopt where the body cannot be
// read.
std::optional<bool> wants_to_stay(std::string_view body) {
    if (body.empty()) return false;
    boost::system::error_code malformed;
    const auto value = json::parse(body, malformed);
    const auto* object = malformed ? nullptr : value.if_object();
    if (object == nullptr) return std::nullopt;
    bool stay = false;
    for (const auto& [name, member] : *object) {
        const auto* flag = member.if_bool();
        if (name != "stay_signed_in" || flag == nullptr) return std::nullopt;
        stay = *flag;
    }
    return stay;
}

// How a browser reached us it says itself: a proxy in front of us may have ended its TLS.
bool came_over_tls(const http::Request& request) {
    return request.header("Origin").value_or("").starts_with("https://");
}

std::string cookie(const http::Request& request, std::string_view value,
                   std::optional<std::chrono::seconds> max_age) {
    auto text = fmt::format("{}={}; Path=/; HttpOnly; SameSite=Strict", session_cookie, value);
    if (came_over_tls(request)) text += "; Secure";
    if (max_age) text += fmt::format("; Max-Age={}", max_age->count());
    return text;
}

http::Response with_cookie(std::string text) {
    http::Response response{.status = 204};
    response.headers.emplace_back("Set-Cookie", std::move(text));
    response.headers.emplace_back("Cache-Control", "no-store");
    return response;
}

}  // namespace

void Sessions::add_to(http::Router& router) {
    router.add("GET", "/v1/session",
               [this](const http::Request& request, const http::PathParameters&,
                      http::Reply reply) { show(request, std::move(reply)); });
    router.add("POST", "/v1/session",
               [this](const http::Request& request, const http::PathParameters&,
                      http::Reply reply) { sign_in(request, std::move(reply)); });
    router.add("DELETE", "/v1/session",
               [](const http::Request& request, const http::PathParameters&, http::Reply reply) {
                   sign_out(request, std::move(reply));
               });
}

void Sessions::show(const http::Request& request, http::Reply reply) {
    const auto authorized = authorize(access_, request, {});
    if (!authorized) return reply.send(http::Response(authorized.error()));
    const auto& caller = authorized->caller;
    const json::object body{
        {"name", caller.name},
        {"permission", caller.permission == Permission::write ? "write" : "read"},
        {"signed_in_until", to_json(caller.signed_in_until)}};
    auto response = json_response(200, json::serialize(body));
    response.headers.emplace_back("Cache-Control", "no-store");
    reply.send(std::move(response));
}

void Sessions::sign_in(const http::Request& request, http::Reply reply) {
    const auto authorized = authorize(access_, request, {});
    if (!authorized) return reply.send(http::Response(authorized.error()));
    const auto stay = wants_to_stay(request.body);
    if (!stay)
        return reply.send(bad_request("The body is empty or {\"stay_signed_in\": true or false}.",
                                      request.request_id));
    const auto until = now_() + (*stay ? Duration{remembered_session} : Duration{usual_session});
    const auto session = access_.session(request, until);
    if (!session) return reply.send(unauthenticated(request, session.error().detail));
    log::info("api.signed_in", {{"by", authorized->caller.name}, {"until", format_rfc3339(until)}});
    const auto max_age = *stay ? std::optional<std::chrono::seconds>(remembered_session)
                               : std::optional<std::chrono::seconds>{};
    reply.send(with_cookie(cookie(request, *session, max_age)));
}

void Sessions::sign_out(const http::Request& request, http::Reply reply) {
    if (const auto query = http::Query::parse(request.query, {}); !query)
        return reply.send(bad_request(query.error().detail, request.request_id));
    reply.send(with_cookie(cookie(request, "", std::chrono::seconds{0})));
}

}  // namespace oracode::api
