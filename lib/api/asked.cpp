#include "api/asked.hpp"

#include "api/errors.hpp"

namespace oracode::api {

Admitted admit(const Access& access, const http::Request& request,
               std::initializer_list<std::string_view> known, Permission needed) {
    const auto permission = access.permission(request);
    if (!permission) return unauthenticated(request);
    request.mark_authentic();
    if (needed == Permission::write && *permission != Permission::write) return forbidden(request);
    auto query = http::Query::parse(request.query, known);
    if (!query) return bad_request(query.error().detail, request.request_id);
    const auto include = query->find("include");
    if (include && *include != "code")
        return bad_request("include takes only `code`", request.request_id);
    return Asked{std::move(*query), include.has_value() && *permission == Permission::write};
}

std::optional<std::size_t> parse_limit(const http::Query& query) {
    const auto text = query.find("limit");
    if (!text) return default_limit;
    const auto limit = parse_number<std::size_t>(*text);
    if (!limit || *limit < 1 || *limit > 1000) return std::nullopt;
    return limit;
}

}  // namespace oracode::api
