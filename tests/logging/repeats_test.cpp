#include "logging/repeats.hpp"

#include <gtest/gtest.h>

namespace oracode::log {
namespace {

using namespace std::chrono_literals;
using Verdict = Repeats::Verdict;

TEST(Repeats, WritesTheFirstOfAPeriodAndCountsTheRest) {
    Repeats repeats(2, 1min);
    const Repeats::Clock::time_point now{1h};
    EXPECT_EQ(repeats.judge("refused", "a", now), Verdict::write);
    EXPECT_EQ(repeats.judge("refused", "a", now), Verdict::write);
    EXPECT_EQ(repeats.judge("refused", "a", now + 59s), Verdict::count_first);
    EXPECT_EQ(repeats.judge("refused", "a", now + 59s), Verdict::count);
    EXPECT_EQ(repeats.judge("refused", "b", now), Verdict::write) << "another kind";
    const auto sums = repeats.take();
    ASSERT_EQ(sums.size(), 1U);
    EXPECT_EQ(sums[0].kind, "a");
    EXPECT_EQ(sums[0].lines, 2U);
    EXPECT_TRUE(repeats.take().empty());
    EXPECT_EQ(repeats.judge("refused", "a", now + 1min), Verdict::write) << "a new period";
}

}  // namespace
}  // namespace oracode::log
