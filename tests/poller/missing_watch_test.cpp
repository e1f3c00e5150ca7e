#include "poller/missing_watch.hpp"

#include <gtest/gtest.h>

namespace oracode::poller {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp now{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2}};

TEST(MissingWatch, SuspectsWhenMostOfAtLeastThreeAreMissing) {
    MissingWatch watch;
    watch.missing("a", now);
    watch.missing("b", now);
    EXPECT_EQ(watch.suspected(now), 0U) << "two may be chance";
    watch.missing("c", now);
    EXPECT_EQ(watch.suspected(now), 3U);
    for (const auto* id : {"d", "e"}) watch.found(id, now);
    EXPECT_EQ(watch.suspected(now), 3U);
    watch.found("f", now);
    EXPECT_EQ(watch.suspected(now), 0U) << "half are not most";
    watch.found("a", now);
    watch.missing("f", now);
    EXPECT_EQ(watch.suspected(now), 0U) << "the last look counts";
}

TEST(MissingWatch, OnlyOthersFoundJustNowAreWitnesses) {
    MissingWatch watch;
    watch.missing("a", now);
    watch.found("a", now);
    EXPECT_FALSE(watch.witnessed("a", now)) << "itself";
    watch.found("b", now);
    EXPECT_TRUE(watch.witnessed("a", now));
    EXPECT_TRUE(watch.witnessed("a", now + MissingWatch::just_now));
    EXPECT_FALSE(watch.witnessed("a", now + MissingWatch::just_now + 1s));
    EXPECT_FALSE(watch.witnessed("a", now - 1s)) << "the clock was set back";
    watch.missing("c", now);
    EXPECT_TRUE(watch.witnessed("a", now)) << "half are not most";
    watch.missing("d", now);
    EXPECT_FALSE(watch.witnessed("a", now));
}

TEST(MissingWatch, ForgetsWhatIsLongAgoOrOfAFutureThatWas) {
    MissingWatch watch;
    for (const auto* id : {"a", "b", "c"}) watch.missing(id, now);
    EXPECT_EQ(watch.suspected(now - 1min), 0U) << "the clock was set back";
    for (const auto* id : {"a", "b", "c"}) watch.missing(id, now);
    EXPECT_EQ(watch.suspected(now + MissingWatch::lately), 3U);
    EXPECT_EQ(watch.suspected(now + MissingWatch::lately + 1s), 0U);
}

}  // namespace
}  // namespace oracode::poller
