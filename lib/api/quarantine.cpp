#include "api/quarantine.hpp"

#include <limits>
#include <memory>

#include <boost/json.hpp>

#include "api/api_request.hpp"
#include "api/errors.hpp"
#include "api/list_query.hpp"
#include "api/representation.hpp"
#include "core/base64.hpp"
#include "core/text.hpp"
#include "lifecycle/pins.hpp"
#include "logging/log.hpp"
#include "seam/decode.hpp"
#include "store/store.hpp"

namespace oracode::api {
namespace {

namespace json = boost::json;

json::object to_json(const store::QuarantinedDelivery& item) {
    return {{"id", item.id},
            {"received_at", format_rfc3339(item.received_at)},
            {"reason", item.reason},
            {"message_id", item.message_id},
            {"size", item.size}};
}

// A JSON text has to be valid UTF-8, which what is kept here need not be.
bool is_utf8(std::string_view bytes) {
    json::parse_options deep;
    json::stream_parser parser({}, deep);
    boost::system::error_code error;
    std::string quoted = "\"";
    for (const char c : bytes) {
        const bool plain = static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
        quoted += plain ? c : ' ';
    }
    quoted += '"';
    parser.write(quoted, error);
    return !error;
}

http::Response page_of(store::Reader& reader, std::int64_t before, std::size_t limit,
                       std::string_view request_id) {
    // One more than asked for shows whether there is a next page.
    auto items = reader.quarantine(before, limit + 1);
    if (!items) return problem(items.error(), request_id);
    json::object body{{"quarantine", json::array()}, {"next_cursor", nullptr}};
    if (items->size() > limit) {
        items->pop_back();
        body["next_cursor"] = cursor_text(quarantine_list, items->back().id);
    }
    auto& list = body["quarantine"].get_array();
    for (const auto& item : *items) list.push_back(to_json(item));
    return json_response(200, json::serialize(body));
}

http::Response with_body(const store::QuarantinedDelivery& item, bool include_code) {
    auto object = to_json(item);
    const auto hidden = include_code ? std::nullopt : lifecycle::without_pins(item.body);
    const auto& body = hidden ? *hidden : item.body;
    if (is_utf8(body))
        object["body"] = body;
    else
        object["body_base64"] = base64(body);
    return json_response(200, json::serialize(object));
}

http::Response no_such_item(std::string_view id, std::string_view request_id) {
    return not_found("Quarantined delivery", id, request_id);
}

http::Response refusal(const Error& error, std::int64_t number, std::string_view request_id) {
    return error.code == Errc::not_found ? no_such_item(std::to_string(number), request_id)
                                         : problem(error, request_id);
}

http::Response outcome(std::string_view result, const json::object& more) {
    json::object body{{"result", result}};
    for (const auto& [name, value] : more) body[name] = value;
    return json_response(200, json::serialize(body));
}

}  // namespace

void Quarantine::add_to(http::Router& router) {
    router.add("GET", "/v1/quarantine",
               [this](const http::Request& request, const http::PathParameters&,
                      http::Reply reply) { list(request, std::move(reply)); });
    router.add("GET", "/v1/quarantine/{id}",
               [this](const http::Request& request, const http::PathParameters& path,
                      http::Reply reply) { show(request, path["id"], std::move(reply)); });
    router.add("POST", "/v1/quarantine/{id}/replay",
               [this](const http::Request& request, const http::PathParameters& path,
                      http::Reply reply) { replay(request, path["id"], std::move(reply)); });
}

// The newest first: that is what an operator looks for after an alert.
void Quarantine::list(const http::Request& request, http::Reply reply) {
    const auto authorized = authorize(deps_.access, request, {"limit", "cursor"});
    if (!authorized) return reply.send(http::Response(authorized.error()));
    const auto limit = parse_limit(authorized->query);
    if (!limit) return reply.send(bad_request(limit_rule, request.request_id));
    auto before = std::optional{std::numeric_limits<std::int64_t>::max()};
    if (const auto cursor = authorized->query.find("cursor"))
        before = parse_cursor(quarantine_list, *cursor);
    if (!before)
        return reply.send(
            bad_request("cursor is not one that this daemon gave", request.request_id));
    std::string request_id{request.request_id};
    auto read = [before = *before, limit = *limit, request_id](store::Reader& reader) {
        return page_of(reader, before, limit, request_id);
    };
    deps_.long_reads.run(std::move(read), LongReads::Asker::of(request), std::move(reply));
}

// With the body, which may carry a PIN.
void Quarantine::show(const http::Request& request, std::string_view id, http::Reply reply) {
    const auto authorized = authorize(deps_.access, request, {"include"}, Permission::write);
    if (!authorized) return reply.send(http::Response(authorized.error()));
    const auto number = parse_number<std::int64_t>(id);
    if (!number) return reply.send(no_such_item(id, request.request_id));
    std::string request_id{request.request_id};
    auto read = [number = *number, include_code = authorized->include_code,
                 request_id](store::Reader& reader) {
        const auto item = reader.quarantined(number);
        return item ? with_body(*item, include_code) : refusal(item.error(), number, request_id);
    };
    deps_.long_reads.run(std::move(read), LongReads::Asker::of(request), std::move(reply));
}

// The same decoding and the same record as for a delivery that has just come.
void Quarantine::replay(const http::Request& request, std::string_view id, http::Reply reply) {
    const auto authorized = authorize(deps_.access, request, {}, Permission::write);
    if (!authorized) return reply.send(http::Response(authorized.error()));
    const auto number = parse_number<std::int64_t>(id);
    if (!number) return reply.send(no_such_item(id, request.request_id));

    auto& home = reply.context();
    auto held = std::make_shared<http::Reply>(std::move(reply));
    std::string request_id{request.request_id};
    deps_.long_reads.fetch<store::QuarantinedDelivery>(
        [number = *number](store::Reader& reader) { return reader.quarantined(number); }, home,
        [this, held, request_id, &home, number = *number,
         by = authorized->caller.name](Result<store::QuarantinedDelivery> item) {
            if (!item) return held->send(refusal(item.error(), number, request_id));
            auto event =
                seam::decode_event(item->body, item->received_at, lifecycle::Source::webhook);
            if (!event) return held->send(outcome("unusable", {{"reason", event.error().detail}}));
            json::object about{{"event_id", event->event_id},
                               {"event_type", event->event_type},
                               {"access_code_id", text_or_null(event->access_code_id)}};
            deps_.store.release(
                item->id, std::move(*event), std::move(item->body), home,
                [held, request_id, about = std::move(about), number,
                 by](const Result<store::Recorded>& recorded) {
                    if (!recorded) return held->send(problem(recorded.error(), request_id));
                    log::info("quarantine.replayed",
                              {{"id", number}, {"duplicate", recorded->duplicate}, {"by", by}});
                    held->send(outcome(recorded->duplicate ? "duplicate" : "recorded", about));
                });
        });
}

}  // namespace oracode::api
