#include "api/alerts.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "api/api_request.hpp"
#include "api/errors.hpp"
#include "api/representation.hpp"

namespace oracode::api {
namespace {

namespace json = boost::json;

constexpr std::string_view cursor_mark = "n";

// The filter, or a sentence that says which parameter is wrong.
boost::system::result<store::AlertFilter, std::string> parse_filter(const http::Query& query) {
    store::AlertFilter filter;
    if (const auto text = query.find("open")) {
        if (*text != "true" && *text != "false") return std::string("open takes true or false");
        filter.open = *text == "true";
    }
    if (const auto text = query.find("kind")) {
        filter.kind = lifecycle::parse_alert_kind(*text);
        if (!filter.kind) return fmt::format("kind {:?} is not one of the kinds of alerts", *text);
    }
    if (const auto text = query.find("access_code_id")) filter.access_code_id = std::string(*text);
    const auto limit = parse_limit(query);
    if (!limit) return std::string(limit_rule);
    filter.limit = *limit;
    if (const auto text = query.find("cursor")) {
        const auto before = text->starts_with(cursor_mark)
                                ? parse_number<std::int64_t>(text->substr(cursor_mark.size()), 16)
                                : std::nullopt;
        if (!before) return std::string("cursor is not one that this daemon gave");
        filter.before = *before;
    }
    return filter;
}

}  // namespace

void Alerts::add_to(http::Router& router) {
    router.add("GET", "/v1/alerts",
               [this](const http::Request& request, const http::PathParameters&,
                      http::Reply reply) { list(request, std::move(reply)); });
}

void Alerts::list(const http::Request& request, http::Reply reply) {
    const auto authorized =
        authorize(deps_.access, request, {"open", "kind", "access_code_id", "limit", "cursor"});
    if (!authorized) return reply.send(http::Response(authorized.error()));
    auto filter = parse_filter(authorized->query);
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
        if (page->next) body["next_cursor"] = fmt::format("{}{:x}", cursor_mark, *page->next);
        return json_response(200, json::serialize(body));
    };
    deps_.long_reads.run(std::move(read), LongReads::Asker::of(request), std::move(reply));
}

}  // namespace oracode::api
