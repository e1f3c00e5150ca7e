#include "lifecycle/apply.hpp"

#include <gtest/gtest.h>

namespace oracode {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp day{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2}};

// When everything below is recorded, unless a test says otherwise: after it happened.
constexpr Timestamp later = day + 24h * 30;

Event event(LifecycleStep step, Timestamp at, Source source = Source::webhook) {
    Event made;
    made.source = source;
    made.event_id = "event";
    made.event_type = "access_code.type";
    made.access_code_id = "code";
    made.device_id = "device";
    made.occurred_at = at;
    made.created_at = at;
    made.step = step;
    return made;
}

Event clock_at(Timestamp at) {
    Event made;
    made.source = Source::clock;
    made.occurred_at = at;
    return made;
}

AccessCode after(std::initializer_list<Event> events) {
    AccessCode code;
    for (const auto& e : events) apply(code, e, later);
    return code;
}

TEST(Apply, FollowsTheLifeOfACode) {
    AccessCode code;
    const auto first = apply(code, event(LifecycleStep::created, day), day + 1s);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->from, std::nullopt);
    EXPECT_EQ(first->to, Status::unset);
    EXPECT_EQ(first->at, day);
    EXPECT_EQ(first->recorded_at, day + 1s);

    EXPECT_EQ(apply(code, event(LifecycleStep::setting, day + 1min), later)->to, Status::setting);
    EXPECT_EQ(apply(code, event(LifecycleStep::set, day + 2min), later)->to, Status::set);
    EXPECT_EQ(code.status_since, day + 2min);
    EXPECT_EQ(apply(code, event(LifecycleStep::removing, day + 3min), later)->to, Status::removing);
    EXPECT_EQ(apply(code, event(LifecycleStep::removed, day + 4min), later)->to, Status::unset);
    EXPECT_EQ(code.ended, (Ended{EndReason::removed, day + 4min}));
    EXPECT_EQ(apply(code, event(LifecycleStep::removed, day + 4min), later), std::nullopt);
}

TEST(Apply, ALateStatementNeverUndoesALaterOne) {
    for (const LifecycleStep late :
         {LifecycleStep::created, LifecycleStep::seen, LifecycleStep::setting, LifecycleStep::unset,
          LifecycleStep::unknown}) {
        const auto code = after({event(LifecycleStep::set, day + 1h), event(late, day)});
        EXPECT_EQ(code.status, Status::set);
        EXPECT_EQ(code.status_since, day + 1h);
    }
}

TEST(Apply, ACreationNeverUndoesAnythingEvenWithALaterInstant) {
    EXPECT_EQ(
        after({event(LifecycleStep::set, day), event(LifecycleStep::created, day + 1h)}).status,
        Status::set);
    EXPECT_EQ(after({event(LifecycleStep::set, day), event(LifecycleStep::seen, day + 1h)}).status,
              Status::set);
}

TEST(Apply, ALaterDelayMeansThatSeamIsSettingAgain) {
    EXPECT_EQ(
        after({event(LifecycleStep::set, day), event(LifecycleStep::setting, day + 1h)}).status,
        Status::setting);
}

TEST(Apply, OfTheSameInstantTheLaterStepOfLifeIsBelieved) {
    struct Row {
        LifecycleStep a, b;
        Status status;
    };
    for (const auto& row : {Row{LifecycleStep::set, LifecycleStep::setting, Status::set},
                            Row{LifecycleStep::set, LifecycleStep::unset, Status::set},
                            Row{LifecycleStep::set, LifecycleStep::unknown, Status::set},
                            Row{LifecycleStep::set, LifecycleStep::removing, Status::removing},
                            Row{LifecycleStep::set, LifecycleStep::removed, Status::unset}}) {
        EXPECT_EQ(after({event(row.a, day), event(row.b, day)}).status, row.status);
        EXPECT_EQ(after({event(row.b, day), event(row.a, day)}).status, row.status);
    }
}

TEST(Apply, SeamsObjectOutranksAnEventOfTheSameInstant) {
    const auto poll = event(LifecycleStep::unset, day, Source::poll);
    EXPECT_EQ(after({event(LifecycleStep::set, day), poll}).status, Status::unset);
    EXPECT_EQ(after({poll, event(LifecycleStep::set, day)}).status, Status::unset);
    EXPECT_EQ(after({poll, event(LifecycleStep::set, day + 1ms)}).status, Status::set);
}

