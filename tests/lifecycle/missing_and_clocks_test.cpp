#include <gtest/gtest.h>

#include "lifecycle/schedule.hpp"
#include "tests/lifecycle/events.hpp"

namespace oracode {
namespace {

lifecycle::Event missing_at(Timestamp at) {
    lifecycle::Event look;
    look.source = lifecycle::Source::poll;
    look.access_code_id = "code";
    look.occurred_at = at;
    look.presence = lifecycle::Presence::missing;
    return look;
}

TEST(Missing, EndsACodeWhenThreeLooksOverHalfAnHourAgree) {
    auto code = after({event(lifecycle::LifecycleStep::set, day)});
    for (const auto at : {day + 1min, day + 2min, day + 6min}) {
        EXPECT_EQ(lifecycle::apply(code, missing_at(at), at), std::nullopt);
        EXPECT_EQ(lifecycle::missing_since(code), day + 1min);
        EXPECT_TRUE(lifecycle::not_ready(code, at).has(lifecycle::Obstacle::missing));
    }
    const auto gone = lifecycle::apply(code, missing_at(day + 31min), day + 31min);
    ASSERT_TRUE(gone);
    EXPECT_EQ(gone->source, lifecycle::Source::poll);
    EXPECT_EQ(code.ended, (lifecycle::Ended{lifecycle::EndReason::deleted, day + 1min}));
}

TEST(Missing, TwoLooksEndNothingHoweverFarApart) {
    EXPECT_FALSE(after({event(lifecycle::LifecycleStep::set, day), missing_at(day + 1min),
                        missing_at(day + 5h)})
                     .ended);
}

TEST(Missing, AnyObjectOfSeamBeginsTheCountAgain) {
    for (const auto presence : {lifecycle::Presence::managed, lifecycle::Presence::unmanaged}) {
        auto found = event(lifecycle::LifecycleStep::set, day + 10min, lifecycle::Source::poll);
        found.presence = presence;
        const auto code = after({event(lifecycle::LifecycleStep::set, day), missing_at(day + 1min),
                                 missing_at(day + 6min), found, missing_at(day + 31min)});
        EXPECT_FALSE(code.ended);
        EXPECT_EQ(lifecycle::missing_since(code), day + 31min);
        EXPECT_EQ(code.managed.value, presence == lifecycle::Presence::managed);
    }
}

TEST(Missing, ALaterObjectBringsTheCodeBack) {
    const std::initializer_list<lifecycle::Event> gone{
        event(lifecycle::LifecycleStep::set, day), missing_at(day + 1min), missing_at(day + 6min),
        missing_at(day + 31min)};
    auto code = after(gone);
    ASSERT_TRUE(code.ended);
    lifecycle::apply(code, event(lifecycle::LifecycleStep::set, day + 5min), later);
    EXPECT_TRUE(code.refetch) << "it spoke of the code after its end";
    lifecycle::apply(
        code, event(lifecycle::LifecycleStep::set, day + 40min, lifecycle::Source::poll), later);
    EXPECT_FALSE(code.ended);
    EXPECT_EQ(code.status, lifecycle::Status::set);
}

TEST(Clocks, NothingHappensLaterThanWeHearOfIt) {
    lifecycle::AccessCode code;
    auto ahead = event(lifecycle::LifecycleStep::created, day + 6h);
    ahead.facts.created_at = std::optional{day + 6h};
    lifecycle::apply(code, ahead, day);
    EXPECT_EQ(code.status_since, day);
    EXPECT_EQ(code.created_at.value, day);
    lifecycle::apply(code, event(lifecycle::LifecycleStep::set, day + 1min), day + 1min);
    EXPECT_EQ(code.status, lifecycle::Status::set);
}

TEST(Clocks, AnEndByAClockAheadIsAskedAbout) {
    auto removed = event(lifecycle::LifecycleStep::removed, day + 2min);
    EXPECT_FALSE(after({event(lifecycle::LifecycleStep::set, day - 1h), removed}).refetch);
    removed.created_at = day;
    EXPECT_TRUE(after({event(lifecycle::LifecycleStep::set, day - 1h), removed}).refetch);
    auto code = after({removed, event(lifecycle::LifecycleStep::set, day + 1min)});
    ASSERT_TRUE(code.ended) << "by its instant the removal came last";
    lifecycle::apply(code, event(lifecycle::LifecycleStep::set, later, lifecycle::Source::poll),
                     later);
    EXPECT_FALSE(code.ended);
}

TEST(Clocks, AnEndThatArrivesAfterLaterWordsIsAskedAbout) {
    const auto set = event(lifecycle::LifecycleStep::set, day + 1min);
    EXPECT_TRUE(after({set, event(lifecycle::LifecycleStep::removed, day)}).refetch);
    EXPECT_FALSE(after({set, event(lifecycle::LifecycleStep::removed, day + 2min)}).refetch);
    // What came after a lost webhook may count as of a receipt by a clock that is behind.
    const auto listed =
        event(lifecycle::LifecycleStep::deleted, day + 90min, lifecycle::Source::backfill);
    EXPECT_TRUE(after({set, listed}).refetch);
    auto over = event(lifecycle::LifecycleStep::set, day, lifecycle::Source::poll);
    over.facts.ends_at = std::optional{day + 1h};
    EXPECT_FALSE(after({over, clock_at(day + 2h), listed}).refetch) << "its window is over";
}

TEST(Clocks, AnAnswerOutranksAllThatWasRecordedBeforeItWasAskedFor) {
    lifecycle::AccessCode code;
    auto named = event(lifecycle::LifecycleStep::set, day + 9min);
    named.facts.name = std::optional<std::string>{"Wrong"};
    lifecycle::apply(code, named, day + 10min);
    // Asked later, but by Seam's clock, which is ten minutes behind ours, before.
    auto answer = event(lifecycle::LifecycleStep::unset, day + 1min, lifecycle::Source::poll);
    answer.requested_at = day + 11min;
    answer.facts.name = std::optional<std::string>{"Right"};
    lifecycle::apply(code, answer, day + 11min);
    EXPECT_EQ(code.status, lifecycle::Status::unset);
    EXPECT_EQ(code.name.value, "Right");
}

// Our clock six hours ahead of Seam's, which stamps the answer.
TEST(Clocks, AnAnswerSettlesAndIsDueAgainByOurClock) {
    const auto ours = day + 6h;
    lifecycle::AccessCode code;
    auto changed = event(lifecycle::LifecycleStep::created, day);
    changed.refetch = true;
    lifecycle::apply(code, changed, ours);
    auto answer = event(lifecycle::LifecycleStep::set, day + 1min, lifecycle::Source::poll);
    answer.requested_at = ours + 1min;
    answer.facts.type = std::optional<std::string>{"time_bound"};
    answer.facts.starts_at = std::optional{day};
    answer.facts.ends_at = std::optional{day + 48h};
    lifecycle::apply(code, answer, ours + 1min);
    EXPECT_FALSE(code.refetch) << "it was asked for after the event was recorded";
    EXPECT_EQ(code.last_polled_at, ours + 1min);
    lifecycle::reschedule(code, ours + 1min, {});
    ASSERT_TRUE(code.next_poll_at);
    EXPECT_GT(*code.next_poll_at, ours + 10min) << "not at once again";
}

TEST(Clocks, WhatWasRecordedWhileSeamWasAskedIsJudgedByItsInstant) {
    lifecycle::AccessCode code;
    lifecycle::apply(code, event(lifecycle::LifecycleStep::created, day), day);
    lifecycle::apply(code, event(lifecycle::LifecycleStep::set, day + 2s), day + 2s);
    lifecycle::apply(
        code, event(lifecycle::LifecycleStep::unset, day + 1s, lifecycle::Source::poll), day + 3s);
    EXPECT_EQ(code.status, lifecycle::Status::set);
}

TEST(Clocks, WhatHappensWhileSeamIsAskedIsAskedAboutOnceMore) {
    lifecycle::AccessCode code;
    lifecycle::apply(code, event(lifecycle::LifecycleStep::created, day), day);
    auto changed = event(lifecycle::LifecycleStep::seen, day + 2s);
    changed.refetch = true;
    lifecycle::apply(code, changed, day + 2s);
    lifecycle::apply(
        code, event(lifecycle::LifecycleStep::unset, day + 1s, lifecycle::Source::poll), day + 3s);
    EXPECT_TRUE(code.refetch) << "the answer may be older than the change";
    EXPECT_GT(code.polls_without_news, 0) << "asked again after a pause, not in a circle";
    lifecycle::apply(code,
                     event(lifecycle::LifecycleStep::unset, day + 40s, lifecycle::Source::poll),
                     day + 41s);
    EXPECT_FALSE(code.refetch);
}

TEST(Clocks, AnAnswerRightAfterAnEventMayBeAReplicasAndIsAskedForOnceMore) {
    lifecycle::AccessCode code;
    lifecycle::apply(code, event(lifecycle::LifecycleStep::created, day), day);
    auto changed = event(lifecycle::LifecycleStep::seen, day + 1h);
    changed.refetch = true;
    lifecycle::apply(code, changed, day + 1h);
    lifecycle::apply(code,
                     event(lifecycle::LifecycleStep::unset, day + 1h + 1s, lifecycle::Source::poll),
                     day + 1h + 2s);
    EXPECT_TRUE(code.refetch);
    EXPECT_GT(code.polls_without_news, 0) << "asked again after a pause, not in a circle";
    lifecycle::apply(
        code, event(lifecycle::LifecycleStep::unset, day + 1h + 40s, lifecycle::Source::poll),
        day + 1h + 41s);
    EXPECT_FALSE(code.refetch);
}

TEST(Clocks, WhatAClockAheadEndedLivesAgainWhenItIsRight) {
    lifecycle::AccessCode code;
    auto shown = event(lifecycle::LifecycleStep::set, day, lifecycle::Source::poll);
    shown.facts.ends_at = std::optional{day + 3h};
    lifecycle::apply(code, shown, day);
    lifecycle::apply(code, clock_at(day + 6h), day + 6h);
    ASSERT_TRUE(code.ended);
    lifecycle::apply(code, clock_at(day + 1min), day + 1min);
    EXPECT_FALSE(code.ended);
    EXPECT_EQ(code.status, lifecycle::Status::set);
    EXPECT_TRUE(code.refetch);
}

TEST(Clocks, AnAnswerStampedByAClockAheadGivesWayToTheNextEvent) {
    lifecycle::AccessCode code;
    lifecycle::apply(code, event(lifecycle::LifecycleStep::set, day + 6h, lifecycle::Source::poll),
                     day + 6h);
    EXPECT_EQ(
        lifecycle::apply(code, event(lifecycle::LifecycleStep::removed, day + 1min), day + 1min)
            ->to,
        lifecycle::Status::unset);
    EXPECT_LE(*code.last_polled_at, day + 1min);
    EXPECT_TRUE(code.ended);
}

}  // namespace
}  // namespace oracode
