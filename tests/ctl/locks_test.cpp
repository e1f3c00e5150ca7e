#include "ctl/locks.hpp"

#include <sstream>

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace oracode::ctl {
namespace {

namespace json = boost::json;

std::string printed(const Table& table) {
    std::ostringstream out;
    table.print(out, false);
    return std::move(out).str();
}

TEST(CtlLocks, ShowTheLocksOwnWallClock) {
    const std::pair<const char*, const char*> rows[] = {
        {"2024-09-10T07:00:00-07:00", "Tue 2024-09-10 07:00 -07:00"},
        {"2024-03-01T23:59:30+05:30", "Fri 2024-03-01 23:59:30 +05:30"},
        {"2024-03-01T00:00:00Z", "Fri 2024-03-01 00:00 Z"},
        {"2024-03-01", "2024-03-01"},
        {"2024-03-01T07:00:00", "2024-03-01T07:00:00"},
        {"whenever", "whenever"},
        {"", ""},
    };
    for (const auto& [text, expected] : rows) EXPECT_EQ(wall_clock(text), expected);
}

TEST(CtlLocks, ShowTimesOfDayShortly) {
    const std::pair<const char*, const char*> rows[] = {
        {"07:00:00[America/Los_Angeles]", "07:00"},
        {"15:30:00-08:00[America/Los_Angeles]", "15:30"},
        {"15:30", "15:30"},
        {"7 o'clock", "7 o'clock"},
        {"", ""},
    };
    for (const auto& [text, expected] : rows) EXPECT_EQ(time_of_day(text), expected);
}

TEST(CtlLocks, TableOfNearestTellsHowFarEachIs) {
    const auto nearest = json::parse(R"([
        {"local_starts_at":"2024-09-10T07:00:00-07:00","local_ends_at":"2024-09-15T19:00:00-07:00",
         "time_slot":{"name":"Day"},"distance_s":4800},
        {"local_starts_at":"2024-09-10T00:00:00-07:00","local_ends_at":"2024-09-15T23:59:00-07:00",
         "time_slot":{"name":"Whole days"},"distance_s":180000},
        {"distance_s":0}, 7])");
    EXPECT_EQ(printed(table_of_nearest(nearest.as_array())),
              "FROM                     TO                       OFF BY      TIME SLOT\n"
              "2024-09-10 07:00 -07:00  2024-09-15 19:00 -07:00  1 h 20 min  Day\n"
              "2024-09-10 00:00 -07:00  2024-09-15 23:59 -07:00  2 d 2 h     Whole days\n"
              "-                        -                        0 min       -\n"
              "-                        -                        0 min       -\n");
}

TEST(CtlLocks, TableOfSlotsMarksWhatIsNotForGuests) {
    const auto slots = json::parse(R"([
        {"name":"Day","check_in_time":"07:00:00[America/Los_Angeles]","check_out_time":"19:00:00",
         "usable":true,"next":{"local_starts_at":"2024-09-10T07:00:00-07:00",
         "local_ends_at":"2024-09-10T19:00:00-07:00"}},
        {"name":"Weeks","is_24_hour":true,"is_biweekly_mode":true,"usable":true,"next":null},
        {"name":"Staff","is_master":true,"usable":false}])");
    EXPECT_EQ(printed(table_of_slots(slots.as_array())),
              "TIME SLOT  IN     OUT    KIND              NEXT FROM        TO\n"
              "Day        07:00  19:00  hourly            Tue 09-10 07:00  Tue 09-10 19:00\n"
              "Weeks      -      -      daily, two weeks  -                -\n"
              "Staff      -      -      not for guests    -                -\n");
}

}  // namespace
}  // namespace oracode::ctl
