// Times of day as Seam writes them for a lock's user levels. Pure values; any thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace oracode::userlevel {

// A wall-clock time at the lock, with the zone its text named. The zone is empty if it named none.
struct TimeOfDay {
    std::chrono::milliseconds since_midnight{};  // [0 h, 24 h)
    std::string zone;

    friend bool operator==(const TimeOfDay&, const TimeOfDay&) = default;
};

// Reads both of Seam's forms, `07:00:00[America/Los_Angeles]` and
// `15:30:00-08:00[America/Los_Angeles]`; seconds, a fraction (cut to milliseconds), the offset and
// the zone may be missing. The offset is checked for its form and then forgotten: a level is a
// wall-clock time all year, while its offset changes with the season. nullopt for anything else,
// `24:00` included.
[[nodiscard]] std::optional<TimeOfDay> parse_time_of_day(std::string_view text);

// "07:00", with seconds only where there are any.
[[nodiscard]] std::string clock_text(std::chrono::milliseconds since_midnight);

}  // namespace oracode::userlevel