TEST(Apply, ACodeFirstHeardOfByAnEventWithoutStatusIsUnknown) {
    auto code = after({event(LifecycleStep::seen, day)});
    EXPECT_EQ(code.status, Status::unknown);
    apply(code, event(LifecycleStep::created, day + 1s), later);
    EXPECT_EQ(code.status, Status::unset);
}

TEST(Apply, OnlySeamsObjectBringsAnEndedCodeBack) {
    EXPECT_TRUE(
        after({event(LifecycleStep::removed, day), event(LifecycleStep::set, day + 1h)}).ended);
    for (const auto& [step, status] : {std::pair{LifecycleStep::set, Status::set},
                                       {LifecycleStep::setting, Status::setting},
                                       {LifecycleStep::planned, Status::unset},
                                       {LifecycleStep::removing, Status::removing}}) {
        const auto back =
            after({event(LifecycleStep::removed, day), event(step, day + 1h, Source::poll)});
        EXPECT_FALSE(back.ended);
        EXPECT_EQ(back.status, status);
    }
    EXPECT_TRUE(after({event(LifecycleStep::removed, day),
                       event(LifecycleStep::unknown, day + 1h, Source::poll)})
                    .ended);
    EXPECT_TRUE(after({event(LifecycleStep::removed, day),
                       event(LifecycleStep::set, day - 1h, Source::poll)})
                    .ended);
}

TEST(Apply, ARemovedCodeThatStaysReadableAsUnsetLivesOnlyWhereItsCreationIsPending) {
    auto readable = event(LifecycleStep::unset, day + 1h, Source::poll);
    EXPECT_TRUE(after({event(LifecycleStep::removed, day), readable}).ended);
    EXPECT_FALSE(after({event(LifecycleStep::deleted, day, Source::poll), readable}).ended)
        << "0.1.0 had ended it because it was not found";
    readable.facts.pending_mutations =
        std::optional<std::string>{R"([{"mutation_code":"deferring_creation"}])"};
    EXPECT_FALSE(after({event(LifecycleStep::removed, day), readable}).ended);
}

TEST(Apply, AnObjectThatStaysReadableAfterItsWindowBringsNothingBack) {
    auto readable = event(LifecycleStep::set, day + 4h, Source::poll);
    readable.facts.ends_at = std::optional{day + 3h};
    const auto code = after({event(LifecycleStep::removed, day), readable});
    ASSERT_TRUE(code.ended);
    EXPECT_EQ(code.ended->reason, EndReason::removed);
    auto extended = readable;
    extended.facts.ends_at = std::optional{day + 5h};
    EXPECT_FALSE(after({event(LifecycleStep::removed, day), extended}).ended);
}

TEST(Apply, TheClockEndsACodeAtItsEnd) {
    auto changed = event(LifecycleStep::seen, day);
    changed.facts.ends_at = std::optional{day + 2h};
    auto code = after({event(LifecycleStep::set, day), changed});
    EXPECT_EQ(apply(code, clock_at(day + 2h - 1ms), later), std::nullopt);
    const auto expiry = apply(code, clock_at(day + 2h), day + 3h);
    ASSERT_TRUE(expiry);
    EXPECT_EQ(expiry->to, Status::unset);
    EXPECT_EQ(expiry->at, day + 2h);
    EXPECT_EQ(expiry->source, Source::clock);
    EXPECT_EQ(code.ended, (Ended{EndReason::expired, day + 2h}));

    auto extended = event(LifecycleStep::seen, day + 1h);
    extended.facts.ends_at = std::optional{day + 24h};
    apply(code, extended, later);
    EXPECT_EQ(code.ended, std::nullopt);
    EXPECT_EQ(code.status, Status::set);
}

TEST(Apply, KeepsTheLatestStatementOfEveryFact) {
    auto renamed = event(LifecycleStep::seen, day + 2h);
    renamed.facts.name = std::optional<std::string>{"Guest Lee"};
    auto named = event(LifecycleStep::seen, day + 1h);
    named.facts.name = std::optional<std::string>{"Guest"};
    EXPECT_EQ(after({renamed, named}).name.value, "Guest Lee");
    EXPECT_EQ(after({named, renamed}).name.value, "Guest Lee");
}

