// A lock's time zone: instants to wall-clock time and back, across daylight saving. Reads the
// system's zone data (/usr/share/zoneinfo) once, through Howard Hinnant's date/tz. Cheap to copy;
// any thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "core/time.hpp"

namespace date {
class time_zone;
}

namespace oracode::userlevel {

using LocalDay = std::chrono::local_days;
using LocalTime = std::chrono::local_time<std::chrono::milliseconds>;

// Which end of a stay a time of day is: it decides what a time that exists twice means.
enum class End { check_in, check_out };

// The occurrences of a time of day next to an instant; both are the instant itself if it is one of
// them.
struct Around {
    std::optional<Timestamp> before;
    std::optional<Timestamp> after;
};

class Zone {
public:
    // nullopt for a name the zone data does not have, an empty one included, and where there is no
    // zone data.
    [[nodiscard]] static std::optional<Zone> find(std::string_view name);

    [[nodiscard]] const std::string& name() const;
    [[nodiscard]] std::chrono::seconds offset(Timestamp at) const;
    [[nodiscard]] LocalTime local(Timestamp at) const;
    [[nodiscard]] LocalDay day(Timestamp at) const;
    [[nodiscard]] std::chrono::milliseconds time_of_day(Timestamp at) const;

    // From wall clock to instant. The rule for daylight saving:
    // - A time that does not exist that day (clocks go forward) is the first instant after the gap.
    // - A time that exists twice (clocks go back) is the earlier instant for a check-in and the
    //   later one for a check-out, so that a guest is never the one who loses the hour.
    // - On a date that never was (Apia, 2011-12-30) nothing happens: nullopt.
    // The library knows no transitions past 2037; from then on the zone's last offset is taken.
    [[nodiscard]] std::optional<Timestamp> instant(LocalDay day,
                                                   std::chrono::milliseconds time_of_day,
                                                   End end) const;

    // The occurrences of a time next to `at`, by the same rule; `at` itself if it shows that time,
    // also where it is the other one of two.
    [[nodiscard]] Around around(Timestamp at, std::chrono::milliseconds time_of_day, End end) const;

    // Dates from `starts_at` to `ends_at` (which is not part of the stay any more, so that midnight
    // does not begin another day). A date that never was does not count.
    [[nodiscard]] std::chrono::days calendar_days(Timestamp starts_at, Timestamp ends_at) const;

    // "2024-09-10T07:00:00-07:00": RFC 3339 with the offset in force here. `Z` where that offset
    // has seconds, which only happens before 1972.
    [[nodiscard]] std::string text(Timestamp at) const;

    // "Tue 10 Sep 2024 07:00", for people.
    [[nodiscard]] std::string readable(Timestamp at) const;

private:
    explicit Zone(const date::time_zone* zone) : zone_(zone) {}

    const date::time_zone* zone_;  // lives in the library's list, as long as the process
};

}  // namespace oracode::userlevel
