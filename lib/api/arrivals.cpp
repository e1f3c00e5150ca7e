#include "api/arrivals.hpp"

#include <boost/json.hpp>

#include "api/api_request.hpp"
#include "api/errors.hpp"
#include "api/list_query.hpp"
#include "api/representation.hpp"
#include "core/lenient_json.hpp"
#include "lifecycle/arrival.hpp"
#include "poller/poller.hpp"
#include "seam/decode_device.hpp"
#include "userlevel/zone.hpp"

namespace oracode::api {
namespace {

namespace json = boost::json;

json::value local_text(const std::optional<userlevel::Zone>& zone,
                       const std::optional<Timestamp>& at) {
    return zone && at ? json::value(zone->text(*at)) : json::value();
}

json::object arrival_json(const store::Arrival& arrival, const View& view, Duration alert_before) {
    auto out = to_json(arrival.code, view);
    boost::system::error_code malformed;
    const auto device = seam::decode_device(parse_lenient_json(arrival.device_object, malformed));
    const auto zone_name = device ? userlevel::zone_name(device->lock) : std::string{};
    const auto zone = userlevel::Zone::find(zone_name);
    out["in_order"] = lifecycle::in_order(arrival.code, view.now, alert_before);
    out["device_name"] =
        device && !device->lock.name.empty() ? json::value(device->lock.name) : json::value();
    out["iana_timezone"] = text_or_null(zone_name);
    out["starts_at_local"] = local_text(zone, arrival.code.starts_at.value);
    out["ends_at_local"] = local_text(zone, arrival.code.ends_at.value);
    return out;
}

}  // namespace

void Arrivals::add_to(http::Router& router) {
    router.add("GET", "/v1/arrivals",
               [this](const http::Request& request, const http::PathParameters&,
                      http::Reply reply) { list(request, std::move(reply)); });
}

void Arrivals::list(const http::Request& request, http::Reply reply) {
    const auto authorized = authorize(
        deps_.access, request, {"within", "ready", "device_id", "limit", "cursor", "include"});
    if (!authorized) return reply.send(http::Response(authorized.error()));
    const auto now = deps_.now();
    auto filter = parse_arrival_filter(authorized->query, now);
    if (!filter) return reply.send(bad_request(filter.error(), request.request_id));

    const View view{now, deps_.grace, authorized->include_code, deps_.poller.asks_seam()};
    std::string request_id{request.request_id};
    auto read = [filter = std::move(*filter), view, alert_before = deps_.alert_before,
                 request_id](store::Reader& reader) {
        const auto page = reader.arrivals(filter);
        if (!page) return problem(page.error(), request_id);
        json::array arrivals;
        arrivals.reserve(page->arrivals.size());
        for (const auto& arrival : page->arrivals)
            arrivals.push_back(arrival_json(arrival, view, alert_before));
        json::object body{{"arrivals", std::move(arrivals)}, {"next_cursor", nullptr}};
        if (page->next) body["next_cursor"] = cursor_text(*page->next);
        return json_response(200, json::serialize(body));
    };
    deps_.long_reads.run(std::move(read), LongReads::Asker::of(request), std::move(reply));
}

}  // namespace oracode::api
