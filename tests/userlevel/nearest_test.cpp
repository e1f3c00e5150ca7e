#include "userlevel/nearest.hpp"

#include <gtest/gtest.h>

#include "userlevel/locks.hpp"

namespace oracode::test {
namespace {

std::string offers(const char* lock, const char* starts_at, const char* ends_at,
                   const char* now = "2009-01-01T00:00:00Z") {
    const WindowRequest request{starts_at, ends_at, "", false, false};
    std::string out;
    for (const auto& p : check(lock_of(lock), request, instant_of(now), {}).nearest)
        out += p.time_slot.name + ' ' + p.window.local_starts_at + ' ' + p.window.local_ends_at +
               ' ' + std::to_string(p.distance.count()) + '\n';
    return out;
}

TEST(Nearest, OffersAWindowOnEitherSide) {
    EXPECT_EQ(offers("LA 07:00-19:00", "2024-09-10T09:30:00-07:00", "2024-09-15T21:00:00-07:00"),
              "07:00-19:00 2024-09-10T07:00:00-07:00 2024-09-15T19:00:00-07:00 16200\n"
              "07:00-19:00 2024-09-11T07:00:00-07:00 2024-09-15T19:00:00-07:00 84600\n");
}

TEST(Nearest, SortsLevelsByDistance) {
    EXPECT_EQ(offers("LA 07:00-19:00 16:00-10:00", "2024-09-10T14:00:00-07:00",
                     "2024-09-12T10:00:00-07:00"),
              "16:00-10:00 2024-09-10T16:00:00-07:00 2024-09-12T10:00:00-07:00 7200\n"
              "07:00-19:00 2024-09-10T07:00:00-07:00 2024-09-12T19:00:00-07:00 57600\n"
              "16:00-10:00 2024-09-09T16:00:00-07:00 2024-09-12T10:00:00-07:00 79200\n"
              "07:00-19:00 2024-09-10T07:00:00-07:00 2024-09-11T19:00:00-07:00 79200\n");
}

TEST(Nearest, GivesAWindowThatSeveralLevelsHaveOnce) {
    EXPECT_EQ(offers("LA 07:00-19:00 07:00-19:00b", "2024-09-10T09:30:00-07:00",
                     "2024-09-10T20:30:00-07:00"),
              "07:00-19:00 2024-09-10T07:00:00-07:00 2024-09-10T19:00:00-07:00 14400\n"
              "07:00-19:00 2024-09-10T07:00:00-07:00 2024-09-11T19:00:00-07:00 90000\n");
}

TEST(Nearest, KeepsTheArrivalOfAStayThatIsTooLong) {
    EXPECT_EQ(offers("LA 07:00-19:00", "2024-09-01T07:00:00-07:00", "2024-10-11T19:00:00-07:00"),
              "07:00-19:00 2024-09-01T07:00:00-07:00 2024-10-01T19:00:00-07:00 864000\n");
    EXPECT_EQ(offers("LA 15:00-11:00b", "2024-09-01T15:00:00-07:00", "2024-09-20T11:00:00-07:00"),
              "15:00-11:00b 2024-09-01T15:00:00-07:00 2024-09-15T11:00:00-07:00 432000\n");
}

TEST(Nearest, GivesADailyStayAnotherDate) {
    EXPECT_EQ(offers("LA 00:00-23:59d", "2024-09-10T00:00:00-07:00", "2024-09-10T23:59:00-07:00"),
              "00:00-23:59d 2024-09-10T00:00:00-07:00 2024-09-11T23:59:00-07:00 86400\n");
}

TEST(Nearest, CarriesAStayThatIsOverOnToNow) {
    EXPECT_EQ(offers("LA 07:00-19:00", "2024-09-10T07:00:00-07:00", "2024-09-12T19:00:00-07:00",
                     "2024-09-20T20:00:00-07:00"),
              "07:00-19:00 2024-09-21T07:00:00-07:00 2024-09-23T19:00:00-07:00 1900800\n");
}

TEST(Nearest, CarriesItOnByTheClockOnTheWall) {
    EXPECT_EQ(offers("LA 07:00-19:00", "2024-02-10T07:00:00-08:00", "2024-02-12T19:00:00-08:00",
                     "2024-09-20T20:00:00-07:00"),
              "07:00-19:00 2024-09-21T07:00:00-07:00 2024-09-23T19:00:00-07:00 38700000\n");
}

TEST(Nearest, TakesAReversedStayByItsStart) {
    EXPECT_EQ(offers("LA 16:00-10:00", "2024-09-15T16:00:00-07:00", "2024-09-10T10:00:00-07:00"),
              "16:00-10:00 2024-09-15T16:00:00-07:00 2024-09-16T10:00:00-07:00 518400\n");
}

TEST(Nearest, OffersNothingBehindNow) {
    EXPECT_EQ(offers("LA 07:00-19:00", "2024-09-10T07:00:00-07:00", "2024-09-10T21:00:00-07:00",
                     "2024-09-10T20:00:00-07:00"),
              "07:00-19:00 2024-09-10T07:00:00-07:00 2024-09-11T19:00:00-07:00 79200\n");
}

TEST(Nearest, OffersTheLongerNightWhenTheClockGoesBack) {
    EXPECT_EQ(offers("Paulo 12:00-23:30", "2018-02-17T09:00:00-02:00", "2018-02-17T10:00:00-02:00"),
              "12:00-23:30 2018-02-17T12:00:00-02:00 2018-02-17T23:30:00-03:00 63000\n"
              "12:00-23:30 2018-02-16T12:00:00-02:00 2018-02-16T23:30:00-02:00 113400\n");
}

TEST(Nearest, HasNoOfferOnADateThatNeverWas) {
    EXPECT_EQ(offers("Apia 16:00-10:00", "2011-12-29T12:00:00-10:00", "2011-12-31T14:00:00+14:00"),
              "16:00-10:00 2011-12-29T16:00:00-10:00 2011-12-31T10:00:00+14:00 28800\n"
              "16:00-10:00 2011-12-29T16:00:00-10:00 2012-01-01T10:00:00+14:00 86400\n");
}

TEST(Nearest, HasNoOfferForALockThatTakesNoCode) {
    const WindowRequest request{"2024-09-10T09:30:00-07:00", "2024-09-15T21:00:00-07:00", "", false,
                                false};
    auto lock = lock_of("LA 07:00-19:00");
    const auto now = instant_of("2024-01-01T00:00:00Z");
    EXPECT_TRUE(check(lock, request, now, {3, 3, 0}).nearest.empty());
    EXPECT_FALSE(check(lock, request, now, {2, 3, 10}).nearest.empty());
    lock.can_program_offline_access_codes.reset();
    EXPECT_TRUE(check(lock, request, now, {}).nearest.empty());
    EXPECT_EQ(offers("LA 07:00-19:00m 07:00-19:00o", "2024-09-10T09:30:00-07:00",
                     "2024-09-15T21:00:00-07:00"),
              "");
}

TEST(Nearest, IsBoundedForALockWithManyLevels) {
    std::string text = "LA";
    for (int h = 0; h < 24; ++h)
        for (int m = 10; m < 60; ++m) {
            const auto two = [](int n) {
                return std::string(n < 10 ? "0" : "") + std::to_string(n);
            };
            text += " " + two(h) + ":" + two(m) + "-" + two(23 - h) + ":" + two(m);
        }
    const WindowRequest request{"2024-09-10T09:30:00-07:00", "2024-10-25T21:05:00-07:00", "", false,
                                false};
    const auto verdict = check(lock_of(text), request, instant_of("2024-01-01T00:00:00Z"), {});
    EXPECT_EQ(verdict.nearest.size(), most_proposals);
    EXPECT_LT(codes_of(verdict).size(), 200U);
}

}  // namespace
}  // namespace oracode::test
