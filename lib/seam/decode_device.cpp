#include "seam/decode_device.hpp"

#include <array>
#include <cmath>

#include <boost/json.hpp>

namespace oracode::seam {
namespace {

namespace json = boost::json;

constexpr std::string_view metadata_name = "dormakaba_oracode_metadata";
constexpr std::size_t most_slots = 1000;  // locks have a dozen; more is a mistake

std::string text_at(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    const auto* text = value != nullptr ? value->if_string() : nullptr;
    return text != nullptr ? std::string(text->data(), text->size()) : std::string{};
}

std::optional<bool> flag_at(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    const auto* flag = value != nullptr ? value->if_bool() : nullptr;
    return flag != nullptr ? std::optional{*flag} : std::nullopt;
}

// Seam's schema has these numbers as floats: 3.0 is 3, and 2.5 is none of ours.
std::optional<int> number_at(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    if (value == nullptr || !value->is_number()) return std::nullopt;
    const auto number = value->to_number<double>();
    const bool whole = std::floor(number) == number && std::abs(number) <= 1e9;
    return whole ? std::optional{static_cast<int>(number)} : std::nullopt;
}

const json::object& object_at(const json::object& object, std::string_view key) {
    static const json::object nothing;
    const auto* value = object.if_contains(key);
    return value != nullptr && value->is_object() ? value->get_object() : nothing;
}

userlevel::UserLevel read_level(const json::object& slot) {
    userlevel::UserLevel level;
    level.name = text_at(slot, "name");
    level.prefix = number_at(slot, "prefix");
    level.check_in_time = text_at(slot, "check_in_time");
    level.check_out_time = text_at(slot, "check_out_time");
    level.is_24_hour = flag_at(slot, "is_24_hour").value_or(false);
    level.is_biweekly_mode = flag_at(slot, "is_biweekly_mode").value_or(false);
    level.is_one_shot = flag_at(slot, "is_one_shot").value_or(false);
    level.is_master = flag_at(slot, "is_master").value_or(false);
    level.user_level_id = text_at(slot, "dormakaba_oracode_user_level_id");
    // Seam's schema and its documentation differ in the name.
    level.user_level_prefix = number_at(slot, "dormakaba_oracode_user_level_prefix");
    if (!level.user_level_prefix)
        level.user_level_prefix = number_at(slot, "ext_dormakaba_oracode_user_level_prefix");
    return level;
}

std::string name_of(const json::object& device) {
    for (const auto* key : {"display_name", "nickname"})
        if (auto name = text_at(device, key); !name.empty()) return name;
    return text_at(object_at(device, "properties"), "name");
}

template <std::size_t N>
json::object only(const json::object& from, const std::array<std::string_view, N>& keys) {
    json::object kept;
    for (const auto key : keys)
        if (const auto* value = from.if_contains(key)) kept[key] = *value;
    return kept;
}

}  // namespace

Result<Device> decode_device(const json::value& value) {
    const auto* object = value.if_object();
    if (object == nullptr)
        return Error{Errc::invalid_argument, "a device that is not a JSON object"};
    Device device;
    auto& lock = device.lock;
    lock.device_id = text_at(*object, "device_id");
    if (lock.device_id.empty()) return Error{Errc::invalid_argument, "a device without device_id"};
    lock.name = name_of(*object);
    lock.can_program_offline_access_codes = flag_at(*object, "can_program_offline_access_codes");
    device.device_type = text_at(*object, "device_type");
    device.workspace_id = text_at(*object, "workspace_id");
    device.connected_account_id = text_at(*object, "connected_account_id");

    const auto& properties = object_at(*object, "properties");
    device.online = flag_at(properties, "online");
    const auto* oracode_metadata = properties.if_contains(metadata_name);
    device.is_oracode = oracode_metadata != nullptr && oracode_metadata->is_object();
    const auto& metadata = object_at(properties, metadata_name);
    lock.iana_timezone = text_at(metadata, "iana_timezone");
    device.site_name = text_at(metadata, "site_name");
    device.door_name = text_at(metadata, "door_name");
    const auto* slots = metadata.if_contains("predefined_time_slots");
    if (slots == nullptr || !slots->is_array()) return device;
    for (const auto& slot : slots->get_array()) {
        if (!slot.is_object() || lock.time_slots.size() == most_slots) continue;
        lock.time_slots.push_back(read_level(slot.get_object()));
    }
    return device;
}

std::string excerpt(const json::object& device) {
    using namespace std::string_view_literals;
    constexpr std::array outer{"device_id"sv,
                               "display_name"sv,
                               "nickname"sv,
                               "device_type"sv,
                               "workspace_id"sv,
                               "connected_account_id"sv,
                               "can_program_offline_access_codes"sv};
    constexpr std::array inner{"name"sv, "online"sv};
    constexpr std::array of_metadata{"iana_timezone"sv, "site_name"sv, "door_name"sv,
                                     "predefined_time_slots"sv};
    auto kept = only(device, outer);
    const auto& properties = object_at(device, "properties");
    auto kept_properties = only(properties, inner);
    const auto* metadata = properties.if_contains(metadata_name);
    if (metadata != nullptr && metadata->is_object())
        kept_properties[metadata_name] = only(metadata->get_object(), of_metadata);
    kept["properties"] = std::move(kept_properties);
    return json::serialize(kept);
}

}  // namespace oracode::seam