TEST(Apply, SetClearsSettingErrorsToldBeforeIt) {
    auto failed = event(LifecycleStep::setting, day);
    failed.facts.errors = std::optional<std::string>{
        R"([{"error_code":"failed_to_set_on_device","is_access_code_error":true},)"
        R"({"error_code":"device_offline","is_device_error":true}])"};
    failed.facts.warnings =
        std::optional<std::string>{R"([{"warning_code":"delay_in_setting_on_device"}])"};
    const auto set = event(LifecycleStep::set, day + 1h);
    for (const auto& code : {after({failed, set}), after({set, failed})}) {
        EXPECT_EQ(visible_errors(code),
                  R"([{"error_code":"device_offline","is_device_error":true}])");
        EXPECT_EQ(visible_warnings(code), "[]");
    }
    EXPECT_EQ(visible_errors(after({failed})), *failed.facts.errors.value());
    auto failed_again = failed;
    failed_again.occurred_at = day + 2h;
    EXPECT_EQ(visible_errors(after({set, failed_again})), *failed.facts.errors.value());
}

TEST(Apply, AnEventTellsTheCodesOwnErrorsAndNotThoseOfItsDevice) {
    auto shown = event(LifecycleStep::set, day, Source::poll);
    shown.facts.errors = std::optional<std::string>{
        R"([{"error_code":"device_offline","is_device_error":true},)"
        R"({"error_code":"provider_issue","is_access_code_error":true}])"};
    auto cleared = event(LifecycleStep::seen, day + 1h);
    cleared.facts.errors = std::optional<std::string>{"[]"};
    auto failing = event(LifecycleStep::seen, day + 2h);
    failing.facts.errors = std::optional<std::string>{R"([{"error_code":"x"}])"};
    const auto* offline = R"({"error_code":"device_offline","is_device_error":true})";
    for (const auto& code : {after({shown, cleared}), after({cleared, shown})})
        EXPECT_EQ(visible_errors(code), std::string("[") + offline + "]");
    for (const auto& code : {after({shown, cleared, failing}), after({failing, cleared, shown})})
        EXPECT_EQ(visible_errors(code), std::string("[") + offline + R"(,{"error_code":"x"}])");
    auto clear = event(LifecycleStep::set, day + 3h, Source::poll);
    clear.facts.errors = std::optional<std::string>{"[]"};
    EXPECT_EQ(visible_errors(after({shown, failing, clear})), "[]") << "gone at the next look";
}

TEST(Apply, ASetCodeWithErrorsOnItsObjectIsLookedAt) {
    auto shown = event(LifecycleStep::setting, day, Source::poll);
    shown.facts.errors = std::optional<std::string>{R"([{"error_code":"provider_issue"}])"};
    EXPECT_TRUE(after({shown, event(LifecycleStep::set, day + 1h)}).refetch);
    shown.facts.errors = std::optional<std::string>{"[]"};
    EXPECT_FALSE(after({shown, event(LifecycleStep::set, day + 1h)}).refetch);
}

TEST(Apply, LaterNewsOfAnEndedCodeHasItLookedAt) {
    EXPECT_TRUE(
        after({event(LifecycleStep::removed, day), event(LifecycleStep::set, day + 1s)}).refetch);
    EXPECT_TRUE(
        after({event(LifecycleStep::removed, day), event(LifecycleStep::seen, day + 1s)}).refetch);
    EXPECT_FALSE(
        after({event(LifecycleStep::removed, day), event(LifecycleStep::set, day - 1s)}).refetch);
    EXPECT_FALSE(
        after({event(LifecycleStep::removed, day), event(LifecycleStep::deleted, day + 1s)})
            .refetch);
}

TEST(Apply, ALossOfTheAccountBeforeTheCodeWasMadeIsNoNewsOfIt) {
    auto made = event(LifecycleStep::created, day);
    made.facts.created_at = std::optional{day};
    const auto lost = event(LifecycleStep::unknown, day - 1h);
    EXPECT_EQ(after({lost, made}).status, Status::unset);
    EXPECT_EQ(after({made, lost}).status, Status::unset);
    EXPECT_EQ(after({made, event(LifecycleStep::unknown, day + 1h)}).status, Status::unknown);
}

