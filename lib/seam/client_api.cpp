#include "seam/client_api.hpp"

#include <utility>

#include <fmt/format.h>

namespace oracode::seam {
namespace {

namespace json = boost::json;

CallError lacking(const Answer& answer, std::string_view member) {
    CallError error;
    error.detail =
        fmt::format("answer {} without the {} that was asked for", answer.status, member);
    error.status = answer.status;
    error.seam_request_id = answer.seam_request_id;
    error.sent_at = answer.sent_at;
    error.received_at = answer.received_at;
    error.seam_date = answer.seam_date;
    error.answered = true;
    return error;
}

json::value* member_of(json::value& body, std::string_view member) {
    auto* const object = body.if_object();
    return object ? object->if_contains(member) : nullptr;
}

// Older servers tell nothing of pages; a cursor counts only where Seam says that more follows.
std::optional<std::string> next_cursor(json::value& body) {
    auto* const pagination = member_of(body, "pagination");
    if (!pagination) return std::nullopt;
    const auto* const more = member_of(*pagination, "has_next_page");
    const auto* const cursor = member_of(*pagination, "next_page_cursor");
    if (!cursor || !cursor->is_string() || cursor->get_string().empty()) return std::nullopt;
    if (more && more->is_bool() && !more->get_bool()) return std::nullopt;
    return std::string(cursor->get_string());
}

Caller::Done as_found(std::string_view member, Api::FoundDone done) {
    return [member, done = std::move(done)](CallResult<Answer> result) {
        if (!result) return done(result.error());
        auto* const value = member_of(result->body, member);
        if (!value || !value->is_object()) return done(lacking(*result, member));
        done(Found{std::move(value->get_object()), result->seam_request_id, result->sent_at,
                   result->received_at, result->seam_date});
    };
}

Caller::Done as_page(std::string_view member, Api::PageDone done) {
    return [member, done = std::move(done)](CallResult<Answer> result) {
        if (!result) return done(result.error());
        auto* const value = member_of(result->body, member);
        if (!value || !value->is_array()) return done(lacking(*result, member));
        ListPage page;
        page.next_page_cursor = next_cursor(result->body);
        page.items = std::move(value->get_array());
        page.seam_request_id = result->seam_request_id;
        page.sent_at = result->sent_at;
        page.received_at = result->received_at;
        page.seam_date = result->seam_date;
        done(std::move(page));
    };
}

json::array as_array(const std::vector<std::string>& values) {
    return json::array(values.begin(), values.end());
}

void add_paging(json::object& body, const std::optional<unsigned>& limit,
                const std::optional<std::string>& cursor) {
    if (limit) body["limit"] = *limit;
    if (cursor) body["page_cursor"] = *cursor;
}

// RFC 3339 with the six digits that Seam's `created_at` has.
std::string with_microseconds(std::chrono::sys_time<std::chrono::microseconds> at) {
    const auto whole = std::chrono::floor<Duration>(at);
    auto text = format_rfc3339(whole);
    text.pop_back();
    return fmt::format("{}{:03}Z", text, (at - whole).count());
}

}  // namespace

void Api::list_access_codes(const AccessCodeQuery& query, PageDone done) {
    json::object body;
    if (!query.access_code_ids.empty()) body["access_code_ids"] = as_array(query.access_code_ids);
    if (!query.device_id.empty()) body["device_id"] = query.device_id;
    add_paging(body, query.limit, query.page_cursor);
    caller_.ask("/access_codes/list", body, as_page("access_codes", std::move(done)));
}

void Api::get_access_code(const std::string& access_code_id, FoundDone done) {
    caller_.get("/access_codes/get", {{"access_code_id", access_code_id}},
                as_found("access_code", std::move(done)));
}

void Api::get_unmanaged_access_code(const std::string& access_code_id, FoundDone done) {
    caller_.get("/access_codes/unmanaged/get", {{"access_code_id", access_code_id}},
                as_found("access_code", std::move(done)));
}

void Api::get_workspace(FoundDone done) {
    caller_.get("/workspaces/get", {}, as_found("workspace", std::move(done)));
}

void Api::create_access_code(const json::object& order, FoundDone done) {
    caller_.post("/access_codes/create", order, as_found("access_code", std::move(done)));
}

void Api::list_events(const EventQuery& query, PageDone done) {
    json::object body;
    if (query.until)
        body["between"] = {with_microseconds(query.since), with_microseconds(*query.until)};
    else
        body["since"] = with_microseconds(query.since);
    if (!query.event_types.empty()) body["event_types"] = as_array(query.event_types);
    add_paging(body, query.limit, std::nullopt);
    caller_.ask("/events/list", body, as_page("events", std::move(done)));
}

void Api::get_device(const std::string& device_id, FoundDone done) {
    caller_.get("/devices/get", {{"device_id", device_id}}, as_found("device", std::move(done)));
}

void Api::list_devices(const DeviceQuery& query, PageDone done) {
    json::object body;
    if (!query.device_ids.empty()) body["device_ids"] = as_array(query.device_ids);
    add_paging(body, query.limit, query.page_cursor);
    caller_.ask("/devices/list", body, as_page("devices", std::move(done)));
}

void Api::list_webhooks(PageDone done) {
    caller_.ask("/webhooks/list", {}, as_page("webhooks", std::move(done)));
}

void Api::create_webhook(const std::string& url, const std::vector<std::string>& event_types,
                         FoundDone done) {
    json::object order{{"url", url}};
    if (!event_types.empty())
        order["event_types"] = json::array(event_types.begin(), event_types.end());
    caller_.post("/webhooks/create", order, as_found("webhook", std::move(done)));
}

}  // namespace oracode::seam
