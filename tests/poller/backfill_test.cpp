#include "poller/backfill.hpp"

#include <gtest/gtest.h>

namespace oracode::poller {
namespace {

using namespace std::chrono_literals;

const Timestamp start = *parse_rfc3339("2026-03-05T15:00:00Z");

TEST(Backfill, IncludesBothEndsThoughSeamDoesNot) {
    Backfill backfill;
    backfill.begin(start, start + 1h);
    const auto window = *backfill.next();
    EXPECT_LT(window.from, start);
    EXPECT_GT(window.to, start + 1h);
    EXPECT_FALSE(backfill.answered(1, 500));
    EXPECT_EQ(backfill.finished_to(), start + 1h);
}

TEST(Backfill, NeverInverts) {
    Backfill backfill;
    backfill.begin(start + 6h, start);
    EXPECT_LT(backfill.next()->from, backfill.next()->to);
}

// Every microsecond of a full stretch lies within one of its parts, down to the last.
TEST(Backfill, HalvesLeaveNoGap) {
    for (const auto offset : {0us, 1us, 500us, 999us, 1000us, 1001us, 7777us}) {
        Backfill backfill;
        backfill.begin(start, start + 8ms);
        const Instant event = start + offset;
        std::size_t asked = 0;
        bool shown = false;
        bool lost = false;
        while (const auto window = backfill.next()) {
            ASSERT_LT(++asked, 100'000U);
            const bool within = event > window->from && event < window->to;
            const bool last = window->to - window->from <= 2us;
            shown = shown || (within && last);
            lost = backfill.answered(within ? 500 : 0, 500) || lost;
        }
        EXPECT_TRUE(shown) << offset.count();
        EXPECT_TRUE(lost) << "a full microsecond is told";
    }
}

// Seam leaves out both ends: an event on the bound between two halves is in one of them.
TEST(Backfill, TheBoundBetweenTwoHalvesIsWithinOneOfThem) {
    for (const Duration span : {Duration{1h}, Duration{1s}, Duration{16ms}, Duration{1ms}}) {
        Backfill backfill;
        backfill.begin(start, start + span);
        while (const auto whole = backfill.next()) {
            if (backfill.answered(500, 500)) break;
            const auto older = *backfill.next();
            (void)backfill.answered(0, 500);
            const auto newer = *backfill.next();
            EXPECT_EQ(older.from, whole->from);
            EXPECT_EQ(newer.to, whole->to);
            EXPECT_LT(newer.from, older.to) << span.count();
        }
    }
}

TEST(Backfill, LongHalvesOverlapByWhatBoundsCutToMillisecondsCanLose) {
    Backfill backfill;
    backfill.begin(start, start + 1h);
    (void)backfill.answered(500, 500);
    const auto first = *backfill.next();
    (void)backfill.answered(0, 500);
    const auto second = *backfill.next();
    EXPECT_GE(first.to - second.from, 2ms);
}

}  // namespace
}  // namespace oracode::poller
