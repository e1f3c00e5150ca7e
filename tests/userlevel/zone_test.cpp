#include "userlevel/zone.hpp"

#include <gtest/gtest.h>

namespace oracode::userlevel {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

Timestamp at(const char* text) {
    return parse_rfc3339(text).value();
}

LocalDay date(int y, unsigned m, unsigned d) {
    return LocalDay{std::chrono::year{y} / std::chrono::month{m} / std::chrono::day{d}};
}

TEST(Zone, IsFoundByItsNameOnly) {
    for (const auto* name :
         {"America/Los_Angeles", "Europe/Berlin", "PST8PDT", "US/Pacific", "UTC"})
        EXPECT_TRUE(Zone::find(name)) << name;
    for (const auto* name : {"", "Mars/Olympus", "america/los_angeles", "Europe/",
                             "../Europe/Berlin", "/etc/passwd", "Europe/Berlin ", "+02:00"})
        EXPECT_FALSE(Zone::find(name)) << name;
}

TEST(Zone, TurnsWallClockIntoInstantsByTheStatedRule) {
    const struct {
        const char* zone;
        LocalDay day;
        minutes time;
        const char* check_in;  // nullptr: that date never was
        const char* check_out;
    } rows[] = {
        {"America/Los_Angeles", date(2024, 9, 10), hours{7}, "2024-09-10T14:00:00Z",
         "2024-09-10T14:00:00Z"},
        {"America/Los_Angeles", date(2026, 3, 8), hours{2}, "2026-03-08T10:00:00Z",
         "2026-03-08T10:00:00Z"},
        {"America/Los_Angeles", date(2026, 3, 8), minutes{179}, "2026-03-08T10:00:00Z",
         "2026-03-08T10:00:00Z"},
        {"America/Los_Angeles", date(2026, 11, 1), minutes{59}, "2026-11-01T07:59:00Z",
         "2026-11-01T07:59:00Z"},
        {"America/Los_Angeles", date(2026, 11, 1), minutes{60}, "2026-11-01T08:00:00Z",
         "2026-11-01T09:00:00Z"},
        {"America/Los_Angeles", date(2026, 11, 1), minutes{90}, "2026-11-01T08:30:00Z",
         "2026-11-01T09:30:00Z"},
        {"America/Los_Angeles", date(2026, 11, 1), minutes{120}, "2026-11-01T10:00:00Z",
         "2026-11-01T10:00:00Z"},
        {"Europe/Berlin", date(2026, 10, 25), minutes{150}, "2026-10-25T00:30:00Z",
         "2026-10-25T01:30:00Z"},
        {"Asia/Kolkata", date(2026, 5, 1), hours{7}, "2026-05-01T01:30:00Z",
         "2026-05-01T01:30:00Z"},
        {"Australia/Lord_Howe", date(2026, 4, 5), minutes{105}, "2026-04-04T14:45:00Z",
         "2026-04-04T15:15:00Z"},
        {"Australia/Lord_Howe", date(2026, 10, 4), minutes{135}, "2026-10-03T15:30:00Z",
         "2026-10-03T15:30:00Z"},
        {"America/Sao_Paulo", date(2018, 11, 4), minutes{0}, "2018-11-04T03:00:00Z",
         "2018-11-04T03:00:00Z"},
        {"America/Sao_Paulo", date(2018, 2, 17), minutes{1410}, "2018-02-18T01:30:00Z",
         "2018-02-18T02:30:00Z"},
        {"America/Nuuk", date(2024, 3, 30), minutes{1439}, "2024-03-31T01:00:00Z",
         "2024-03-31T01:00:00Z"},
        {"Pacific/Apia", date(2011, 12, 29), minutes{1439}, "2011-12-30T09:59:00Z",
         "2011-12-30T09:59:00Z"},
        {"Pacific/Apia", date(2011, 12, 30), minutes{0}, nullptr, nullptr},
        {"Pacific/Apia", date(2011, 12, 30), minutes{1439}, nullptr, nullptr},
        {"Pacific/Apia", date(2011, 12, 31), minutes{0}, "2011-12-30T10:00:00Z",
         "2011-12-30T10:00:00Z"},
    };
    for (const auto& row : rows) {
        const auto zone = Zone::find(row.zone).value();
        const auto check_in = zone.instant(row.day, row.time, End::check_in);
        const auto check_out = zone.instant(row.day, row.time, End::check_out);
        const std::string what = std::string(row.zone) + " " + std::to_string(row.time.count());
        const auto expected = [](const char* text) {
            return text ? std::optional{at(text)} : std::nullopt;
        };
        EXPECT_EQ(check_in, expected(row.check_in)) << what;
        EXPECT_EQ(check_out, expected(row.check_out)) << what;
    }
}

TEST(Zone, WritesInstantsWithTheOffsetInForce) {
    const struct {
        const char* zone;
        const char* at;
        const char* text;
    } rows[] = {
        {"America/Los_Angeles", "2024-09-10T14:00:00Z", "2024-09-10T07:00:00-07:00"},
        {"America/Los_Angeles", "2024-12-10T14:00:00Z", "2024-12-10T06:00:00-08:00"},
        {"Europe/Berlin", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00+01:00"},
        {"Asia/Kolkata", "2026-05-01T01:30:00Z", "2026-05-01T07:00:00+05:30"},
        {"Australia/Lord_Howe", "2026-04-04T15:15:00Z", "2026-04-05T01:45:00+10:30"},
        {"Pacific/Apia", "2011-12-30T09:59:59Z", "2011-12-29T23:59:59-10:00"},
        {"Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31T00:00:00+14:00"},
        {"America/St_Johns", "2026-01-01T00:00:00Z", "2025-12-31T20:30:00-03:30"},
        {"UTC", "2026-01-01T00:00:00.250Z", "2026-01-01T00:00:00.250+00:00"},
        {"Europe/Berlin", "1800-01-01T00:00:00Z", "1800-01-01T00:00:00.000Z"},
    };
    for (const auto& row : rows)
        EXPECT_EQ(Zone::find(row.zone).value().text(at(row.at)), row.text) << row.zone;
}

TEST(Zone, CountsTheDatesAStayTouches) {
    const struct {
        const char* zone;
        const char* from;
        const char* to;
        int days;
    } rows[] = {
        {"America/Los_Angeles", "2026-07-06T07:00:00-07:00", "2026-07-06T19:00:00-07:00", 1},
        {"America/Los_Angeles", "2026-07-06T23:59:59-07:00", "2026-07-07T00:00:00-07:00", 1},
        {"America/Los_Angeles", "2026-07-06T23:59:59-07:00", "2026-07-07T00:00:01-07:00", 2},
        {"America/Los_Angeles", "2026-07-06T16:00:00-07:00", "2026-08-06T10:00:00-07:00", 32},
        {"America/Los_Angeles", "2026-11-01T00:00:00-07:00", "2026-11-02T00:00:00-08:00", 1},
        {"Pacific/Apia", "2011-12-29T12:00:00-10:00", "2011-12-31T12:00:00+14:00", 2},
        {"Pacific/Apia", "2011-12-01T07:00:00-10:00", "2012-01-01T19:00:00+14:00", 31},
        {"Pacific/Apia", "2012-01-01T07:00:00+14:00", "2012-01-31T19:00:00+14:00", 31},
        {"America/Los_Angeles", "2026-07-07T07:00:00-07:00", "2026-07-06T19:00:00-07:00", 0},
    };
    for (const auto& row : rows)
        EXPECT_EQ(Zone::find(row.zone).value().calendar_days(at(row.from), at(row.to)),
                  days{row.days})
            << row.from << " " << row.to;
}

TEST(Zone, FindsTheOccurrencesOfATimeThatExistsTwice) {
    const auto zone = Zone::find("America/Los_Angeles").value();
    const auto between = at("2026-11-01T09:00:00Z");
    EXPECT_EQ(zone.around(between, minutes{90}, End::check_in).before, at("2026-11-01T08:30:00Z"));
    EXPECT_EQ(zone.around(between, minutes{90}, End::check_in).after, at("2026-11-02T09:30:00Z"));
    EXPECT_EQ(zone.around(between, minutes{90}, End::check_out).before, at("2026-10-31T08:30:00Z"));
    EXPECT_EQ(zone.around(between, minutes{90}, End::check_out).after, at("2026-11-01T09:30:00Z"));
    const auto on_it = zone.around(at("2026-11-01T09:30:00Z"), minutes{90}, End::check_in);
    EXPECT_EQ(on_it.before, at("2026-11-01T09:30:00Z"));
    EXPECT_EQ(on_it.after, at("2026-11-01T09:30:00Z"));
}

TEST(Zone, StepsOverADateThatNeverWas) {
    const auto zone = Zone::find("Pacific/Apia").value();
    const auto around = zone.around(at("2011-12-30T10:00:00Z"), hours{16}, End::check_in);
    EXPECT_EQ(around.before, at("2011-12-29T16:00:00-10:00"));
    EXPECT_EQ(around.after, at("2011-12-31T16:00:00+14:00"));
}

TEST(Zone, SaysWhenInAWayPeopleRead) {
    EXPECT_EQ(Zone::find("Pacific/Apia").value().readable(at("2011-12-30T10:00:00Z")),
              "Sat 31 Dec 2011 00:00");
}

}  // namespace
}  // namespace oracode::userlevel
