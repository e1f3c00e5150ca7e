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

bool told_before_a_set(const AccessCode& code, const Stamp& told) {
    return std::any_of(
        code.observations.begin(), code.observations.end(), [&](const Observation& o) {
            return o.news == News::set && (o.at > told.at || (o.at == told.at && !told.by_object));
        });
}

bool is_true(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value != nullptr && value->is_bool() && value->get_bool();
}

// Trouble of the device, account or bridge outlives a successful setting; the code's own does not.
bool outlives_setting(const json::value& error) {
    const auto* object = error.if_object();
    return object == nullptr || is_true(*object, "is_device_error") ||
           is_true(*object, "is_connected_account_error") || is_true(*object, "is_bridge_error");
}

bool is_no_setting_warning(const json::value& warning) {
    const auto* object = warning.if_object();
    if (object == nullptr) return true;
    const auto* code = object->if_contains("warning_code");
    return code == nullptr || !code->is_string() ||
           code->get_string() != "delay_in_setting_on_device";
}

std::string visible(const AccessCode& code, const Told<std::optional<std::string>>& told,
                    bool (*keep)(const json::value&)) {
    if (!told.value || *told.value == "[]") return "[]";
    if (!told_before_a_set(code, told.stamp)) return *told.value;
    boost::system::error_code error;
    const auto list = json::parse(*told.value, error);
    if (error || !list.is_array()) return *told.value;
    json::array kept;
    std::copy_if(list.get_array().begin(), list.get_array().end(), std::back_inserter(kept), keep);
    return json::serialize(kept);
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

std::string visible_errors(const AccessCode& code) {
    return visible(code, code.errors, outlives_setting);
}
std::string visible_warnings(const AccessCode& code) {
    return visible(code, code.warnings, is_no_setting_warning);
}

bool ready(const AccessCode& code, Timestamp now) {
    if (code.status != Status::set || code.ended) return false;
    const bool window_told = code.starts_at.stamp != Stamp{} && code.ends_at.stamp != Stamp{};
    if (!window_told && code.type.value != "ongoing") return false;
    if (code.starts_at.value && now < *code.starts_at.value) return false;
    if (code.ends_at.value && now >= *code.ends_at.value) return false;
    return visible_errors(code) == "[]";
}

bool overdue(const AccessCode& code, Timestamp now, Duration grace) {
    if (code.status == Status::set) return false;  // its end is our own clock's affair
    return !code.ended && code.expected_by && now >= *code.expected_by + grace;
}

}  // namespace oracode
