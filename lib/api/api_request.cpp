#include "api/api_request.hpp"

#include "api/errors.hpp"
#include "core/text.hpp"
#include "logging/log.hpp"

namespace oracode::api {

Authorization authorize(const Access& access, const http::Request& request,
                        std::initializer_list<std::string_view> known, Permission needed) {
    auto caller = access.caller(request);
    if (!caller) {
        log::warn_of_many("api.refused", "unauthenticated",
                          {{"peer", request.peer}, {"request_id", request.request_id}});
        return unauthenticated(request, caller.error().detail);
    }
    request.mark_authentic();
    const bool writes = caller->permission == Permission::write;
    if (needed == Permission::write && !writes) return forbidden(request);
    auto query = http::Query::parse(request.query, known);
    if (!query) return bad_request(query.error().detail, request.request_id);
    const auto include = query->find("include");
    if (include && *include != "code")
        return bad_request("include takes only `code`", request.request_id);
    return ApiRequest{std::move(*query), include.has_value() && writes, std::move(*caller)};
}

std::optional<std::size_t> parse_limit(const http::Query& query) {
    const auto text = query.find("limit");
    if (!text) return default_limit;
    const auto limit = parse_number<std::size_t>(*text);
    if (!limit || *limit < 1 || *limit > 1000) return std::nullopt;
    return limit;
}

}  // namespace oracode::api
