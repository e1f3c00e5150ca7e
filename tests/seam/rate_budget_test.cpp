#include "seam/rate_budget.hpp"

#include <random>

#include <gtest/gtest.h>

namespace oracode::seam {
namespace {

using namespace std::chrono_literals;

const Timestamp start = *parse_rfc3339("2026-03-05T15:00:00Z");

// Everything that a caller who wants all it can get does get within `span`.
std::vector<Timestamp> greedy(RateBudget& budget, Timestamp from, Duration span) {
    std::vector<Timestamp> taken;
    for (auto now = budget.next_allowed(from); now < from + span; now = budget.next_allowed(now)) {
        EXPECT_TRUE(budget.take(now));
        taken.push_back(now);
    }
    return taken;
}

std::size_t most_in_a_minute(const std::vector<Timestamp>& taken) {
    std::size_t most = 0;
    std::size_t first = 0;
    for (std::size_t last = 0; last < taken.size(); ++last) {
        while (taken[last] - taken[first] >= 1min) ++first;
        most = std::max(most, last - first + 1);
    }
    return most;
}

TEST(RateBudget, IsNeverExceededInAnyMinuteAndIsUsedNearlyWhole) {
    for (const unsigned budgeted : {1U, 2U, 7U, 10U, 19U, 60U, 600U, 6000U}) {
        RateBudget budget(budgeted);
        const auto taken = greedy(budget, start, 10min);
        EXPECT_LE(most_in_a_minute(taken), budgeted) << budgeted;
        EXPECT_GE(taken.size(), 10 * budgeted * 85 / 100) << budgeted;
    }
}

TEST(RateBudget, IsNotExceededByTakersWhoPauseAsTheyLike) {
    std::mt19937 random(42);
    for (int round = 0; round < 20; ++round) {
        RateBudget budget(60);
        std::vector<Timestamp> taken;
        for (auto now = start; now < start + 10min;
             now += std::chrono::milliseconds{random() % (round % 2 == 0 ? 500 : 20'000)}) {
            while (budget.take(now)) taken.push_back(now);
        }
        EXPECT_LE(most_in_a_minute(taken), 60U);
    }
}

TEST(RateBudget, AllowsATenthAtOnceThenOneByOne) {
    RateBudget budget(60);
    for (int i = 0; i < 6; ++i) EXPECT_TRUE(budget.take(start)) << i;
    EXPECT_FALSE(budget.take(start));
    const auto next = budget.next_allowed(start);
    EXPECT_GT(next, start + 1s);
    EXPECT_LT(next, start + 1200ms);
    EXPECT_FALSE(budget.take(next - 1ms));
    EXPECT_TRUE(budget.take(next));
    EXPECT_FALSE(budget.take(next));
}

TEST(RateBudget, AskingTakesNothing) {
    RateBudget budget(1);
    for (int i = 0; i < 5; ++i) EXPECT_EQ(budget.next_allowed(start), start);
    EXPECT_TRUE(budget.take(start));
}

TEST(RateBudget, CountsNoneAsOne) {
    RateBudget budget(0);
    EXPECT_TRUE(budget.take(start));
    EXPECT_EQ(budget.next_allowed(start), start + 1min);
}

TEST(RateBudget, ObeysRetryAfter) {
    RateBudget budget(60);
    budget.punish(start, 90s);
    EXPECT_FALSE(budget.take(start));
    EXPECT_EQ(budget.next_allowed(start), start + 90s);
    EXPECT_FALSE(budget.take(start + 90s - 1ms));
    EXPECT_TRUE(budget.take(start + 90s));
}

TEST(RateBudget, AShorterPunishmentDoesNotEndALongerOne) {
    RateBudget budget(60);
    budget.punish(start, 90s);
    budget.punish(start + 1s, 5s);
    EXPECT_EQ(budget.next_allowed(start + 1s), start + 90s);
}

TEST(RateBudget, AClockSetBackStopsNothing) {
    RateBudget budget(1);
    EXPECT_TRUE(budget.take(start));
    EXPECT_LE(budget.next_allowed(start - 24h), start - 24h + 1min);
    budget.punish(start - 24h, 10min);
    EXPECT_EQ(budget.next_allowed(start - 48h), start - 48h + 10min);
}

}  // namespace
}  // namespace oracode::seam