TEST(Apply, AKnownStartIsGivenUpWhenASecondLookDeniesIt) {
    auto shown = event(LifecycleStep::set, day, Source::poll);
    shown.facts.starts_at = std::optional{day + 1h};
    const auto denied_at = [&](Timestamp at) {
        auto denied = event(LifecycleStep::set, at, Source::poll);
        denied.facts.starts_at = std::optional<Timestamp>{};
        return denied;
    };
    auto code = after({shown, denied_at(day + 1s)});
    EXPECT_EQ(code.starts_at.value, day + 1h);
    EXPECT_TRUE(code.refetch);
    apply(code, denied_at(day + 2s), later);
    EXPECT_EQ(code.starts_at.value, std::nullopt);
    EXPECT_TRUE(code.starts_at.stated());

    auto again = shown;
    again.occurred_at = day + 2s;
    EXPECT_EQ(after({shown, denied_at(day + 1s), again, denied_at(day + 3s)}).starts_at.value,
              day + 1h);
    EXPECT_TRUE(after({denied_at(day)}).starts_at.stated()) << "nothing was known to be denied";
}

Event missing_at(Timestamp at) {
    Event look;
    look.source = Source::poll;
    look.access_code_id = "code";
    look.occurred_at = at;
    look.presence = Presence::missing;
    return look;
}

TEST(Missing, EndsACodeWhenThreeLooksOverHalfAnHourAgree) {
    auto code = after({event(LifecycleStep::set, day)});
    for (const auto at : {day + 1min, day + 2min, day + 6min}) {
        EXPECT_EQ(apply(code, missing_at(at), at), std::nullopt);
        EXPECT_EQ(missing_since(code), day + 1min);
        EXPECT_TRUE(not_ready(code, at).has(Obstacle::missing));
    }
    const auto gone = apply(code, missing_at(day + 31min), day + 31min);
    ASSERT_TRUE(gone);
    EXPECT_EQ(gone->source, Source::poll);
    EXPECT_EQ(code.ended, (Ended{EndReason::deleted, day + 1min}));
}

TEST(Missing, TwoLooksEndNothingHoweverFarApart) {
    EXPECT_FALSE(
        after({event(LifecycleStep::set, day), missing_at(day + 1min), missing_at(day + 5h)})
            .ended);
}

TEST(Missing, AnyObjectOfSeamBeginsTheCountAnew) {
    for (const auto presence : {Presence::managed, Presence::unmanaged}) {
        auto found = event(LifecycleStep::set, day + 10min, Source::poll);
        found.presence = presence;
        const auto code = after({event(LifecycleStep::set, day), missing_at(day + 1min),
                                 missing_at(day + 6min), found, missing_at(day + 31min)});
        EXPECT_FALSE(code.ended);
        EXPECT_EQ(missing_since(code), day + 31min);
        EXPECT_EQ(code.managed.value, presence == Presence::managed);
    }
}

TEST(Missing, ALaterObjectBringsTheCodeBack) {
    const std::initializer_list<Event> gone{event(LifecycleStep::set, day), missing_at(day + 1min),
                                            missing_at(day + 6min), missing_at(day + 31min)};
    auto code = after(gone);
    ASSERT_TRUE(code.ended);
    apply(code, event(LifecycleStep::set, day + 5min), later);
    EXPECT_TRUE(code.refetch) << "it spoke of the code after its end";
    apply(code, event(LifecycleStep::set, day + 40min, Source::poll), later);
    EXPECT_FALSE(code.ended);
    EXPECT_EQ(code.status, Status::set);
}

TEST(Clocks, NothingHappensLaterThanWeHearOfIt) {
    AccessCode code;
    auto ahead = event(LifecycleStep::created, day + 6h);
    ahead.facts.created_at = std::optional{day + 6h};
    apply(code, ahead, day);
    EXPECT_EQ(code.status_since, day);
    EXPECT_EQ(code.created_at.value, day);
    apply(code, event(LifecycleStep::set, day + 1min), day + 1min);
    EXPECT_EQ(code.status, Status::set);
}

TEST(Clocks, AnAnswerOutranksAllThatWasRecordedBeforeItWasAskedFor) {
    AccessCode code;
    auto named = event(LifecycleStep::set, day + 9min);
    named.facts.name = std::optional<std::string>{"Wrong"};
    apply(code, named, day + 10min);
    // Asked later, but by Seam's clock, which is ten minutes behind ours, before.
    auto answer = event(LifecycleStep::unset, day + 1min, Source::poll);
    answer.requested_at = day + 11min;
    answer.facts.name = std::optional<std::string>{"Right"};
    apply(code, answer, day + 11min);
    EXPECT_EQ(code.status, Status::unset);
    EXPECT_EQ(code.name.value, "Right");
}

