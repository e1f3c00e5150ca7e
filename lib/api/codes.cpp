#include "api/codes.hpp"

#include <charconv>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "api/conditional.hpp"
#include "api/errors.hpp"
#include "http/query.hpp"
#include "poller/poller.hpp"

namespace oracode::api {
namespace {

namespace json = boost::json;

// What both a request's right and its query have to allow before a handler answers it.
struct Asked {
    http::Query query;
    bool include_code = false;
};

// Either what was asked, or the refusal to answer with.
using Admitted = boost::system::result<Asked, http::Response>;

std::string cursor_text(std::int64_t after) {
    return fmt::format("c{:x}", after);
}

template <class T>
std::optional<T> parse_number(std::string_view text, int base) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc{} || end != text.data() + text.size() || text.empty())
        return std::nullopt;
    return value;
}

// A comma list of statuses; nullopt when one is none.
std::optional<std::vector<Status>> parse_statuses(std::string_view text) {
    std::vector<Status> statuses;
    while (true) {
        const auto end = std::min(text.find(','), text.size());
        const auto status = parse_status(text.substr(0, end));
        if (!status) return std::nullopt;
        statuses.push_back(*status);
        if (end == text.size()) return statuses;
        text.remove_prefix(end + 1);
    }
}

// The filter, or a sentence that says which parameter is wrong.
boost::system::result<Filter, std::string> parse_filter(const http::Query& query,
                                                        Timestamp overdue_at) {
    Filter filter;
    if (const auto text = query.find("status")) {
        auto statuses = parse_statuses(*text);
        if (!statuses)
            return std::string(
                "status takes a comma list of unset, setting, set, removing, unknown");
        filter.statuses = std::move(*statuses);
    }
    if (const auto text = query.find("device_id")) filter.device_id = std::string(*text);
    if (const auto text = query.find("overdue")) {
        if (*text != "true" && *text != "false") return std::string("overdue takes true or false");
        filter.overdue = *text == "true";
        filter.overdue_at = overdue_at;
    }
    if (const auto text = query.find("limit")) {
        const auto limit = parse_number<std::size_t>(*text, 10);
        if (!limit || *limit < 1 || *limit > 1000)
            return std::string("limit takes a number from 1 to 1000");
        filter.limit = *limit;
    }
    if (const auto text = query.find("cursor")) {
        const auto after =
            text->starts_with('c') ? parse_number<std::int64_t>(text->substr(1), 16) : std::nullopt;
        if (!after || *after < 0) return std::string("cursor is none that this daemon gave");
        filter.after = *after;
    }
    return filter;
}

Admitted admit(const Access& access, const http::Request& request,
               std::initializer_list<std::string_view> known) {
    const auto permission = access.permission(request);
    if (!permission) return unauthenticated(request);
    auto query = http::Query::parse(request.query, known);
    if (!query) return bad_request(query.error().detail, request.request_id);
    const auto include = query->find("include");
    if (include && *include != "code")
        return bad_request("include takes only `code`", request.request_id);
    return Asked{std::move(*query), include.has_value() && *permission == Permission::write};
}

json::object event_json(const StoredEvent& event, bool include_code) {
    return {{"event_id", event.event_id},
            {"event_type", event.event_type},
            {"occurred_at", format_rfc3339(event.occurred_at)},
            {"created_at", format_rfc3339(event.created_at)},
            {"received_at", format_rfc3339(event.received_at)},
            {"source", name(event.source)},
            {"payload", payload_json(event.body, include_code)}};
}

http::Response history_response(const History& history, std::string_view id, bool include_code) {
    json::array transitions;
    for (const auto& transition : history.transitions) transitions.push_back(to_json(transition));
    json::array events;
    for (const auto& event : history.events) events.push_back(event_json(event, include_code));
    const json::object body{{"access_code_id", id},
                            {"transitions", std::move(transitions)},
                            {"events", std::move(events)}};
    return json_response(200, json::serialize(body));
}

}  // namespace

void Codes::add_to(http::Router& router) {
    router.add("GET", "/v1/access_codes",
               [this](const http::Request& request, const http::PathParameters&,
                      http::Reply reply) { list(request, std::move(reply)); });
    router.add("GET", "/v1/access_codes/{id}",
               [this](const http::Request& request, const http::PathParameters& path,
                      http::Reply reply) { show(request, path["id"], std::move(reply)); });
    router.add("GET", "/v1/access_codes/{id}/history",
               [this](const http::Request& request, const http::PathParameters& path,
                      http::Reply reply) { history(request, path["id"], std::move(reply)); });
}

View Codes::view(bool include_code) const {
    return {parts_.now(), parts_.grace, include_code, parts_.poller.asks_seam()};
}

void Codes::show(const http::Request& request, std::string_view id, http::Reply reply) {
    const auto asked = admit(parts_.access, request, {"include"});
    if (!asked) return reply.send(http::Response(asked.error()));
    // A point read of one row takes microseconds; a hop to another thread would take as long.
    const auto code = parts_.reader.find(id);
    if (!code) return reply.send(problem(code.error(), request.request_id));

    const auto shown = view(asked->include_code);
    auto tag = etag(*code, shown);
    http::Response response;
    if (has_already(request, tag)) {
        response.status = 304;
    } else {
        std::array<unsigned char, 8192> memory;
        json::monotonic_resource storage(memory.data(), memory.size());
        response = json_response(200, json::serialize(to_json(*code, shown, &storage)));
    }
    response.headers.emplace_back("ETag", std::move(tag));
    reply.send(std::move(response));
}

void Codes::list(const http::Request& request, http::Reply reply) {
    const auto asked = admit(parts_.access, request,
                             {"status", "device_id", "overdue", "limit", "cursor", "include"});
    if (!asked) return reply.send(http::Response(asked.error()));
    auto filter = parse_filter(asked->query, parts_.now() - parts_.grace);
    if (!filter) return reply.send(bad_request(filter.error(), request.request_id));

    const auto shown = view(asked->include_code);
    std::string request_id{request.request_id};
    auto read = [filter = std::move(*filter), shown, request_id](Reader& reader) {
        const auto page = reader.list(filter);
        if (!page) return problem(page.error(), request_id);
        json::array codes;
        codes.reserve(page->codes.size());
        for (const auto& code : page->codes) codes.push_back(to_json(code, shown));
        json::object body{{"access_codes", std::move(codes)}, {"next_cursor", nullptr}};
        if (page->next) body["next_cursor"] = cursor_text(*page->next);
        return json_response(200, json::serialize(body));
    };
    parts_.long_reads.run(std::move(read), std::move(request_id), std::move(reply));
}

void Codes::history(const http::Request& request, std::string_view id, http::Reply reply) {
    const auto asked = admit(parts_.access, request, {"include"});
    if (!asked) return reply.send(http::Response(asked.error()));
    std::string request_id{request.request_id};
    auto read = [id = std::string(id), include_code = asked->include_code,
                 request_id](Reader& reader) {
        const auto history = reader.history(id);
        return history ? history_response(*history, id, include_code)
                       : problem(history.error(), request_id);
    };
    parts_.long_reads.run(std::move(read), std::move(request_id), std::move(reply));
}

}  // namespace oracode::api
