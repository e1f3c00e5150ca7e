#include "api/stats.hpp"

#include <boost/json.hpp>

#include "api/api_request.hpp"
#include "api/change_feed.hpp"
#include "api/errors.hpp"
#include "api/representation.hpp"
#include "core/version.hpp"
#include "metrics/metrics.hpp"
#include "poller/poller.hpp"
#include "store/store.hpp"

namespace oracode::api {
namespace {

namespace json = boost::json;

json::object counts_json(const lifecycle::CodeCounts& counts) {
    json::object by_status;
    std::int64_t live = 0;
    for (const auto status :
         {lifecycle::Status::unset, lifecycle::Status::setting, lifecycle::Status::set,
          lifecycle::Status::removing, lifecycle::Status::unknown}) {
        by_status[name(status)] = counts.of(status);
        live += counts.of(status);
    }
    return {{"total", live + counts.ended},
            {"live", live},
            {"by_status", std::move(by_status)},
            {"ended", counts.ended},
            {"overdue", counts.overdue}};
}

json::object figures_json(const metrics::DeliveryLag::Figures& figures) {
    const auto ms = [&](Duration of) {
        return figures.count > 0 ? json::value(of.count()) : json::value();
    };
    return {{"count", figures.count},
            {"p50_ms", ms(figures.p50)},
            {"p95_ms", ms(figures.p95)},
            {"p99_ms", ms(figures.p99)},
            {"max_ms", ms(figures.max)}};
}

json::object deliveries_json(const metrics::DeliveryLag::Report& lag) {
    json::array minutes;
    for (const auto& minute : lag.minutes) {
        auto figures = figures_json(minute.figures);
        figures["at"] = format_rfc3339(minute.begins_at);
        minutes.push_back(std::move(figures));
    }
    return {{"last_at", to_json(lag.last_at)},
            {"lag_last_hour", figures_json(lag.hour)},
            {"lag_by_minute", std::move(minutes)}};
}

json::object polling_json(const poller::Poller& poller, const metrics::PollRecord& record,
                          Timestamp now) {
    json::array minutes;
    for (const auto& minute : record.report(now))
        minutes.push_back({{"at", format_rfc3339(minute.begins_at)},
                           {"answered", minute.answered},
                           {"failed", minute.failed}});
    const auto trouble = poller.trouble();
    return {{"enabled", poller.asks_seam()},
            {"last_success_at", to_json(poller.last_success())},
            {"trouble", json_or_null(trouble)},
            {"by_minute", std::move(minutes)}};
}

}  // namespace

void Stats::add_to(http::Router& router) {
    router.add("GET", "/v1/stats",
               [this](const http::Request& request, const http::PathParameters&,
                      http::Reply reply) { show(request, std::move(reply)); });
}

void Stats::show(const http::Request& request, http::Reply reply) {
    const auto authorized = authorize(deps_.access, request, {});
    if (!authorized) return reply.send(http::Response(authorized.error()));
    std::string request_id{request.request_id};
    auto read = [this, request_id](store::Reader& reader) { return response(reader, request_id); };
    deps_.long_reads.run(std::move(read), LongReads::Asker::of(request), std::move(reply));
}

http::Response Stats::response(store::Reader& reader, std::string_view request_id) const {
    const auto now = deps_.now();
    const auto counts = reader.counts(now - deps_.grace);
    if (!counts) return problem(counts.error(), request_id);
    const auto kept = reader.kept();
    if (!kept) return problem(kept.error(), request_id);
    const auto oldest = reader.oldest_change();
    if (!oldest) return problem(oldest.error(), request_id);

    const auto sizes = deps_.store.sizes();
    const json::object body{
        {"now", format_rfc3339(now)},
        {"version", version()},
        {"started_at", format_rfc3339(started_at_)},
        {"uptime_s", std::chrono::duration_cast<std::chrono::seconds>(now - started_at_).count()},
        {"access_codes", counts_json(*counts)},
        {"deliveries", deliveries_json(deps_.metrics.delivery_lag().report(now))},
        {"quarantined", kept->quarantined},
        {"polling", polling_json(deps_.poller, deps_.metrics.poll_record(), now)},
        {"changes",
         {{"oldest", *oldest},
          {"last", deps_.store.last_change()},
          {"streams", deps_.changes.streams().load()}}},
        {"store",
         {{"database_bytes", sizes.database},
          {"log_bytes", sizes.log},
          {"queued_writes", deps_.store.queued()}}}};
    return json_response(200, json::serialize(body));
}

}  // namespace oracode::api
