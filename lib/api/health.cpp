#include "api/health.hpp"

#include <memory>

#include <boost/json.hpp>

#include "api/errors.hpp"
#include "metrics/metrics.hpp"
#include "store/store.hpp"

namespace oracode::api {
namespace {

namespace json = boost::json;

json::object as_json(const std::optional<std::string>& trouble) {
    json::object out{{"ok", !trouble}};
    if (trouble) out["why"] = *trouble;
    return out;
}

}  // namespace

void Health::add_to(http::Router& router, const Access* access) {
    router.add("GET", "/healthz",
               [](const http::Request&, const http::PathParameters&, http::Reply reply) {
                   reply.send(json_response(200, R"({"status":"ok"})"));
               });
    router.add("GET", "/readyz",
               [this](const http::Request&, const http::PathParameters&, http::Reply reply) {
                   ready(std::move(reply));
               });
    router.add("GET", "/metrics",
               [this, access](const http::Request& request, const http::PathParameters&,
                              http::Reply reply) {
                   if (access != nullptr && !access->permission(request))
                       return reply.send(unauthenticated(request));
                   metrics(request, std::move(reply));
               });
}

// The counts are read anew for each scrape; a store that cannot be read leaves the last ones.
void Health::metrics(const http::Request& request, http::Reply reply) {
    auto read = [this](Reader& reader) {
        if (const auto counts = reader.counts(parts_.now() - parts_.grace))
            parts_.metrics.access_codes(*counts);
        http::Response response;
        response.content_type = "text/plain; version=0.0.4; charset=utf-8";
        response.body = parts_.metrics.text();
        return response;
    };
    parts_.long_reads.run(std::move(read), std::string(request.request_id), std::move(reply));
}

void Health::ready(http::Reply reply) {
    json::object checks;
    bool ready = true;
    for (const auto& check : parts_.checks) {
        const auto trouble = check.trouble();
        ready = ready && (!trouble || !check.essential);
        checks[check.name] = as_json(trouble);
    }
    auto& home = reply.context();
    // Only a write that reached the disk shows that the next delivery can be kept.
    parts_.store.probe(home, [ready, checks = std::move(checks),
                              reply = std::move(reply)](const Result<Timestamp>& written) mutable {
        ready = ready && written.has_value();
        checks["store"] = as_json(
            written ? std::nullopt : std::optional<std::string>{"a write did not reach the disk"});
        const json::object body{{"status", ready ? "ready" : "not ready"},
                                {"checks", std::move(checks)}};
        reply.send(json_response(ready ? 200 : 503, json::serialize(body)));
    });
}

}  // namespace oracode::api
