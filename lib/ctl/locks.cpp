#include "ctl/locks.hpp"

#include <array>
#include <cstdlib>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "core/time.hpp"
#include "ctl/daemon_client.hpp"

namespace oracode::ctl {
namespace {

namespace json = boost::json;

std::string local_of(const json::object& window, std::string_view name) {
    return or_dash(wall_clock(member_text(window, name)));
}

// "Tue 09-10 07:00": the year and the offset are those of today.
std::string day_and_minute(const json::object& window, std::string_view name) {
    const auto text = local_of(window, name);
    return text.size() < 20 ? text : text.substr(0, 4) + text.substr(9, 11);
}

// "2024-09-10 07:00 -07:00"; the weekday has no room where there are two of them.
std::string without_weekday(const json::object& window, std::string_view name) {
    const auto text = local_of(window, name);
    return text.size() < 20 ? text : text.substr(4);
}

std::string kind_of(const json::object& slot) {
    if (member_true(slot, "is_master")) return "master";
    if (member_true(slot, "is_one_shot")) return "one-time use";
    std::string kind = member_true(slot, "is_24_hour") ? "daily" : "hourly";
    if (member_true(slot, "is_biweekly_mode")) kind += ", two weeks";
    return kind;
}

std::string span_of(std::int64_t seconds) {
    const auto amount = std::abs(seconds);
    const auto days = amount / 86'400;
    const auto hours = amount / 3'600 % 24;
    const auto minutes = amount / 60 % 60;
    std::string text;
    if (days != 0) text += fmt::format("{} d ", days);
    if (hours != 0) text += fmt::format("{} h ", hours);
    if (minutes != 0 || text.empty()) text += fmt::format("{} min ", minutes);
    text.pop_back();
    return text;
}

std::int64_t number_in(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

// "1 h 20 min earlier than asked for", or nothing.
std::string moved(const json::object& checked, std::string_view name) {
    const auto seconds = number_in(checked, name);
    if (seconds == 0) return "";
    return fmt::format(" ({} {} than asked for)", span_of(seconds),
                       seconds < 0 ? "earlier" : "later");
}

}  // namespace

std::string wall_clock(std::string_view local) {
    constexpr std::array weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    // The date's own weekday, whatever the offset: that of its midnight in UTC.
    const auto midnight = parse_rfc3339(std::string(local.substr(0, 10)) + "T00:00:00Z");
    if (!midnight || local.size() < 20 || !parse_rfc3339(local)) return std::string(local);
    const std::chrono::weekday day{std::chrono::floor<std::chrono::days>(*midnight)};
    const auto seconds = local.substr(16, 3) == ":00" ? "" : local.substr(16, 3);
    return fmt::format("{} {} {}{} {}", weekdays.at(day.c_encoding()), local.substr(0, 10),
                       local.substr(11, 5), seconds, local.substr(19));
}

std::string time_of_day(std::string_view text) {
    const bool clock = text.size() >= 5 && text[2] == ':' &&
                       (text.size() == 5 || text[5] == ':' || text[5] == '[');
    return std::string(clock ? text.substr(0, 5) : text);
}

Table table_of_locks(const json::array& devices) {
    constexpr std::size_t name_width = 22;
    constexpr std::size_t site_width = 18;
    Table table({"NAME", "SITE", "CODES", "OFFLINE", "TIME ZONE"});
    for (const auto& value : devices) {
        const auto& device = object_in(value);
        const auto takes = member_text(device, "can_program_offline_access_codes");
        table.add({shortened(member_text(device, "name"), name_width),
                   shortened(member_text(device, "site_name"), site_width),
                   or_dash(member_text(member_object(device, "access_codes"), "not_ended")),
                   takes.empty()     ? Cell("-")
                   : takes == "true" ? Cell("yes", Hue::green)
                                     : Cell("no", Hue::red),
                   or_dash(member_text(device, "iana_timezone"))});
        table.add_below(or_dash(member_text(device, "device_id")));
    }
    return table;
}

Table table_of_lock(const json::object& device, const std::string& as_of) {
    const auto text = [&](std::string_view name) { return or_dash(member_text(device, name)); };
    const auto& codes = member_object(device, "access_codes");
    Table table;
    table.add({"Lock", text("device_id")});
    table.add({"Name", text("name")});
    table.add({"Site", text("site_name")});
    table.add({"Time zone", text("iana_timezone")});
    const bool takes = member_true(device, "can_program_offline_access_codes");
    table.add({"Offline codes", {takes ? "yes" : "no", takes ? Hue::green : Hue::red}});
    const auto most = member_text(device, "max_codes");
    table.add({"Codes", or_dash(member_text(codes, "not_ended")) + " not ended" +
                            (most.empty() ? "" : " of " + most + " allowed")});
    table.add({"As of", as_of.empty()
                            ? "Seam has not shown this lock"
                            : as_of + " (" + span_of(number_in(device, "age_s")) + " ago)"});
    return table;
}

Table table_of_slots(const json::array& time_slots) {
    constexpr std::size_t name_width = 14;
    Table table({"TIME SLOT", "IN", "OUT", "KIND", "NEXT FROM", "TO"});
    for (const auto& value : time_slots) {
        const auto& slot = object_in(value);
        const auto& next = member_object(slot, "next");
        const bool usable = member_true(slot, "usable");
        const Hue hue = usable ? Hue::plain : Hue::faint;
        table.add({{shortened(member_text(slot, "name"), name_width), hue},
                   {or_dash(time_of_day(member_text(slot, "check_in_time"))), hue},
                   {or_dash(time_of_day(member_text(slot, "check_out_time"))), hue},
                   {usable ? kind_of(slot) : "not for guests", hue},
                   {usable ? day_and_minute(next, "local_starts_at") : "-", hue},
                   {usable ? day_and_minute(next, "local_ends_at") : "-", hue}});
    }
    return table;
}

Table table_of_window(const json::object& checked) {
    Table table;
    const auto& lock = member_object(checked, "device");
    table.add({"Lock", or_dash(member_text(lock, "name")) + " (" +
                           or_dash(member_text(lock, "device_id")) + ")"});
    table.add({"Time slot", or_dash(member_text(member_object(checked, "time_slot"), "name"))});
    table.add({"From", local_of(checked, "local_starts_at") + moved(checked, "start_moved_s")});
    table.add({"To", local_of(checked, "local_ends_at") + moved(checked, "end_moved_s")});
    return table;
}

Table table_of_nearest(const json::array& nearest) {
    Table table({"FROM", "TO", "OFF BY", "TIME SLOT"});
    for (const auto& value : nearest) {
        const auto& window = object_in(value);
        table.add({without_weekday(window, "local_starts_at"),
                   without_weekday(window, "local_ends_at"),
                   span_of(number_in(window, "distance_s")),
                   or_dash(member_text(member_object(window, "time_slot"), "name"))});
    }
    return table;
}

}  // namespace oracode::ctl
