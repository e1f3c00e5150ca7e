#include "api/codes.hpp"

#include <boost/json.hpp>

#include "api/api_request.hpp"
#include "api/conditional.hpp"
#include "api/errors.hpp"
#include "api/list_query.hpp"
#include "lifecycle/pins.hpp"
#include "poller/poller.hpp"

namespace oracode::api {
namespace {

namespace json = boost::json;

json::object event_json(const store::StoredEvent& event, bool include_code,
                        std::span<const std::string> pins) {
    return {{"event_id", event.event_id},
            {"event_type", event.event_type},
            {"occurred_at", format_rfc3339(event.occurred_at)},
            {"created_at", format_rfc3339(event.created_at)},
            {"received_at", format_rfc3339(event.received_at)},
            {"source", name(event.source)},
            {"payload", payload_json(event.body, include_code, pins)}};
}

std::string text_of(const lifecycle::AccessCode& code, const View& shown) {
    std::array<unsigned char, 8192> memory;
    json::monotonic_resource storage(memory.data(), memory.size());
    return json::serialize(to_json(code, shown, &storage));
}

http::Response response_of(const http::Request& request, std::string tag, std::string body) {
    http::Response response;
    if (has_already(request, tag))
        response.status = 304;
    else
        response = json_response(200, std::move(body));
    response.headers.emplace_back("ETag", std::move(tag));
    return response;
}

http::Response history_response(const store::History& history, std::string_view id,
                                bool include_code) {
    json::array transitions;
    for (const auto& transition : history.transitions) transitions.push_back(to_json(transition));
    std::vector<std::string> pins;  // any of its events may quote one of another
    if (!include_code)
        for (const auto& event : history.events) lifecycle::add_pins(pins, event.body);
    json::array events;
    for (const auto& event : history.events)
        events.push_back(event_json(event, include_code, pins));
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
    return {deps_.now(), deps_.grace, include_code, deps_.poller.asks_seam()};
}

void Codes::show(const http::Request& request, std::string_view id, http::Reply reply) {
    const auto authorized = authorize(deps_.access, request, {"include", "wait_for", "wait"});
    if (!authorized) return reply.send(http::Response(authorized.error()));
    auto wanted = parse_wanted(authorized->query);
    if (!wanted) return reply.send(bad_request(wanted.error(), request.request_id));
    if (*wanted)
        return wait(std::move(**wanted), request, id, authorized->include_code, std::move(reply));
    // A point read of one row takes microseconds; a hop to another thread would take as long.
    if (!authorized->include_code) return reply.send(kept_response(request, id));
    const auto code = deps_.reader.find(id);
    reply.send(code ? response(*code, request, true)
                    : no_such_code(code.error(), id, request.request_id));
}

// Without the PIN, which is not kept.
http::Response Codes::kept_response(const http::Request& request, std::string_view id) {
    const auto shown = view(false);
    if (const auto kept = deps_.answers.find(id, shown.now, shown.polling))
        return response_of(request, kept->etag, kept->body);
    const auto found = deps_.reader.find(id, deps_.revisions);
    if (!found) return no_such_code(found.error(), id, request.request_id);
    const auto& code = found->code;
    AnswerCache::Answer answer{found->mark.value_or(store::CodeRevisions::Mark{}),
                               shown.now,
                               lifecycle::next_turn(code, shown.now, shown.grace),
                               shown.polling,
                               etag(code, shown),
                               text_of(code, shown)};
    auto response = response_of(request, answer.etag, answer.body);
    if (found->mark) deps_.answers.put(id, std::move(answer));
    return response;
}

void Codes::wait(Wanted wanted, const http::Request& request, std::string_view id,
                 bool include_code, http::Reply reply) {
    const auto at_most = wanted.at_most;
    // What `request` refers to lives as long as the reply, and so as long as this.
    auto look = [this, request, id = std::string(id), include_code,
                 wanted = std::move(wanted)](bool last) -> std::optional<http::Response> {
        const auto code = deps_.reader.find(id);
        if (!code) return no_such_code(code.error(), id, request.request_id);
        if (!last && !wanted.met(*code)) return std::nullopt;
        return response(*code, request, include_code);
    };
    deps_.long_polls.wait(std::string(id), at_most, std::move(look), std::move(reply));
}

http::Response Codes::response(const lifecycle::AccessCode& code, const http::Request& request,
                               bool include_code) const {
    const auto shown = view(include_code);
    return response_of(request, etag(code, shown), text_of(code, shown));
}

void Codes::list(const http::Request& request, http::Reply reply) {
    const auto authorized = authorize(
        deps_.access, request,
        {"status...", "device_id", "external_id", "overdue", "ready", "ended", "starts_before",
         "starts_after", "updated_since", "search", "limit", "cursor", "include"});
    if (!authorized) return reply.send(http::Response(authorized.error()));
    auto filter = parse_code_filter(authorized->query, deps_.now(), deps_.grace);
    if (!filter) return reply.send(bad_request(filter.error(), request.request_id));

    const auto shown = view(authorized->include_code);
    std::string request_id{request.request_id};
    auto read = [filter = std::move(*filter), shown, request_id](store::Reader& reader) {
        const auto page = reader.list(filter);
        if (!page) return problem(page.error(), request_id);
        json::array codes;
        codes.reserve(page->codes.size());
        for (const auto& code : page->codes) codes.push_back(to_json(code, shown));
        json::object body{{"access_codes", std::move(codes)}, {"next_cursor", nullptr}};
        if (page->next) body["next_cursor"] = cursor_text(codes_list, *page->next);
        return json_response(200, json::serialize(body));
    };
    deps_.long_reads.run(std::move(read), LongReads::Asker::of(request), std::move(reply));
}

void Codes::history(const http::Request& request, std::string_view id, http::Reply reply) {
    const auto authorized = authorize(deps_.access, request, {"include"});
    if (!authorized) return reply.send(http::Response(authorized.error()));
    std::string request_id{request.request_id};
    auto read = [id = std::string(id), include_code = authorized->include_code,
                 request_id](store::Reader& reader) {
        const auto history = reader.history(id);
        return history ? history_response(*history, id, include_code)
                       : no_such_code(history.error(), id, request_id);
    };
    deps_.long_reads.run(std::move(read), LongReads::Asker::of(request), std::move(reply));
}

}  // namespace oracode::api
