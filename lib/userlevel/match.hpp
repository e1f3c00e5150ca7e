// Whether a lock accepts the code that was asked for, decided before Seam is: the Oracode rules in
// one pure function. Nothing here reads a clock or a lock; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "userlevel/rule.hpp"
#include "userlevel/user_level.hpp"

namespace oracode::userlevel {

// What the caller asked for, in the caller's words.
struct WindowRequest {
    std::string starts_at;  // RFC 3339 with an offset
    std::string ends_at;
    std::string max_time_rounding;  // 1hour, 1h, 1day, 1d; empty is Seam's default, an hour
    bool code_chosen = false;       // a PIN is given
    bool one_time_use = false;      // is_one_time_use is true
};

// What is known of the lock's use besides. `codes_not_ended` includes the codes others made there.
struct Usage {
    std::size_t codes_not_ended = 0;
    std::size_t max_codes = 0;            // oracode.max_codes_per_device; 0 is no limit
    std::size_t created_last_minute = 0;  // Seam takes ten a minute for one device
};

inline constexpr std::size_t creations_per_minute = 10;

// The level that takes the window, and the level's exact times: they are what is sent to Seam,
// which then has nothing left to round.
struct LevelMatch {
    UserLevel time_slot;
    Window window;
    Duration start_moved{};  // rounding: positive is later than asked for
    Duration end_moved{};
};

// A window that the same request would get accepted with, its PIN and single use aside.
struct Proposal {
    UserLevel time_slot;
    Window window;
    std::chrono::seconds distance{};  // how far the start moves plus how far the end moves
};

struct Verdict {
    std::vector<Violation> violations;  // every rule broken, each once, in the order of Rule
    std::optional<LevelMatch>
        match;  // set if a level takes the window, also where another rule forbids the code
    std::vector<Proposal>
        nearest;  // if no level does: the nearest first; none where the lock takes no code

    [[nodiscard]] bool ok() const { return violations.empty(); }
    // The request itself cannot be read: HTTP 400 and not 422.
    [[nodiscard]] bool malformed() const;
};

// Checks `request` for `lock` at `now`. `ends_at` has to lie after `now`; a start in the past is
// fine.
//
// Rounding. Seam takes "3:45 PM to 10:15 AM" for a slot of 4:00 PM to 10:00 AM and refuses 2:00 PM
// (its help page on time slots), so each end moves to the level's time by itself, earlier or later,
// by at most max_time_rounding, the edge included. Which of two occurrences it moves to Seam does
// not say. Here: the nearer one within an hour; beyond it, which only `1day` allows, outward (the
// start back, the end on), so that rounding by hours never takes from a guest the hours asked for;
// inward only if outward is more than 24 h away, as on the day clocks go back. An instant that
// already shows the level's time at the lock stays as it is. Where the window outward is longer
// than a code may be and the stay asked for is not, the start moves on instead of back: 30 dates
// from 00:00 to 23:59 fit a level of 12:00 to 12:00. The end is never cut short for that: who loses
// the first hours hears of it at the booking, who loses the last ones at the door.
//
// Among levels, those that break no rule of length come first, then those within an hour, then
// daily-bound before hourly-bound (`1day` is meant for them), then the least moved, then plain ones
// before biweekly ones, then Seam's order.
//
// Daily-bound. Seam asks for the same time of day on different dates, but its own example is 00:00
// to 23:59. Here: ends within an hour of the level's times are such; a window that needs day
// rounding has to name the same time of day twice, give or take that one minute.
//
// Biweekly is at most 14 days on the lock's wall clock (so two weeks to the same time of day are
// within it). The 31 days are calendar days touched, in the lock's zone: checking out on the 31st
// date is the last that passes.
[[nodiscard]] Verdict check(const Lock& lock, const WindowRequest& request, Timestamp now,
                            const Usage& usage);

}  // namespace oracode::userlevel
