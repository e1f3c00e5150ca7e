#include "userlevel/explain.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/text.hpp"
#include "userlevel/slot.hpp"
#include "userlevel/time_of_day.hpp"

namespace oracode::userlevel {
namespace {

constexpr std::size_t most_slots_named = 8;

std::string slot_list(const Lock& lock) {
    std::string list;
    std::size_t usable = 0;
    for (const auto& level : lock.time_slots) {
        if (!is_usable(level)) continue;
        const auto slot = read_slot(level);
        if (!slot || ++usable > most_slots_named) continue;
        list += fmt::format("{}{} {} to {}", list.empty() ? "" : "; ", level.name,
                            clock_text(slot->check_in), clock_text(slot->check_out));
    }
    if (usable > most_slots_named) list += fmt::format("; and {} more", usable - most_slots_named);
    return list;
}

// Of Seam's texts; whatever they hold, the sentence stays readable.
std::string shortened(std::string_view text) {
    constexpr std::size_t longest = 60;
    const auto shown = whole_characters(text, longest);
    return fmt::format("{}{}", shown, shown.size() < text.size() ? "…" : "");
}

std::string utc_offset(std::chrono::seconds offset) {
    const std::chrono::hh_mm_ss width{std::chrono::abs(offset)};
    return fmt::format("UTC{}{:02}:{:02}", offset.count() < 0 ? '-' : '+', width.hours().count(),
                       width.minutes().count());
}

void add_reading(std::string& out, const char* field, const Zone& zone, const Instant& given) {
    if (zone.offset(given.at) == given.offset) return;
    out += fmt::format("{} was given in {}, but the lock is at {} then: there it is {}. ", field,
                       utc_offset(given.offset), utc_offset(zone.offset(given.at)),
                       zone.readable(given.at));
}

}  // namespace

std::string explain_no_match(const Lock& lock, const Zone& zone, Timestamp starts_at,
                             Timestamp ends_at, Duration rounding) {
    const auto slots = slot_list(lock);
    if (slots.empty())
        return "None of the lock's time slots can be used for guests: each is a master slot, a "
               "one-time-use slot, or "
               "has no readable times.";
    return fmt::format(
        "No time slot of the lock is within {} of {} to {} (lock's time, {}). It has: {}.",
        rounding == hour_rounding ? "one hour" : "one day", zone.readable(starts_at),
        zone.readable(ends_at), zone.name(), slots);
}

std::string explain_offset(const Zone& zone, const Instant& starts_at, const Instant& ends_at,
                           const std::optional<Window>& hint) {
    std::string out;
    add_reading(out, "starts_at", zone, starts_at);
    add_reading(out, "ends_at", zone, ends_at);
    if (hint)
        out += fmt::format("Meant in the lock's own time, write {} to {}.", hint->local_starts_at,
                           hint->local_ends_at);
    else
        out.pop_back();
    return out;
}

std::string explain_unreadable(const Lock& lock) {
    std::string out;
    std::size_t named = 0;
    for (const auto& level : lock.time_slots) {
        if (level.is_master || level.is_one_shot || read_slot(level)) continue;
        if (++named > most_slots_named) continue;
        out += fmt::format("{}'{}' ('{}' to '{}')", out.empty() ? "" : ", ", shortened(level.name),
                           shortened(level.check_in_time), shortened(level.check_out_time));
    }
    if (named == 0) return {};
    if (named > most_slots_named) out += fmt::format(" and {} more", named - most_slots_named);
    return fmt::format(
        "Seam shows times that cannot be read for the time slots {}, so it is not "
        "known whether they would fit.",
        out);
}

std::string explain_unusable(Rule rule, const UserLevel& level) {
    return fmt::format(
        "These times only fit '{}', a {} time slot, which Seam cannot make codes for.", level.name,
        rule == Rule::master_time_slot ? "master" : "one-time-use");
}

std::string explain_length(Rule rule, const UserLevel* level, const Zone& zone, Timestamp starts_at,
                           Timestamp ends_at) {
    const std::string_view name =
        level == nullptr ? std::string_view{} : std::string_view{level->name};
    if (rule == Rule::daily_times_differ)
        return fmt::format(
            "'{}' goes by whole days: rounded by a day, start and end need the same time of day, "
            "but "
            "they are {} and {}.",
            name, zone.readable(starts_at), zone.readable(ends_at));
    if (rule == Rule::daily_same_date)
        return fmt::format(
            "'{}' goes by whole days: start and end have to be on different dates, but both are on "
            "the date of {}.",
            name, zone.readable(starts_at));
    if (rule == Rule::biweekly_too_long)
        return fmt::format("'{}' is valid for two weeks at most; {} to {} is longer.", name,
                           zone.readable(starts_at), zone.readable(ends_at));
    if (rule == Rule::ends_in_the_past)
        return fmt::format("The code would already have ended, on {}.", zone.readable(ends_at));
    return fmt::format(
        "A code is valid on 31 consecutive days at most; {} to {} touches {} days at the lock.",
        zone.readable(starts_at), zone.readable(ends_at),
        zone.calendar_days(starts_at, ends_at).count());
}

}  // namespace oracode::userlevel
