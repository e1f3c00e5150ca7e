#include "representation/access_code_json.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "core/lenient_json.hpp"
#include "lifecycle/pins.hpp"
#include "representation/or_null.hpp"

namespace oracode::representation {
namespace {

namespace json = boost::json;

// What one text of the code may quote of another.
std::vector<std::string> pins_of(const lifecycle::AccessCode& code, std::string_view errors,
                                 std::string_view warnings, std::string_view mutations) {
    std::vector<std::string> pins;
    if (code.code.value) pins.push_back(*code.code.value);
    for (const auto text : {errors, warnings, mutations})
        if (text != "[]") lifecycle::add_pins(pins, text);
    return pins;
}

// The text came from Seam as JSON and was kept as such.
json::value embedded(const std::string& text, std::span<const std::string> pins, const View& view,
                     const json::storage_ptr& storage) {
    if (text == "[]") return json::array(storage);
    boost::system::error_code error;
    const auto hidden = view.include_code ? std::nullopt : lifecycle::without_pins(text, pins);
    auto value = parse_lenient_json(hidden ? *hidden : text, error, storage);
    if (error) return nullptr;
    return value;
}

}  // namespace

json::value to_json(const std::optional<Timestamp>& at) {
    return at ? json::value(format_rfc3339(*at)) : json::value();
}

json::object to_json(const lifecycle::AccessCode& code, const View& view,
                     const json::storage_ptr& storage) {
    json::object out(storage);
    out.reserve(36);
    out["access_code_id"] = code.access_code_id;
    out["device_id"] = text_or_null(code.device_id);
    out["workspace_id"] = text_or_null(code.workspace_id);
    out["connected_account_id"] = text_or_null(code.connected_account_id);
    out["name"] = json_or_null(code.name.value);
    if (view.include_code) out["code"] = json_or_null(code.code.value);
    out["type"] = json_or_null(code.type.value);
    out["is_offline_access_code"] = json_or_null(code.is_offline_access_code.value);
    out["starts_at"] = to_json(code.starts_at.value);
    out["ends_at"] = to_json(code.ends_at.value);
    out["status"] = name(code.status);
    out["status_since"] = format_rfc3339(code.status_since);
    out["status_source"] = name(code.status_source);
    const auto obstacles = lifecycle::not_ready(code, view.now);
    out["ready"] = obstacles.empty();
    json::array words(storage);
    for (const auto obstacle : obstacles.list()) words.push_back(json::value(name(obstacle)));
    out["not_ready"] = std::move(words);
    out["external_id"] = json_or_null(code.external_id);
    out["managed"] = code.managed.value;
    out["missing_since"] = to_json(lifecycle::missing_since(code));
    out["overdue"] = lifecycle::overdue(code, view.now, view.grace);
    out["tracked"] = code.tracked;
    out["expected_by"] = to_json(code.expected_by);
    out["next_poll_at"] = to_json(view.polling ? code.next_poll_at : std::nullopt);
    out["last_polled_at"] = to_json(code.last_polled_at);
    if (code.ended) {
        out["ended"] = json::object(
            {{"reason", name(code.ended->reason)}, {"at", format_rfc3339(code.ended->at)}});
    } else {
        out["ended"] = nullptr;
    }
    const auto& errors = lifecycle::visible_errors(code);
    const auto& warnings = lifecycle::visible_warnings(code);
    const auto mutations = code.pending_mutations.value.value_or("[]");
    const auto pins =
        view.include_code ? std::vector<std::string>{} : pins_of(code, errors, warnings, mutations);
    out["errors"] = embedded(errors, pins, view, storage);
    out["warnings"] = embedded(warnings, pins, view, storage);
    out["pending_mutations"] = embedded(mutations, pins, view, storage);
    const auto& metadata = code.dormakaba_oracode_metadata.value;
    out["dormakaba_oracode_metadata"] =
        metadata ? embedded(*metadata, pins, view, storage) : json::value();
    out["created_at"] = to_json(code.created_at.value);
    out["updated_at"] = format_rfc3339(code.updated_at);
    out["version"] = code.version;
    return out;
}

json::object to_json(const lifecycle::Transition& transition) {
    return {{"from", transition.from ? json::value(name(*transition.from)) : json::value()},
            {"to", name(transition.to)},
            {"at", format_rfc3339(transition.at)},
            {"recorded_at", format_rfc3339(transition.recorded_at)},
            {"source", name(transition.source)},
            {"event_id", text_or_null(transition.event_id)},
            {"event_type", text_or_null(transition.event_type)}};
}

std::string etag(const lifecycle::AccessCode& code, const View& view) {
    const auto ms = [](const std::optional<Timestamp>& at) {
        return at ? at->time_since_epoch().count() : 0;
    };
    return fmt::format("\"{:x}.{:x}.{:x}.{:x}{}{}\"", code.version, ms(code.last_polled_at),
                       ms(code.next_poll_at), lifecycle::not_ready(code, view.now).bits(),
                       lifecycle::overdue(code, view.now, view.grace) ? "o" : "",
                       view.include_code ? "c" : "");
}

json::value payload_json(std::string_view payload, bool include_code,
                         std::span<const std::string> pins) {
    boost::system::error_code error;
    const auto hidden = include_code ? std::nullopt : lifecycle::without_pins(payload, pins);
    auto value = parse_lenient_json(hidden ? *hidden : payload, error);
    auto* object = error ? nullptr : value.if_object();
    if (object == nullptr) return nullptr;
    if (include_code) return value;
    // Where Seam's schema always has one, it is left out rather than null.
    object->erase("code");
    for (const auto* side : {"from", "to"}) {
        if (auto* member = object->if_contains(side); member != nullptr && member->is_object())
            member->get_object().erase("code");
    }
    return value;
}

}  // namespace oracode::representation
