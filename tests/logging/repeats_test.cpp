#include "logging/repeats.hpp"

#include <gtest/gtest.h>

namespace oracode::log {
namespace {

using namespace std::chrono_literals;
using Decision = Repeats::Decision;

TEST(Repeats, WritesTheFirstOfAPeriodAndCountsTheOthers) {
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
}

TEST(Repeats, SumsUpAsLongAsItGoesOnAndThenWritesAgain) {
    Repeats repeats(2, 1min);
    const Repeats::Clock::time_point now{1h};
    const auto of_a_minute = [&](int minute, int lines) {
        int written = 0;
        for (int i = 0; i < lines; ++i)
            if (repeats.decide("refused", "a", now + minute * 1min) == Decision::write) ++written;
        return written;
    };
    EXPECT_EQ(of_a_minute(0, 9), 2);
    EXPECT_EQ(of_a_minute(1, 9), 0) << "it goes on";
    EXPECT_EQ(of_a_minute(2, 2), 0) << "it ebbs";
    EXPECT_EQ(of_a_minute(3, 2), 2);
    EXPECT_EQ(of_a_minute(4, 2), 2) << "so few are worth their lines";
    EXPECT_EQ(of_a_minute(5, 9), 2);
    EXPECT_EQ(of_a_minute(7, 9), 2) << "a minute without any lies between";
    std::uint64_t counted = 0;
    for (const auto& sum : repeats.take()) counted += sum.lines;
    EXPECT_EQ(counted, 7U + 9U + 2U + 7U + 7U);
}

}  // namespace
}  // namespace oracode::log
