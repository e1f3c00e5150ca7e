#include "userlevel/user_level.hpp"

#include "userlevel/slot.hpp"
#include "userlevel/time_of_day.hpp"

namespace oracode::userlevel {

std::string zone_name(const Lock& lock) {
    if (!lock.iana_timezone.empty()) return lock.iana_timezone;
    for (const auto& level : lock.time_slots) {
        for (const auto* text : {&level.check_in_time, &level.check_out_time}) {
            auto time = parse_time_of_day(*text);
            if (time && !time->zone.empty()) return std::move(time->zone);
        }
    }
    return {};
}

bool is_usable(const UserLevel& level) {
    return !level.is_master && !level.is_one_shot && read_slot(level).has_value();
}

Window make_window(const Zone& zone, Timestamp starts_at, Timestamp ends_at) {
    return {starts_at, ends_at, zone.text(starts_at), zone.text(ends_at)};
}

std::optional<Window> next_window(const UserLevel& level, const Zone& zone, Timestamp now) {
    const auto slot = read_slot(level);
    if (!slot) return std::nullopt;
    const auto starts_at = zone.around(now, slot->check_in, End::check_in).after;
    if (!starts_at) return std::nullopt;
    const auto ends_at = first_end(*slot, zone, *starts_at);
    if (!ends_at) return std::nullopt;
    return make_window(zone, *starts_at, *ends_at);
}

}  // namespace oracode::userlevel
