#include "metrics/delivery_lag.hpp"

#include <gtest/gtest.h>

namespace oracode {
namespace {

using namespace std::chrono_literals;

const Timestamp start =
    Timestamp{1'770'000'000s} - Timestamp{1'770'000'000s}.time_since_epoch() % 1min;

TEST(DeliveryLag, NothingIsKnownBeforeTheFirstDelivery) {
    const metrics::DeliveryLag lag;
    const auto report = lag.report(start);
    EXPECT_FALSE(report.last_at);
    EXPECT_EQ(report.hour.count, 0U);
    EXPECT_TRUE(report.minutes.empty());
}

TEST(DeliveryLag, PercentilesAreWithinAnEighth) {
    metrics::DeliveryLag lag;
    for (int ms = 1; ms <= 1'000; ++ms) lag.note(Duration{ms}, start);
    const auto hour = lag.report(start).hour;
    EXPECT_EQ(hour.count, 1'000U);
    EXPECT_GE(hour.p50, 500ms);
    EXPECT_LE(hour.p50, 563ms);
    EXPECT_GE(hour.p99, 990ms);
    EXPECT_LE(hour.p99, 1'000ms) << "no percentile is above the greatest";
    EXPECT_EQ(hour.max, 1'000ms);
}

TEST(DeliveryLag, AnythingFitsSomewhere) {
    metrics::DeliveryLag lag;
    for (const auto each : {-5ms, 0ms, 7ms, 8ms, 9ms, Duration{1LL << 50}}) lag.note(each, start);
    const auto hour = lag.report(start).hour;
    EXPECT_EQ(hour.count, 6U);
    EXPECT_EQ(hour.p50, 7ms);
    EXPECT_EQ(hour.max, Duration{1LL << 50});
}

TEST(DeliveryLag, KeepsAnHourMinuteByMinute) {
    metrics::DeliveryLag lag;
    for (int minute = 0; minute < 90; minute += 2)
        lag.note(Duration{minute}, start + std::chrono::minutes{minute});
    const auto report = lag.report(start + 89min + 30s);
    ASSERT_EQ(report.minutes.size(), 30U);
    EXPECT_EQ(report.minutes.front().begins_at, start + 30min);
    EXPECT_EQ(report.minutes.back().begins_at, start + 88min);
    EXPECT_EQ(report.minutes.back().figures.p50, 88ms);
    EXPECT_EQ(report.hour.count, 30U);
    EXPECT_EQ(report.last_at, start + 88min);
    const auto long_after = lag.report(start + 24h);
    EXPECT_TRUE(long_after.minutes.empty());
    EXPECT_EQ(long_after.last_at, start + 88min);
}

}  // namespace
}  // namespace oracode
