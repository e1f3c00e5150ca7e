#include "userlevel/match.hpp"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "userlevel/explain.hpp"
#include "userlevel/nearest.hpp"
#include "userlevel/request.hpp"
#include "userlevel/slot.hpp"

namespace oracode::userlevel {
namespace {

// One level taking the window, at its exact times, and what would be wrong with that.
struct Fit {
    const UserLevel* level;
    Timestamp starts_at;
    Timestamp ends_at;
    Duration start_moved;
    Duration end_moved;
    std::vector<Rule> broken;

    [[nodiscard]] Duration moved() const {
        return std::chrono::abs(start_moved) + std::chrono::abs(end_moved);
    }
    [[nodiscard]] bool by_a_day() const {
        return std::max(std::chrono::abs(start_moved), std::chrono::abs(end_moved)) > hour_rounding;
    }
};

// A request that could be read, at a lock whose zone is known.
struct Question {
    const Lock& lock;
    const Zone& zone;
    Instant starts_at;
    Instant ends_at;
    Duration rounding;
    Timestamp now;

    [[nodiscard]] bool in_order() const { return starts_at.at < ends_at.at; }
};

// Midnight to 23:59 is how Seam writes whole days.
bool same_time_of_day(const Zone& zone, Timestamp a, Timestamp b) {
    const auto apart = std::chrono::abs(zone.time_of_day(a) - zone.time_of_day(b));
    return std::min(apart, day_rounding - apart) <= std::chrono::minutes{1};
}

// Nothing if the rounding leaves nothing of the stay.
std::optional<Fit> fit_between(const Slot& slot, const Question& q, Timestamp starts_at,
                               Timestamp ends_at) {
    Fit found{slot.level, starts_at, ends_at, starts_at - q.starts_at.at, ends_at - q.ends_at.at,
              {}};
    if (ends_at <= q.now) found.broken.push_back(Rule::ends_in_the_past);
    if (!q.in_order()) return found;
    if (ends_at <= starts_at) return std::nullopt;
    if (slot.level->is_24_hour && found.by_a_day() &&
        !same_time_of_day(q.zone, q.starts_at.at, q.ends_at.at))
        found.broken.push_back(Rule::daily_times_differ);
    const auto lengths = broken_lengths(slot, q.zone, starts_at, ends_at);
    found.broken.insert(found.broken.end(), lengths.begin(), lengths.end());
    return found;
}

std::optional<Fit> fit(const UserLevel& level, const Question& q) {
    const auto slot = read_slot(level);
    if (!slot) return std::nullopt;
    const auto starts = round_end(*slot, q.zone, q.starts_at.at, End::check_in, q.rounding);
    const auto ends = round_end(*slot, q.zone, q.ends_at.at, End::check_out, q.rounding);
    if (starts.empty() || ends.empty()) return std::nullopt;
    auto covering = fit_between(*slot, q, starts.front(), ends.front());
    const bool requested_in_limits =
        q.in_order() && broken_lengths(*slot, q.zone, q.starts_at.at, q.ends_at.at).empty();
    if (starts.size() == 1 || !requested_in_limits || !covering || covering->broken.empty())
        return covering;
    auto later = fit_between(*slot, q, starts.back(), ends.front());
    return later && later->broken.empty() ? later : covering;
}

bool is_better(const Fit& a, const Fit& b) {
    const auto rank = [](const Fit& f) {
        return std::tuple{f.broken.size(), f.by_a_day(), f.by_a_day() && !f.level->is_24_hour,
                          f.moved(), f.level->is_biweekly_mode};
    };
    return rank(a) < rank(b);
}

std::optional<Fit> best_fit(const Question& q) {
    std::optional<Fit> best;
    for (const auto& level : q.lock.time_slots) {
        if (!is_usable(level)) continue;
        auto found = fit(level, q);
        if (found && (!best || is_better(*found, *best))) best = std::move(found);
    }
    return best;
}

// The same wall clock, read in the lock's zone: what a caller meant who wrote the wrong offset.
std::optional<Window> meant_at_the_lock(const Question& q) {
    const auto as_local = [&](const Instant& given, End end) {
        const LocalTime wall{given.at.time_since_epoch() + given.offset};
        const auto day = std::chrono::floor<std::chrono::days>(wall);
        return q.zone.instant(day, wall - day, end);
    };
    const auto starts_at = as_local(q.starts_at, End::check_in);
    const auto ends_at = as_local(q.ends_at, End::check_out);
    if (!starts_at || !ends_at) return std::nullopt;
    const Question meant{q.lock, q.zone, {*starts_at, {}}, {*ends_at, {}}, q.rounding, q.now};
    const auto found = best_fit(meant);
    if (!found || !found->broken.empty() || !meant.in_order()) return std::nullopt;
    return make_window(q.zone, found->starts_at, found->ends_at);
}

void check_days(const Question& q, std::vector<Violation>& violations) {
    if (q.zone.calendar_days(q.starts_at.at, q.ends_at.at) <= longest_stay) return;
    violations.push_back({Rule::too_many_days, explain_length(Rule::too_many_days, nullptr, q.zone,
                                                              q.starts_at.at, q.ends_at.at)});
}

void explain_no_match(const Question& q, std::vector<Violation>& violations) {
    violations.push_back(
        {Rule::no_matching_time_slot,
         explain_no_match(q.lock, q.zone, q.starts_at.at, q.ends_at.at, q.rounding)});
    const auto foreign = [&](const Instant& given) {
        return q.zone.offset(given.at) != given.offset;
    };
    if (foreign(q.starts_at) || foreign(q.ends_at))
        violations.push_back(
            {Rule::offset_not_of_the_lock,
             explain_offset(q.zone, q.starts_at, q.ends_at, meant_at_the_lock(q))});
    if (auto unreadable = explain_unreadable(q.lock); !unreadable.empty())
        violations.push_back({Rule::time_slot_unreadable, std::move(unreadable)});
    for (const auto& level : q.lock.time_slots) {
        if (is_usable(level) || !fit(level, q)) continue;
        const auto rule = level.is_master ? Rule::master_time_slot : Rule::one_time_use_time_slot;
        violations.push_back({rule, explain_unusable(rule, level)});
    }
}

// The level that takes the window, or the reasons why none does.
std::optional<LevelMatch> match_level(const Question& q, std::vector<Violation>& violations) {
    const auto found = best_fit(q);
    if (!found) {
        if (!q.lock.time_slots.empty()) explain_no_match(q, violations);
        check_days(q, violations);
        return std::nullopt;
    }
    for (const auto rule : found->broken) {
        // The times of day that differ are those of the request; the level's own are what they are.
        const bool as_requested = rule == Rule::daily_times_differ;
        violations.push_back({rule, explain_length(rule, found->level, q.zone,
                                                   as_requested ? q.starts_at.at : found->starts_at,
                                                   as_requested ? q.ends_at.at : found->ends_at)});
    }
    if (!found->broken.empty() || !q.in_order() || q.ends_at.at <= q.now) return std::nullopt;
    return LevelMatch{*found->level, make_window(q.zone, found->starts_at, found->ends_at),
                      found->start_moved, found->end_moved};
}

void check_wishes(const WindowRequest& request, std::vector<Violation>& violations) {
    if (request.code_chosen)
        violations.push_back(
            {Rule::code_not_selectable,
             "The PIN cannot be chosen: the lock's maker assigns it when the code is made."});
    if (request.one_time_use)
        violations.push_back({Rule::one_time_use_not_supported,
                              "Seam cannot make one-time-use codes for this kind of lock."});
}

void check_lock(const Lock& lock, bool zone_known, std::vector<Violation>& violations) {
    if (!lock.can_program_offline_access_codes.value_or(false))
        violations.push_back({Rule::offline_codes_not_supported,
                              "Seam does not say that this lock takes offline access codes."});
    if (lock.time_slots.empty())
        violations.push_back(
            {Rule::no_time_slots,
             "The lock has no time slots (user levels); its installer has to set them up first."});
    if (zone_known) return;
    if (auto unreadable = explain_unreadable(lock); !unreadable.empty())
        violations.push_back({Rule::time_slot_unreadable, std::move(unreadable)});
    const auto name = zone_name(lock);
    violations.push_back(
        {Rule::time_zone_unknown,
         name.empty() ? "The lock does not say which time zone it is in."
                      : fmt::format("The lock's time zone, '{}', is not known here.", name)});
}

void check_order(const Reading& reading, Timestamp now, std::vector<Violation>& violations) {
    if (reading.starts_at && reading.ends_at && reading.starts_at->at >= reading.ends_at->at)
        violations.push_back(
            {Rule::starts_not_before_ends, "The code has to start before it ends."});
    if (reading.ends_at && reading.ends_at->at <= now)
        violations.push_back({Rule::ends_in_the_past, "The code would already have ended."});
}

void check_usage(const Usage& usage, std::vector<Violation>& violations) {
    if (usage.max_codes != 0 && usage.codes_not_ended >= usage.max_codes)
        violations.push_back(
            {Rule::code_limit_reached,
             fmt::format("The lock is full: it holds {} codes that have not ended, and {} are "
                         "allowed. Codes cannot be deleted; wait until one ends.",
                         usage.codes_not_ended, usage.max_codes)});
    if (usage.created_last_minute >= creations_per_minute)
        violations.push_back(
            {Rule::creations_too_fast,
             fmt::format(
                 "Seam makes at most {} codes a minute for one lock. Try again in a minute.",
                 creations_per_minute)});
}

// Each rule once, the first sentence said of it.
void put_in_order(std::vector<Violation>& violations) {
    std::stable_sort(violations.begin(), violations.end(),
                     [](const Violation& a, const Violation& b) { return a.rule < b.rule; });
    const auto same = [](const Violation& a, const Violation& b) { return a.rule == b.rule; };
    violations.erase(std::unique(violations.begin(), violations.end(), same), violations.end());
}

bool takes_codes(const std::vector<Violation>& violations) {
    return std::none_of(violations.begin(), violations.end(), [](const Violation& v) {
        return v.rule == Rule::offline_codes_not_supported || v.rule == Rule::code_limit_reached;
    });
}

}  // namespace

bool Verdict::malformed() const {
    return std::any_of(violations.begin(), violations.end(),
                       [](const Violation& v) { return is_malformed(v.rule); });
}

Verdict check(const Lock& lock, const WindowRequest& request, Timestamp now, const Usage& usage) {
    Verdict verdict;
    const auto reading = read_request(request, verdict.violations);
    const auto zone = Zone::find(zone_name(lock));
    check_wishes(request, verdict.violations);
    check_lock(lock, zone.has_value(), verdict.violations);
    check_order(reading, now, verdict.violations);
    check_usage(usage, verdict.violations);
    if (zone && reading.starts_at && reading.ends_at && reading.rounding) {
        const Question question{
            lock, *zone, *reading.starts_at, *reading.ends_at, *reading.rounding, now};
        verdict.match = match_level(question, verdict.violations);
        if (!verdict.match && takes_codes(verdict.violations))
            verdict.nearest =
                nearest_windows(lock, *zone, reading.starts_at->at, reading.ends_at->at, now);
    }
    put_in_order(verdict.violations);
    return verdict;
}

}  // namespace oracode::userlevel
