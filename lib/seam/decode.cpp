#include "seam/decode.hpp"

#include <array>
#include <utility>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "core/lenient_json.hpp"
#include "seam/event_types.hpp"

namespace oracode::seam {
namespace {

namespace json = boost::json;

template <class T>
using Maybe = lifecycle::Facts::Maybe<T>;

// How a JSON value becomes a fact; nullopt when it has another type than Seam documents.
std::optional<std::string> as_text(const json::value& value) {
    if (const auto* text = value.if_string()) return std::string(text->data(), text->size());
    return std::nullopt;
}

std::optional<bool> as_bool(const json::value& value) {
    if (const auto* flag = value.if_bool()) return *flag;
    return std::nullopt;
}

std::optional<Timestamp> as_instant(const json::value& value) {
    if (const auto* text = value.if_string()) return parse_rfc3339({text->data(), text->size()});
    return std::nullopt;
}

std::optional<std::string> as_array(const json::value& value) {
    if (value.is_array()) return json::serialize(value);
    return std::nullopt;
}

std::optional<std::string> as_object(const json::value& value) {
    if (value.is_object()) return json::serialize(value);
    return std::nullopt;
}

// The value of `key` read by `as`, or nullopt: absent.
template <class As>
auto read_member(const json::object& object, std::string_view key, As as)
    -> decltype(as(std::declval<json::value>())) {
    if (const auto* value = object.if_contains(key)) return as(*value);
    return std::nullopt;
}

// The same where null says "none".
template <class As>
auto read_nullable(const json::object& object, std::string_view key, As as)
    -> Maybe<typename decltype(as(std::declval<json::value>()))::value_type> {
    const auto* value = object.if_contains(key);
    if (value == nullptr) return std::nullopt;
    auto fact = as(*value);
    if (!fact && !value->is_null()) return std::nullopt;
    return std::make_optional(std::move(fact));
}

// A fact from a member that only counts when it is there: a null in an event takes nothing back.
template <class As>
auto read_if_set(const json::object& object, std::string_view key, As as)
    -> Maybe<typename decltype(as(std::declval<json::value>()))::value_type> {
    auto fact = read_member(object, key, as);
    if (!fact) return std::nullopt;
    return std::make_optional(std::move(fact));
}

std::string text_or_empty(const json::object& object, std::string_view key) {
    return read_member(object, key, as_text).value_or(std::string{});
}

void read_ids(const json::object& object, lifecycle::Event& event) {
    event.workspace_id = text_or_empty(object, "workspace_id");
    event.access_code_id = text_or_empty(object, "access_code_id");
    event.device_id = text_or_empty(object, "device_id");
    event.connected_account_id = text_or_empty(object, "connected_account_id");
}

// What `*_changed` events tell: the new value under `to`, where null says that there is none any
// more.
void read_change(const json::object& object, lifecycle::Event& event) {
    const auto* value = object.if_contains("to");
    const auto* to = value == nullptr ? nullptr : value->if_object();
    if (to == nullptr) return;
    lifecycle::Facts& facts = event.facts;
    if (event.event_type == "access_code.code_changed")
        facts.code = read_nullable(*to, "code", as_text);
    if (event.event_type == "access_code.name_changed")
        facts.name = read_nullable(*to, "name", as_text);
    if (event.event_type == "access_code.time_frame_changed") {
        facts.starts_at = read_nullable(*to, "starts_at", as_instant);
        facts.ends_at = read_nullable(*to, "ends_at", as_instant);
    }
}

void read_event_facts(const json::object& object, lifecycle::Event& event) {
    event.facts.code = read_if_set(object, "code", as_text);
    event.facts.errors = read_if_set(object, "access_code_errors", as_array);
    event.facts.warnings = read_if_set(object, "access_code_warnings", as_array);
    read_change(object, event);
}

Error unusable(std::string detail) {
    return {Errc::invalid_argument, std::move(detail)};
}

std::optional<lifecycle::LifecycleStep> step_of_status(const json::object& code) {
    using Row = std::pair<std::string_view, lifecycle::LifecycleStep>;
    constexpr std::array<Row, 5> statuses{{{"unknown", lifecycle::LifecycleStep::unknown},
                                           {"unset", lifecycle::LifecycleStep::unset},
                                           {"setting", lifecycle::LifecycleStep::setting},
                                           {"set", lifecycle::LifecycleStep::set},
                                           {"removing", lifecycle::LifecycleStep::removing}}};
    const auto status = read_member(code, "status", as_text);
    for (const auto& [name, step] : statuses)
        if (status == name) return step;
    return std::nullopt;
}

}  // namespace

Result<lifecycle::Event> decode_listed_event(const json::value& json, Timestamp received_at,
                                             lifecycle::Source source) {
    const auto* object = json.if_object();
    if (object == nullptr) return unusable("not a JSON object");
    lifecycle::Event event;
    event.source = source;
    event.event_id = text_or_empty(*object, "event_id");
    if (event.event_id.empty()) return unusable("no event_id");
    event.event_type = text_or_empty(*object, "event_type");
    if (event.event_type.empty()) return unusable("no event_type");
    read_ids(*object, event);

    const auto created_at = read_member(*object, "created_at", as_instant);
    const auto occurred_at = read_member(*object, "occurred_at", as_instant);
    // Not `received_at`: a repeated delivery of the event must have the same identity.
    event.created_at = created_at.value_or(Timestamp{});
    event.occurred_at = occurred_at ? *occurred_at : created_at.value_or(received_at);

    const auto meaning = meaning_of(event.event_type);
    event.reach = meaning.reach;
    event.step = meaning.step;
    event.refetch = meaning.refetch;
    if (!concerns_access_code(event.event_type)) {
        event.access_code_id.clear();
        return event;
    }
    read_event_facts(*object, event);
    if (event.event_type == "access_code.created" && (occurred_at || created_at))
        event.facts.created_at.emplace(event.occurred_at);
    return event;
}

Result<lifecycle::Event> decode_event(std::string_view body, Timestamp received_at,
                                      lifecycle::Source source, std::string* mended) {
    if (body.size() > max_event_size) return unusable("too large");
    // Seam's events fit; larger ones spill to the heap.
    std::array<unsigned char, 16'384> buffer;
    json::monotonic_resource memory(buffer.data(), buffer.size());
    json::error_code error;
    bool was_mended = false;
    const auto json = parse_lenient_json(body, error, &memory, max_event_depth, &was_mended);
    if (error) return unusable("not JSON: " + error.message());
    if (was_mended && mended != nullptr) *mended = json::serialize(json);
    return decode_listed_event(json, received_at, source);
}

Result<lifecycle::Event> decode_access_code(const json::value& json, Timestamp requested_at,
                                            lifecycle::Source source) {
    const auto* object = json.if_object();
    if (object == nullptr) return unusable("an access code that is not a JSON object");
    lifecycle::Event event;
    event.source = source;
    event.occurred_at = requested_at;
    event.created_at = requested_at;
    read_ids(*object, event);
    if (event.access_code_id.empty()) return unusable("an access code without access_code_id");
    event.step = step_of_status(*object);
    const bool managed = read_member(*object, "is_managed", as_bool).value_or(true);
    event.presence = managed ? lifecycle::Presence::managed : lifecycle::Presence::unmanaged;

    lifecycle::Facts& facts = event.facts;
    facts.name = read_nullable(*object, "name", as_text);
    facts.code = read_nullable(*object, "code", as_text);
    facts.type = read_nullable(*object, "type", as_text);
    facts.is_offline_access_code = read_nullable(*object, "is_offline_access_code", as_bool);
    facts.starts_at = read_nullable(*object, "starts_at", as_instant);
    facts.ends_at = read_nullable(*object, "ends_at", as_instant);
    facts.created_at = read_nullable(*object, "created_at", as_instant);
    facts.errors = read_nullable(*object, "errors", as_array);
    facts.warnings = read_nullable(*object, "warnings", as_array);
    facts.pending_mutations = read_nullable(*object, "pending_mutations", as_array);
    facts.is_waiting_for_code_assignment =
        read_nullable(*object, "is_waiting_for_code_assignment", as_bool);
    facts.dormakaba_oracode_metadata =
        read_nullable(*object, "dormakaba_oracode_metadata", as_object);
    return event;
}

}  // namespace oracode::seam
