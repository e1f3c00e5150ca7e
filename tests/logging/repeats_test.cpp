#include "logging/repeats.hpp"

#include <gtest/gtest.h>

namespace oracode::log {
namespace {

using namespace std::chrono_literals;
using Decision = Repeats::Decision;

TEST(Repeats, WritesTheFirstOfAPeriodAndCountsTheRest) {
    Repeats repeats(2, 1min);
    const Repeats::Clock::time_point now{1h};
    EXPECT_EQ(repeats.decide("refused", "a", now), Decision::write);
    EXPECT_EQ(repeats.decide("refused", "a", now), Decision::write);
    EXPECT_EQ(repeats.decide("refused", "a", now + 59s), Decision::count_first);
    EXPECT_EQ(repeats.decide("refused", "a", now + 59s), Decision::count);
    EXPECT_EQ(repeats.decide("refused", "b", now), Decision::write) << "another kind";
    const auto sums = repeats.take();
    ASSERT_EQ(sums.size(), 1U);
    EXPECT_EQ(sums[0].kind, "a");
    EXPECT_EQ(sums[0].lines, 2U);
    EXPECT_TRUE(repeats.take().empty());
    EXPECT_EQ(repeats.decide("refused", "a", now + 1min), Decision::write) << "a new period";
}

}  // namespace
}  // namespace oracode::log
