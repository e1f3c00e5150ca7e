#include "devices/creation_rate_limit.hpp"

#include <gtest/gtest.h>

namespace oracode::devices {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp start{Duration{1'770'000'000'000}};

TEST(CreationRateLimit, AllowsTenInAnyMinuteAndSaysWhenTheNext) {
    CreationRateLimit rate_limit;
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(rate_limit.wait("lock1", 10, start + i * 1s), 0ms) << i;
        rate_limit.note("lock1", start + i * 1s);
    }
    EXPECT_EQ(rate_limit.within_a_minute("lock1", start + 10s), 10U);
    EXPECT_EQ(rate_limit.wait("lock1", 10, start + 10s), 50s);
    EXPECT_EQ(rate_limit.wait("lock1", 10, start + 60s - 1ms), 1ms);
    EXPECT_EQ(rate_limit.wait("lock1", 10, start + 60s), 0ms);
    EXPECT_EQ(rate_limit.within_a_minute("lock1", start + 60s), 9U);
    EXPECT_EQ(rate_limit.within_a_minute("lock1", start + 69s), 0U);
}

TEST(CreationRateLimit, CountsEachLockByItself) {
    CreationRateLimit rate_limit;
    for (int i = 0; i < 10; ++i) rate_limit.note("lock1", start);
    EXPECT_EQ(rate_limit.wait("lock2", 10, start), 0ms);
    EXPECT_EQ(rate_limit.wait("lock1", 10, start), 60s);
}

TEST(CreationRateLimit, TakesBackWhatWasNotMade) {
    CreationRateLimit rate_limit;
    rate_limit.take_back("lock1");
    rate_limit.note("lock1", start);
    rate_limit.note("lock1", start + 1s);
    rate_limit.take_back("lock1");
    EXPECT_EQ(rate_limit.within_a_minute("lock1", start + 2s), 1U);
    EXPECT_EQ(rate_limit.wait("lock1", 1, start + 2s), 58s);
}

TEST(CreationRateLimit, DoesNotWaitForYearsWhenTheClockIsSetBack) {
    CreationRateLimit rate_limit;
    for (int i = 0; i < 10; ++i) rate_limit.note("lock1", start);
    EXPECT_EQ(rate_limit.wait("lock1", 10, start - 24h), 0ms);
}

}  // namespace
}  // namespace oracode::devices
