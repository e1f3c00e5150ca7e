#include "userlevel/user_level.hpp"

#include <gtest/gtest.h>

#include "userlevel/locks.hpp"

namespace oracode::test {
namespace {

TEST(LockZone, IsTheLocksOwnOrElseThatOfASlot) {
    Lock lock = lock_of("Berlin 07:00-19:00");
    EXPECT_EQ(zone_name(lock), "Europe/Berlin");
    lock.iana_timezone = "America/Los_Angeles";
    EXPECT_EQ(zone_name(lock), "America/Los_Angeles");
    lock.iana_timezone.clear();
    EXPECT_EQ(zone_name(lock), "Europe/Berlin");
    lock.time_slots[0].check_in_time = "07:00:00";
    EXPECT_EQ(zone_name(lock), "Europe/Berlin");
    lock.time_slots[0].check_out_time = "unreadable[Europe/Berlin]";
    EXPECT_EQ(zone_name(lock), "");
}

TEST(UserLevel, IsUsableForGuestsOnlyWithTimesAndWithoutPrivileges) {
    EXPECT_TRUE(is_usable(lock_of("LA 07:00-19:00").time_slots[0]));
    EXPECT_TRUE(is_usable(lock_of("LA 07:00-19:00db").time_slots[0]));
    EXPECT_FALSE(is_usable(lock_of("LA 07:00-19:00m").time_slots[0]));
    EXPECT_FALSE(is_usable(lock_of("LA 07:00-19:00o").time_slots[0]));
    EXPECT_FALSE(is_usable(lock_of("LA 07:00-25:00").time_slots[0]));
    EXPECT_FALSE(is_usable(UserLevel{}));
}

TEST(NextWindow, IsTheNextStayTheLevelAllows) {
    const struct {
        const char* lock;
        const char* now;
        const char* starts_at;
        const char* ends_at;
    } rows[] = {
        {"LA 07:00-19:00", "2026-07-06T14:00:00Z", "2026-07-06T07:00:00-07:00",
         "2026-07-06T19:00:00-07:00"},
        {"LA 07:00-19:00", "2026-07-06T14:00:01Z", "2026-07-07T07:00:00-07:00",
         "2026-07-07T19:00:00-07:00"},
        {"LA 16:00-10:00", "2026-07-06T14:00:00Z", "2026-07-06T16:00:00-07:00",
         "2026-07-07T10:00:00-07:00"},
        {"Berlin 00:00-23:59d", "2026-10-24T10:00:00Z", "2026-10-25T00:00:00+02:00",
         "2026-10-26T23:59:00+01:00"},
        {"Paulo 00:00-12:00", "2018-11-03T12:00:00Z", "2018-11-04T01:00:00-02:00",
         "2018-11-04T12:00:00-02:00"},
        {"Paulo 12:00-23:30", "2018-02-17T12:00:00Z", "2018-02-17T12:00:00-02:00",
         "2018-02-17T23:30:00-03:00"},
    };
    for (const auto& row : rows) {
        const auto lock = lock_of(row.lock);
        const auto zone = Zone::find(lock.iana_timezone).value();
        const auto window = next_window(lock.time_slots[0], zone, instant_of(row.now));
        ASSERT_TRUE(window) << row.lock;
        EXPECT_EQ(window->local_starts_at, row.starts_at);
        EXPECT_EQ(window->local_ends_at, row.ends_at);
        EXPECT_EQ(window->starts_at, instant_of(row.starts_at));
        EXPECT_EQ(window->ends_at, instant_of(row.ends_at));
    }
    EXPECT_FALSE(next_window(UserLevel{}, Zone::find("UTC").value(), Timestamp{}));
}

}  // namespace
}  // namespace oracode::test
