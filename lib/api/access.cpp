#include "api/access.hpp"

#include <algorithm>

#include <openssl/crypto.h>

#include "api/session_token.hpp"
#include "core/text.hpp"
#include "http/host_name.hpp"
#include "http/problem.hpp"

namespace oracode::api {
namespace {

// What some web page makes a browser on this machine send is not a wish of a user here. Such a page
// is of another origin (CSRF), or it came under a name of its own that was then made to lead here
// (DNS rebinding).
bool is_cross_site(const http::Request& request) {
    const auto host = request.header("Host").value_or("");
    if (const auto origin = request.header("Origin")) {
        const auto authority = origin->find("://");
        if (authority == std::string_view::npos || origin->substr(authority + 3) != host)
            return true;
    }
    const auto site = request.header("Sec-Fetch-Site").value_or("none");
    if (site != "none" && site != "same-origin") return true;
    return request.peer != "unix" && !http::names_this_machine(host);
}

// Loopback says nothing about who sent what a proxy on this machine passes on.
bool came_through_a_proxy(const http::Request& request) {
    constexpr std::string_view family = "X-Forwarded-";
    return std::ranges::any_of(request.headers, [&](const http::Header& header) {
        return iequals(header.name, "Forwarded") || iequals(header.name, "Via") ||
               iequals(header.name, "X-Real-IP") ||
               iequals(header.name.substr(0, family.size()), family);
    });
}

Error refused(std::string_view why) {
    return {Errc::unauthenticated, std::string(why)};
}

constexpr std::string_view send_a_token =
    "Send a token of api.tokens as `Authorization: Bearer TOKEN`.";

}  // namespace

void Access::replace(const std::vector<Credential>& credentials) {
    Tokens known;
    known.reserve(credentials.size());
    for (const auto& credential : credentials)
        known.push_back({sha256(credential.token), credential.name, credential.permission});
    auto fresh = std::make_shared<const Tokens>(std::move(known));
    const std::lock_guard lock(mutex_);
    known_.swap(fresh);
}

std::shared_ptr<const Access::Tokens> Access::known() const {
    const std::lock_guard lock(mutex_);
    return known_;
}

const Access::Known* Access::bearer(const Tokens& tokens, const http::Request& request) {
    constexpr std::string_view scheme = "Bearer ";
    const auto header = request.header("Authorization").value_or("");
    if (header.size() <= scheme.size() || !iequals(header.substr(0, scheme.size()), scheme))
        return nullptr;
    const auto presented = sha256(header.substr(scheme.size()));
    const Known* found = nullptr;
    for (const auto& known : tokens) {
        if (CRYPTO_memcmp(known.digest.data(), presented.data(), presented.size()) == 0)
            found = &known;
    }
    return found;
}

std::optional<Caller> Access::caller_by_session(const Tokens& tokens,
                                                const http::Request& request) const {
    const auto value = presented_session(request);
    const auto until = value ? session_end(*value, now_()) : std::nullopt;
    if (!until || !is_from_own_page(request)) return std::nullopt;
    std::optional<Caller> found;
    for (const auto& known : tokens) {
        if (is_session_of(*value, known.digest, *until))
            found = Caller{known.name, known.permission, until};
    }
    return found;
}

Result<Caller> Access::caller(const http::Request& request) const {
    const auto tokens = known();
    const bool token_needed = !tokens->empty();
    if (token_needed && request.header("Authorization")) {
        const auto* known = bearer(*tokens, request);
        if (known == nullptr)
            return refused(
                "The token is not one of api.tokens, or it was not sent as "
                "`Authorization: Bearer TOKEN`.");
        return Caller{known->name, known->permission};
    }
    if (auto found = caller_by_session(*tokens, request)) return std::move(*found);
    return caller_without_token(request, token_needed);
}

Result<std::string> Access::session(const http::Request& request, Timestamp until) const {
    const auto tokens = known();
    const auto* known = bearer(*tokens, request);
    if (known == nullptr)
        return refused(tokens->empty() ? "No token is configured here, and none is needed."
                                       : send_a_token);
    return session_token(known->digest, until);
}

Result<Caller> Access::caller_without_token(const http::Request& request, bool token_needed) {
    const bool by_socket = request.peer == "unix";
    if (token_needed && !by_socket) return refused(send_a_token);
    if (!request.local)
        return refused("Callers from other machines need a token, and api.tokens has none.");
    if (came_through_a_proxy(request))
        return refused(token_needed
                           ? send_a_token
                           : "The request came through a proxy, which hides who sent it: configure "
                             "api.tokens and send one as `Authorization: Bearer TOKEN`.");
    if (is_cross_site(request))
        return refused("A web page of another origin needs a token of its own.");
    return Caller{by_socket ? "unix" : "local", Permission::write};
}

bool Access::may_measure(const http::Request& request) const {
    return caller(request) ||
           (!request.header("Authorization") && caller_without_token(request, false));
}

http::Response unauthenticated(const http::Request& request, std::string_view detail) {
    auto response =
        http::problem(401, "unauthenticated", "Token required", detail, request.request_id);
    // RFC 6750, 3.1: no error code when nothing was presented.
    response.headers.emplace_back("WWW-Authenticate",
                                  request.header("Authorization")
                                      ? R"(Bearer realm="oracoded", error="invalid_token")"
                                      : R"(Bearer realm="oracoded")");
    return response;
}

http::Response forbidden(const http::Request& request) {
    auto response = http::problem(403, "forbidden", "Not allowed", "This token may only read.",
                                  request.request_id);
    response.headers.emplace_back("WWW-Authenticate",
                                  R"(Bearer realm="oracoded", error="insufficient_scope")");
    return response;
}

}  // namespace oracode::api
