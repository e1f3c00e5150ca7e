#include "api/openapi.hpp"

#include <stdexcept>

#include <boost/json.hpp>

#include "api/conditional.hpp"
#include "api/errors.hpp"
#include "core/version.hpp"
#include "http/query.hpp"

namespace oracode::api {
namespace {

namespace json = boost::json;

// Objects grow together; whatever else two parts both say is a mistake in one of them.
void merge(json::object& whole, const json::object& part) {
    for (const auto& [name, value] : part) {
        auto& place = whole[name];
        if (place.is_null()) {
            place = value;
        } else if (place.is_object() && value.is_object()) {
            merge(place.get_object(), value.get_object());
        } else {
            throw std::logic_error("openapi: said twice: " + std::string(name));
        }
    }
}

std::string document() {
    json::object deps;
    for (const auto& file : openapi_files()) deps[file.name] = json::parse(file.text);
    // The head first, as readers expect it; the others in the order of their names.
    auto whole = deps.at("document.json").as_object();
    deps.erase("document.json");
    for (const auto& part : deps) merge(whole, part.value().as_object());
    whole.at("info").as_object()["version"] = version();
    return json::serialize(whole);
}

// Made at the first request, which seldom comes: merging the parts takes 0.5 MB.
const StaticDocument& kept_document() {
    static const StaticDocument kept("application/json", document());
    return kept;
}

}  // namespace

void add_openapi_to(http::Router& router, const Access& access) {
    router.add(
        "GET", "/v1/openapi.json",
        [&access](const http::Request& request, const http::PathParameters&, http::Reply reply) {
            if (const auto caller = access.caller(request); !caller)
                return reply.send(unauthenticated(request, caller.error().detail));
            if (const auto query = http::Query::parse(request.query, {}); !query)
                return reply.send(bad_request(query.error().detail, request.request_id));
            reply.send(kept_document().answer(request));
        });
}

}  // namespace oracode::api
