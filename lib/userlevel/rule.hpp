// The rules a request for a code can break, and their stable names. Pure values; any thread.
#pragma once

#include <string>
#include <string_view>

namespace oracode::userlevel {

// Violations are listed in this order. Each name is also the code that programs may rely on. Unless
// noted the rule is Seam's, so that Seam would refuse the code too.
enum class Rule {
    starts_at_malformed,          // missing or no RFC 3339 instant
    starts_at_without_offset,     // a date and time, but without `Z` or an offset
    ends_at_malformed,            // missing or no RFC 3339 instant
    ends_at_without_offset,       // a date and time, but without `Z` or an offset
    max_time_rounding_unknown,    // none of 1hour, 1h, 1day, 1d
    code_not_selectable,          // a PIN was asked for; the lock's maker assigns it
    one_time_use_not_supported,   // is_one_time_use was asked for
    offline_codes_not_supported,  // can_program_offline_access_codes is absent or false
    no_time_slots,                // the lock has no user level configured
    time_zone_unknown,            // the lock's zone is not known, or not in the zone data
    starts_not_before_ends,       // starts_at is at or after ends_at
    ends_in_the_past,             // the code would have ended already
    no_matching_time_slot,        // no usable level is within max_time_rounding
    offset_not_of_the_lock,       // nothing matches, and an offset is not the lock's
    time_slot_unreadable,         // nothing matches, but a level's times cannot be read
    master_time_slot,             // nothing matches, except a master level
    one_time_use_time_slot,       // nothing matches, except a one-time-use level
    daily_times_differ,           // daily-bound, rounded by a day: two times of day
    daily_same_date,              // daily-bound: start and end on the same date
    biweekly_too_long,            // biweekly level: longer than two weeks
    too_many_days,                // more than 31 consecutive calendar days at the lock
    code_limit_reached,           // as many codes as the operator allows (the operator's rule)
    creations_too_fast,           // ten codes within the last minute on this lock
};

// The enumerator's name: stable, part of the API.
[[nodiscard]] std::string_view code(Rule rule);

// The first five: the request cannot be read (HTTP 400), rather than broken against the lock (422).
[[nodiscard]] bool is_malformed(Rule rule);

struct Violation {
    Rule rule{};
    std::string detail;  // a sentence for the person at the desk

    friend bool operator==(const Violation&, const Violation&) = default;
};

}  // namespace oracode::userlevel
