#include "api/alerts.hpp"

#include <boost/json.hpp>

#include "api/api_request.hpp"
#include "api/errors.hpp"
#include "api/list_query.hpp"
#include "api/representation.hpp"

namespace oracode::api {
namespace json = boost::json;

void Alerts::add_to(http::Router& router) {
    router.add("GET", "/v1/alerts",
               [this](const http::Request& request, const http::PathParameters&,
                      http::Reply reply) { list(request, std::move(reply)); });
}

void Alerts::list(const http::Request& request, http::Reply reply) {
    const auto authorized =
        authorize(deps_.access, request, {"open", "kind", "access_code_id", "limit", "cursor"});
    if (!authorized) return reply.send(http::Response(authorized.error()));
    auto filter = parse_alert_filter(authorized->query);
    if (!filter) return reply.send(bad_request(filter.error(), request.request_id));

    std::string request_id{request.request_id};
    auto read = [filter = std::move(*filter), request_id](store::Reader& reader) {
        const auto page = reader.alerts(filter);
        if (!page) return problem(page.error(), request_id);
        json::object body{{"alerts", json::array()}, {"next_cursor", nullptr}};
        for (const auto& alert : page->alerts) {
            const auto deliveries = reader.deliveries(alert.id);
            if (!deliveries) return problem(deliveries.error(), request_id);
            auto shown = to_json(alert);
            shown["deliveries"] = to_json(*deliveries);
            body["alerts"].get_array().push_back(std::move(shown));
        }
        if (page->next) body["next_cursor"] = cursor_text(alerts_list, *page->next);
        return json_response(200, json::serialize(body));
    };
    deps_.long_reads.run(std::move(read), LongReads::Asker::of(request), std::move(reply));
}

}  // namespace oracode::api
