#include "api/health.hpp"

#include "api/errors.hpp"
#include "metrics/metrics.hpp"

namespace oracode::api {
void Health::add_to(http::Router& router, const Access* access) {
    router.add("GET", "/healthz",
               [](const http::Request&, const http::PathParameters&, http::Reply reply) {
                   reply.send(json_response(200, R"({"status":"ok"})"));
               });
    router.add("GET", "/readyz",
               [this](const http::Request&, const http::PathParameters&, http::Reply reply) {
                   deps_.readiness.answer(std::move(reply));
               });
    router.add("GET", "/metrics",
               [this, access](const http::Request& request, const http::PathParameters&,
                              http::Reply reply) {
                   if (access != nullptr) {
                       if (!access->may_measure(request))
                           return reply.send(
                               unauthenticated(request, access->caller(request).error().detail));
                       request.mark_authentic();
                   }
                   metrics(request, std::move(reply));
               });
}

// The counts are read again for each scrape; a store that cannot be read leaves the last ones.
void Health::metrics(const http::Request& request, http::Reply reply) {
    auto read = [this](store::Reader& reader) {
        if (const auto counts = reader.counts(deps_.now() - deps_.grace))
            deps_.metrics.access_codes(*counts);
        if (const auto open = reader.open_alerts()) deps_.metrics.alerts(*open);
        if (const auto counts = reader.arrivals_not_in_order(deps_.now(), deps_.alert_before))
            deps_.metrics.arrivals_not_in_order(*counts);
        if (const auto kept = reader.kept())
            deps_.metrics.stored(kept->quarantined, kept->free_bytes);
        if (const auto pending = reader.count_pending_notifications())
            deps_.metrics.notifications_pending(*pending);
        http::Response response;
        response.content_type = "text/plain; version=0.0.4; charset=utf-8";
        response.body = deps_.metrics.text();
        return response;
    };
    deps_.long_reads.run(std::move(read), LongReads::Asker::of(request), std::move(reply));
}

}  // namespace oracode::api
