#include "devices/pace.hpp"

#include <gtest/gtest.h>

namespace oracode::devices {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp start{Duration{1'770'000'000'000}};

TEST(Pace, AllowsTenInAnyMinuteAndSaysWhenTheNext) {
    Pace pace;
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(pace.wait("lock1", 10, start + i * 1s), 0ms) << i;
        pace.note("lock1", start + i * 1s);
    }
    EXPECT_EQ(pace.within_a_minute("lock1", start + 10s), 10U);
    EXPECT_EQ(pace.wait("lock1", 10, start + 10s), 50s);
    EXPECT_EQ(pace.wait("lock1", 10, start + 60s - 1ms), 1ms);
    EXPECT_EQ(pace.wait("lock1", 10, start + 60s), 0ms);
    EXPECT_EQ(pace.within_a_minute("lock1", start + 60s), 9U);
    EXPECT_EQ(pace.within_a_minute("lock1", start + 69s), 0U);
}

TEST(Pace, CountsEachLockByItself) {
    Pace pace;
    for (int i = 0; i < 10; ++i) pace.note("lock1", start);
    EXPECT_EQ(pace.wait("lock2", 10, start), 0ms);
    EXPECT_EQ(pace.wait("lock1", 10, start), 60s);
}

TEST(Pace, TakesBackWhatWasNotMade) {
    Pace pace;
    pace.take_back("lock1");
    pace.note("lock1", start);
    pace.note("lock1", start + 1s);
    pace.take_back("lock1");
    EXPECT_EQ(pace.within_a_minute("lock1", start + 2s), 1U);
    EXPECT_EQ(pace.wait("lock1", 1, start + 2s), 58s);
}

TEST(Pace, DoesNotWaitForYearsWhenTheClockIsSetBack) {
    Pace pace;
    for (int i = 0; i < 10; ++i) pace.note("lock1", start);
    EXPECT_EQ(pace.wait("lock1", 10, start - 24h), 0ms);
}

}  // namespace
}  // namespace oracode::devices
