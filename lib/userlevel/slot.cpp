#include "userlevel/slot.hpp"

#include <algorithm>

#include "userlevel/time_of_day.hpp"

namespace oracode::userlevel {
namespace {

using std::chrono::days;

// The first date, from `from` on by `step`, whose check-out makes a usable stay. Four dates are
// enough: one may be the wrong side of the check-in, one may never have been.
std::optional<Timestamp> usable_end(const Slot& slot, const Zone& zone, Timestamp starts_at,
                                    LocalDay from, days step) {
    for (int n = 0; n < 4; ++n) {
        const auto ends_at = zone.instant(from + n * step, slot.check_out, End::check_out);
        if (ends_at && *ends_at > starts_at &&
            broken_lengths(slot, zone, starts_at, *ends_at).empty())
            return ends_at;
    }
    return std::nullopt;
}

// To round to, both instants of a time that exists twice are as good: Seam goes by the wall clock.
Around occurrences(const Zone& zone, Timestamp at, std::chrono::milliseconds time_of_day) {
    const auto earlier = zone.around(at, time_of_day, End::check_in);
    const auto later = zone.around(at, time_of_day, End::check_out);
    return {std::max(earlier.before, later.before), std::min(earlier.after, later.after)};
}

}  // namespace

std::optional<Slot> read_slot(const UserLevel& level) {
    const auto check_in = parse_time_of_day(level.check_in_time);
    const auto check_out = parse_time_of_day(level.check_out_time);
    if (!check_in || !check_out) return std::nullopt;
    return Slot{&level, check_in->since_midnight, check_out->since_midnight};
}

std::vector<Timestamp> round_end(const Slot& slot, const Zone& zone, Timestamp at, End end,
                                 Duration limit) {
    const bool arrival = end == End::check_in;
    const auto around = occurrences(zone, at, arrival ? slot.check_in : slot.check_out);
    const auto& outward = arrival ? around.before : around.after;
    const auto& inward = arrival ? around.after : around.before;
    const auto within = [at](const std::optional<Timestamp>& to, Duration reach) {
        return to && std::chrono::abs(*to - at) <= reach;
    };
    const bool outward_is_nearer =
        outward && (!inward || std::chrono::abs(*outward - at) <= std::chrono::abs(*inward - at));
    const auto& nearer = outward_is_nearer ? outward : inward;
    if (within(nearer, std::min(limit, hour_rounding))) return {*nearer};
    std::vector<Timestamp> reached;
    for (const auto& to : {outward, inward})
        if (within(to, limit)) reached.push_back(*to);
    return reached;
}

std::vector<Rule> broken_lengths(const Slot& slot, const Zone& zone, Timestamp starts_at,
                                 Timestamp ends_at) {
    std::vector<Rule> broken;
    if (slot.level->is_24_hour && zone.day(starts_at) == zone.day(ends_at))
        broken.push_back(Rule::daily_same_date);
    if (slot.level->is_biweekly_mode &&
        zone.local(ends_at) - zone.local(starts_at) > longest_biweekly_stay)
        broken.push_back(Rule::biweekly_too_long);
    if (zone.calendar_days(starts_at, ends_at) > longest_stay)
        broken.push_back(Rule::too_many_days);
    return broken;
}

std::optional<Timestamp> first_end(const Slot& slot, const Zone& zone, Timestamp starts_at) {
    return usable_end(slot, zone, starts_at, zone.day(starts_at), days{1});
}

std::optional<Timestamp> last_end(const Slot& slot, const Zone& zone, Timestamp starts_at) {
    const auto longest = slot.level->is_biweekly_mode ? longest_biweekly_stay : longest_stay;
    return usable_end(slot, zone, starts_at, zone.day(starts_at) + longest + days{1}, days{-1});
}

}  // namespace oracode::userlevel
