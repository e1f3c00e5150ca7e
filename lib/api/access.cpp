#include "api/access.hpp"

#include <optional>

#include <boost/beast/core/string.hpp>
#include <openssl/crypto.h>

#include "http/host_name.hpp"
#include "http/problem.hpp"

namespace oracode::api {
namespace {

// What some web page makes a browser on this machine send is no wish of anybody here. Such a page
// is of another origin, or it came under a name of its own that was then made to lead here.
bool of_a_foreign_page(const http::Request& request) {
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

}  // namespace

void Access::replace(const std::vector<Credential>& credentials) {
    std::vector<Known> known;
    known.reserve(credentials.size());
    for (const auto& credential : credentials)
        known.push_back({sha256(credential.token), credential.permission});
    known_ = std::make_shared<const std::vector<Known>>(std::move(known));
}

Result<Permission> Access::permission(const http::Request& request) const {
    const auto header = request.header("Authorization");
    if (!header) {
        if (request.local && !of_a_foreign_page(request)) return Permission::write;
        return Error{Errc::unauthenticated, "no token"};
    }
    constexpr std::string_view scheme = "Bearer ";
    if (header->size() <= scheme.size() ||
        !boost::beast::iequals(header->substr(0, scheme.size()), scheme))
        return Error{Errc::unauthenticated, "no bearer token"};
    const auto presented = sha256(header->substr(scheme.size()));
    std::optional<Permission> found;
    const auto known_tokens = known_.load();
    for (const auto& known : *known_tokens) {
        if (CRYPTO_memcmp(known.digest.data(), presented.data(), presented.size()) == 0)
            found = known.permission;
    }
    if (!found) return Error{Errc::unauthenticated, "unknown token"};
    return *found;
}

http::Response unauthenticated(const http::Request& request) {
    auto response =
        http::problem(401, "unauthenticated", "A bearer token is needed", "", request.request_id);
    // RFC 6750, 3.1: no error code when nothing was presented.
    response.headers.emplace_back("WWW-Authenticate",
                                  request.header("Authorization")
                                      ? R"(Bearer realm="oracoded", error="invalid_token")"
                                      : R"(Bearer realm="oracoded")");
    return response;
}

http::Response forbidden(const http::Request& request) {
    auto response =
        http::problem(403, "forbidden", "This token may not do that", "", request.request_id);
    response.headers.emplace_back("WWW-Authenticate",
                                  R"(Bearer realm="oracoded", error="insufficient_scope")");
    return response;
}

}  // namespace oracode::api
