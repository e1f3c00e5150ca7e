#include "lifecycle/access_code.hpp"

#include <algorithm>
#include <array>

#include <boost/json.hpp>

namespace oracode {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 5> status_names{"unknown", "unset", "setting", "set",
                                                       "removing"};
constexpr std::array<std::string_view, 6> source_names{"webhook", "poll",  "backfill",
                                                       "create",  "track", "clock"};
constexpr std::array<std::string_view, 3> end_reason_names{"removed", "deleted", "expired"};

bool stated_before_a_set(const AccessCode& code, const Stamp& stated) {
    return std::any_of(code.observations.begin(), code.observations.end(),
                       [&](const Observation& o) {
                           return o.step == LifecycleStep::set &&
                                  (o.at > stated.at || (o.at == stated.at && !stated.by_object));
                       });
}

bool is_true(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value != nullptr && value->is_bool() && value->get_bool();
}

bool says_code(const json::object& object, std::string_view key, std::string_view code) {
    const auto* value = object.if_contains(key);
    return value != nullptr && value->is_string() && value->get_string() == code;
}

// Trouble of the device, account or bridge.
bool is_of_another(const json::value& error) {
    const auto* object = error.if_object();
    return object == nullptr || is_true(*object, "is_device_error") ||
           is_true(*object, "is_connected_account_error") || is_true(*object, "is_bridge_error");
}

// It outlives a successful setting, and so does a code's being switched off; trouble in setting
// does not.
bool outlives_setting(const json::value& error) {
    return is_of_another(error) ||
           says_code(error.get_object(), "error_code", "access_code_inactive");
}

bool is_no_setting_warning(const json::value& warning) {
    const auto* object = warning.if_object();
    return object == nullptr || !says_code(*object, "warning_code", "delay_in_setting_on_device");
}

bool none(const json::value&) {
    return false;
}

using Keep = bool (*)(const json::value&);

// The entries of the JSON array `text` that all of `keep` let pass.
std::string only(const std::string& text, std::initializer_list<Keep> keep) {
    boost::system::error_code error;
    const auto list = json::parse(text, error);
    if (error || !list.is_array()) return text;
    json::array kept;
    for (const auto& entry : list.get_array()) {
        if (std::all_of(keep.begin(), keep.end(), [&](Keep keeps) { return keeps(entry); }))
            kept.push_back(entry);
    }
    return json::serialize(kept);
}

bool is_empty(const LatestValue<std::optional<std::string>>& stated) {
    return !stated.value || *stated.value == "[]";
}

// Two JSON arrays in one.
std::string joined(std::string first, const std::string& second) {
    if (first == "[]") return second;
    if (second == "[]") return first;
    first.back() = ',';
    return first.append(second, 1);
}

std::string after_sets(const AccessCode& code,
                       const LatestValue<std::optional<std::string>>& stated, Keep outlives) {
    if (is_empty(stated)) return "[]";
    if (!stated_before_a_set(code, stated.stamp)) return *stated.value;
    return only(*stated.value, {outlives});
}

// What the object states, less what a later event knows better, and with what it adds.
std::string visible(const AccessCode& code,
                    const LatestValue<std::optional<std::string>>& by_object,
                    const LatestValue<std::optional<std::string>>& by_event, Keep outlives,
                    Keep outlives_event) {
    auto list = after_sets(code, by_object, outlives);
    if (by_event.stamp <= by_object.stamp) return list;
    if (list != "[]") list = only(list, {outlives_event});
    return joined(std::move(list), after_sets(code, by_event, outlives));
}

}  // namespace

std::string_view name(Status status) {
    return status_names.at(static_cast<std::size_t>(status));
}
std::string_view name(Source source) {
    return source_names.at(static_cast<std::size_t>(source));
}
std::string_view name(EndReason reason) {
    return end_reason_names.at(static_cast<std::size_t>(reason));
}

std::optional<Status> parse_status(std::string_view text) {
    const auto found = std::find(status_names.begin(), status_names.end(), text);
    if (found == status_names.end()) return std::nullopt;
    return static_cast<Status>(found - status_names.begin());
}

void WindowEdge::merge(const std::optional<Timestamp>& instant, Stamp when) {
    if (instant) {
        if (when < stamp || (when == stamp && value && *instant <= *value)) return;
        value = instant;
        stamp = when;
        for (auto& denial : denied) {
            if (denial <= stamp) denial = Stamp{};
        }
    } else if (when > stamp && when != denied[0] && when > denied[1]) {
        denied[1] = std::min(denied[0], when);
        denied[0] = std::max(denied[0], when);
    }
    if (denied[1] != Stamp{}) value.reset();
}

std::string visible_errors(const AccessCode& code) {
    return visible(code, code.errors, code.event_errors, outlives_setting, is_of_another);
}
std::string visible_warnings(const AccessCode& code) {
    return visible(code, code.warnings, code.event_warnings, is_no_setting_warning, none);
}

bool overdue(const AccessCode& code, Timestamp now, Duration grace) {
    if (code.status == Status::set) return false;  // its end is our own clock's affair
    return !code.ended && code.expected_by && now >= *code.expected_by + grace;
}

}  // namespace oracode