TEST(Clocks, WhatWasRecordedWhileSeamWasAskedIsJudgedByItsInstant) {
    AccessCode code;
    apply(code, event(LifecycleStep::created, day), day);
    apply(code, event(LifecycleStep::set, day + 2s), day + 2s);
    apply(code, event(LifecycleStep::unset, day + 1s, Source::poll), day + 3s);
    EXPECT_EQ(code.status, Status::set);
}

TEST(Clocks, WhatHappensWhileSeamIsAskedIsAskedAboutOnceMore) {
    AccessCode code;
    apply(code, event(LifecycleStep::created, day), day);
    auto changed = event(LifecycleStep::seen, day + 2s);
    changed.refetch = true;
    apply(code, changed, day + 2s);
    apply(code, event(LifecycleStep::unset, day + 1s, Source::poll), day + 3s);
    EXPECT_TRUE(code.refetch) << "the answer may be older than the change";
    EXPECT_GT(code.polls_without_news, 0) << "asked again after a pause, not in a circle";
    apply(code, event(LifecycleStep::unset, day + 40s, Source::poll), day + 41s);
    EXPECT_FALSE(code.refetch);
}

TEST(Clocks, AnAnswerRightAfterTheNewsMayBeAReplicasAndIsAskedForOnceMore) {
    AccessCode code;
    apply(code, event(LifecycleStep::created, day), day);
    auto changed = event(LifecycleStep::seen, day + 1h);
    changed.refetch = true;
    apply(code, changed, day + 1h);
    apply(code, event(LifecycleStep::unset, day + 1h + 1s, Source::poll), day + 1h + 2s);
    EXPECT_TRUE(code.refetch);
    EXPECT_GT(code.polls_without_news, 0) << "asked again after a pause, not in a circle";
    apply(code, event(LifecycleStep::unset, day + 1h + 40s, Source::poll), day + 1h + 41s);
    EXPECT_FALSE(code.refetch);
}

TEST(Clocks, WhatAClockAheadEndedLivesAgainWhenItIsRight) {
    AccessCode code;
    auto shown = event(LifecycleStep::set, day, Source::poll);
    shown.facts.ends_at = std::optional{day + 3h};
    apply(code, shown, day);
    apply(code, clock_at(day + 6h), day + 6h);
    ASSERT_TRUE(code.ended);
    apply(code, clock_at(day + 1min), day + 1min);
    EXPECT_FALSE(code.ended);
    EXPECT_EQ(code.status, Status::set);
    EXPECT_TRUE(code.refetch);
}

TEST(Clocks, AnAnswerStampedByAClockAheadGivesWayToTheNextNews) {
    AccessCode code;
    apply(code, event(LifecycleStep::set, day + 6h, Source::poll), day + 6h);
    EXPECT_EQ(apply(code, event(LifecycleStep::removed, day + 1min), day + 1min)->to,
              Status::unset);
    EXPECT_LE(*code.last_polled_at, day + 1min);
    EXPECT_TRUE(code.ended);
}

