#include "poller/missing_watch.hpp"

#include <gtest/gtest.h>

namespace oracode::poller {
namespace {

using namespace std::chrono_literals;

const Timestamp now = *parse_rfc3339("2026-03-05T15:00:00Z");

TEST(MissingWatch, ThreeOfFiveMissingCodesAreSuspectAndThreeOfSixAreNot) {
    MissingWatch watch;
    for (const auto* id : {"a", "b", "c"}) watch.missing(id, now);
    EXPECT_EQ(watch.suspected(now), 3U);
    for (const auto* id : {"d", "e"}) watch.found(id, now);
    EXPECT_EQ(watch.suspected(now), 3U);
    watch.found("f", now);
    EXPECT_EQ(watch.suspected(now), 0U) << "half is not most";
}

TEST(MissingWatch, TwoMissingCodesMayJustBeGone) {
    MissingWatch watch;
    watch.missing("a", now);
    watch.missing("b", now);
    EXPECT_EQ(watch.suspected(now), 0U);
    watch.missing("b", now);
    EXPECT_EQ(watch.suspected(now), 0U) << "each code counts once";
}

TEST(MissingWatch, TheLastLookAtACodeCounts) {
    MissingWatch watch;
    for (const auto* id : {"a", "b", "c"}) watch.missing(id, now);
    watch.found("a", now + 1s);
    EXPECT_EQ(watch.suspected(now + 1s), 0U);
    watch.missing("a", now + 2s);
    EXPECT_EQ(watch.suspected(now + 2s), 3U);
    watch.clear();
    EXPECT_EQ(watch.suspected(now + 2s), 0U);
}

TEST(MissingWatch, LooksOfLongAgoAndOfTheFutureDoNotCount) {
    MissingWatch watch;
    for (const auto* id : {"a", "b", "c"}) watch.missing(id, now);
    EXPECT_EQ(watch.suspected(now + MissingWatch::lately), 3U);
    EXPECT_EQ(watch.suspected(now + MissingWatch::lately + 1ms), 0U);
    for (const auto* id : {"a", "b", "c"}) watch.missing(id, now);
    EXPECT_EQ(watch.suspected(now - 1ms), 0U) << "made before the clock was set back";
}

}  // namespace
}  // namespace oracode::poller
