#include "ctl/lifecycle_script.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include <boost/json.hpp>
#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid_io.hpp>

namespace oracode::ctl {
namespace {

namespace json = boost::json;

constexpr std::string_view prefix = "access_code.";
constexpr std::array<EventKind, 10> kinds{{
    {.type = "created"},
    {.type = "scheduled_on_device", .tells_pin = true},
    {.type = "delay_in_setting_on_device",
     .warning_code = "delay_in_setting_on_device",
     .message = "Delay in setting code on device."},
    {.type = "failed_to_set_on_device",
     .error_code = "failed_to_set_on_device",
     .message = "Failed to set code on device."},
    {.type = "set_on_device", .tells_pin = true},
    {.type = "delay_in_removing_from_device",
     .warning_code = "delay_in_removing_from_device",
     .message = "Delay in removing code from device."},
    {.type = "failed_to_remove_from_device",
     .error_code = "failed_to_remove_from_device",
     .message = "Failed to remove code from device."},
    {.type = "removed_from_device"},
    {.type = "deleted", .tells_pin = true},
    {.type = "deleted_external_to_seam"},
}};

// A UUID that is the same for the same text.
boost::uuids::uuid uuid_of(const std::string& text) {
    static const boost::uuids::name_generator_sha1 generate(boost::uuids::ns::oid());
    return generate("oracodectl simulate " + text);
}

// Nine digits, as Oracode PINs have.
std::string pin_of(const Subject& subject) {
    const auto id = uuid_of("pin of " + subject.access_code_id);
    std::string digits;
    for (std::size_t i = 0; i < 9; ++i) digits += static_cast<char>('0' + id.data[i] % 10);
    return digits;
}

json::array entries(std::string_view name, std::string_view code, std::string_view message,
                    Timestamp at) {
    if (code.empty()) return {};
    json::object entry{{name, code}, {"message", message}, {"created_at", format_rfc3339(at)}};
    if (name == "error_code") entry["is_access_code_error"] = true;
    return {std::move(entry)};
}

}  // namespace

std::span<const EventKind> event_kinds() {
    return kinds;
}

const EventKind* find_event_kind(std::string_view type) {
    if (type.starts_with(prefix)) type.remove_prefix(prefix.size());
    const auto* found = std::ranges::find(kinds, type, &EventKind::type);
    return found == kinds.end() ? nullptr : found;
}

std::vector<const EventKind*> usual_lifecycle() {
    return {find_event_kind("created"), find_event_kind("scheduled_on_device"),
            find_event_kind("delay_in_setting_on_device"), find_event_kind("set_on_device")};
}

std::string event_body(const EventKind& kind, const Subject& subject, Timestamp occurred_at) {
    const auto created_at = occurred_at + std::chrono::milliseconds{123};
    json::object event{
        {"event_id", fresh_uuid()},
        {"event_type", std::string(prefix).append(kind.type)},
        {"workspace_id", to_string(uuid_of("workspace"))},
        {"created_at", format_rfc3339(created_at)},
        {"occurred_at", format_rfc3339(occurred_at)},
        {"access_code_id", subject.access_code_id},
        {"connected_account_id", to_string(uuid_of("account"))},
        {"device_id", subject.device_id},
    };
    if (kind.tells_pin) event["code"] = pin_of(subject);
    if (!kind.error_code.empty() || !kind.warning_code.empty()) {
        event["access_code_errors"] =
            entries("error_code", kind.error_code, kind.message, occurred_at);
        event["access_code_warnings"] =
            entries("warning_code", kind.warning_code, kind.message, occurred_at);
        for (const auto* name : {"connected_account_errors", "connected_account_warnings",
                                 "device_errors", "device_warnings"})
            event[name] = json::array();
    }
    event["connected_account_custom_metadata"] = json::object();
    event["device_custom_metadata"] = json::object();
    return json::serialize(event);
}

Timestamp occurrence(std::size_t index, std::size_t count, Timestamp start, Duration interval) {
    using std::chrono::milliseconds;
    // Seam hears of an event and writes it down shortly before it delivers.
    const auto behind =
        milliseconds{200} + std::chrono::seconds{1} * static_cast<std::int64_t>(count - 1 - index);
    return start + interval * static_cast<std::int64_t>(index) -
           std::chrono::duration_cast<milliseconds>(behind);
}

std::string fresh_uuid() {
    return to_string(boost::uuids::random_generator()());
}

}  // namespace oracode::ctl