TEST(Apply, KeepsABoundedNumberOfStatements) {
    AccessCode code;
    for (int i = 0; i < 1'000; ++i)
        apply(code, event(i % 3 == 0 ? LifecycleStep::set : LifecycleStep::setting, day + i * 1s),
              later);
    EXPECT_EQ(code.observations.size(), max_observations);
    EXPECT_EQ(code.status, Status::set);
    EXPECT_EQ(code.status_since, day + 999s);
}

TEST(Ready, NeedsSetInsideAToldWindowWithoutErrors) {
    auto stated = event(LifecycleStep::set, day, Source::poll);
    stated.facts.starts_at = std::optional{day + 1h};
    stated.facts.ends_at = std::optional{day + 2h};
    const auto code = after({stated});
    EXPECT_FALSE(ready(code, day + 1h - 1ms));
    EXPECT_TRUE(ready(code, day + 1h));
    EXPECT_TRUE(ready(code, day + 2h - 1ms));
    EXPECT_FALSE(ready(code, day + 2h));

    EXPECT_FALSE(ready(after({event(LifecycleStep::set, day)}), day + 1h))
        << "the window was never told";
    auto unset = stated;
    unset.step = LifecycleStep::unset;
    EXPECT_FALSE(ready(after({unset}), day + 1h));
    auto failing = stated;
    failing.facts.errors = std::optional<std::string>{R"([{"error_code":"provider_issue"}])"};
    EXPECT_FALSE(ready(after({failing}), day + 1h));
    auto offline = stated;
    offline.facts.errors =
        std::optional<std::string>{R"([{"error_code":"device_offline","is_device_error":true}])"};
    EXPECT_TRUE(ready(after({offline}), day + 1h)) << "an offline code needs no device";
    auto ongoing = stated;
    ongoing.facts.starts_at = std::optional<Timestamp>{};
    ongoing.facts.ends_at = std::optional<Timestamp>{};
    EXPECT_TRUE(ready(after({ongoing}), day)) << "told to have no end";
}

TEST(Ready, EveryWordOfTheApiHasItsCause) {
    auto good = event(LifecycleStep::set, day, Source::poll);
    good.facts.starts_at = std::optional{day};
    good.facts.ends_at = std::optional{day + 24h};
    const auto with = [&](auto&& change) {
        auto stated = good;
        change(stated);
        return not_ready(after({stated}), day + 1h).list();
    };
    const auto text = [](const char* json) { return std::optional<std::string>{json}; };
    using Words = std::vector<Obstacle>;
    EXPECT_EQ(with([](Event&) {}), Words{});
    EXPECT_EQ(with([](Event& e) { e.step = LifecycleStep::setting; }), Words{Obstacle::not_set});
    EXPECT_EQ(with([](Event& e) { e.facts.ends_at.reset(); }), Words{Obstacle::no_window});
    EXPECT_EQ(with([](Event& e) { e.facts.starts_at = std::optional{day + 2h}; }),
              Words{Obstacle::not_started});
    EXPECT_EQ(with([](Event& e) { e.facts.ends_at = std::optional{day + 1h}; }),
              Words{Obstacle::ended});
    EXPECT_EQ(with([&](Event& e) {
                  e.facts.errors = text(R"([{"error_code":"access_code_inactive"}])");
              }),
              Words{Obstacle::error});
    for (const auto* mutation : {"updating_code", "updating_time_frame", "deleting"})
        EXPECT_EQ(with([&](Event& e) {
                      e.facts.pending_mutations = text(
                          (std::string(R"([{"mutation_code":")") + mutation + R"("}])").c_str());
                  }),
                  Words{Obstacle::changing});
    EXPECT_EQ(with([&](Event& e) {
                  e.facts.pending_mutations = text(R"([{"mutation_code":"updating_name"}])");
              }),
              Words{});
    EXPECT_EQ(
        with([&](Event& e) { e.facts.warnings = text(R"([{"warning_code":"being_deleted"}])"); }),
        Words{Obstacle::changing});
    EXPECT_EQ(with([&](Event& e) {
                  e.facts.warnings = text(R"([{"warning_code":"code_modified_external_to_seam"}])");
              }),
              Words{Obstacle::altered});
    EXPECT_EQ(with([](Event& e) { e.facts.is_waiting_for_code_assignment = true; }),
              Words{Obstacle::no_pin});
    EXPECT_EQ(with([](Event& e) { e.presence = Presence::unmanaged; }), Words{Obstacle::unmanaged});
    EXPECT_EQ(name(Obstacle::not_started), "not_started");
    EXPECT_EQ(name(Obstacle::altered), "altered");
}

TEST(Ready, AChangeOutsideSeamHoldsUntilAnObjectSaysOtherwise) {
    auto shown = event(LifecycleStep::set, day, Source::poll);
    shown.facts.starts_at = std::optional{day};
    shown.facts.ends_at = std::optional{day + 24h};
    auto altered = event(LifecycleStep::seen, day + 1h);
    altered.event_type = "access_code.modified_external_to_seam";
    EXPECT_TRUE(not_ready(after({shown, altered}), day + 2h).has(Obstacle::altered));
    auto again = shown;
    again.occurred_at = day + 2h;
    EXPECT_TRUE(ready(after({shown, altered, again}), day + 2h));
}

}  // namespace
}  // namespace oracode
