#include "lifecycle/apply.hpp"

#include <gtest/gtest.h>

#include "tests/lifecycle/events.hpp"

namespace oracode {
namespace {

TEST(Apply, FollowsTheLifeOfACode) {
    lifecycle::AccessCode code;
    const auto first =
        lifecycle::apply(code, event(lifecycle::LifecycleStep::created, day), day + 1s);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->from, std::nullopt);
    EXPECT_EQ(first->to, lifecycle::Status::unset);
    EXPECT_EQ(first->at, day);
    EXPECT_EQ(first->recorded_at, day + 1s);

    EXPECT_EQ(
        lifecycle::apply(code, event(lifecycle::LifecycleStep::setting, day + 1min), later)->to,
        lifecycle::Status::setting);
    EXPECT_EQ(lifecycle::apply(code, event(lifecycle::LifecycleStep::set, day + 2min), later)->to,
              lifecycle::Status::set);
    EXPECT_EQ(code.status_since, day + 2min);
    EXPECT_EQ(
        lifecycle::apply(code, event(lifecycle::LifecycleStep::removing, day + 3min), later)->to,
        lifecycle::Status::removing);
    EXPECT_EQ(
        lifecycle::apply(code, event(lifecycle::LifecycleStep::removed, day + 4min), later)->to,
        lifecycle::Status::unset);
    EXPECT_EQ(code.ended, (lifecycle::Ended{lifecycle::EndReason::removed, day + 4min}));
    EXPECT_EQ(lifecycle::apply(code, event(lifecycle::LifecycleStep::removed, day + 4min), later),
              std::nullopt);
}

TEST(Apply, ALateStatementNeverUndoesALaterOne) {
    for (const lifecycle::LifecycleStep late :
         {lifecycle::LifecycleStep::created, lifecycle::LifecycleStep::seen,
          lifecycle::LifecycleStep::setting, lifecycle::LifecycleStep::unset,
          lifecycle::LifecycleStep::unknown}) {
        const auto code = after({event(lifecycle::LifecycleStep::set, day + 1h), event(late, day)});
        EXPECT_EQ(code.status, lifecycle::Status::set);
        EXPECT_EQ(code.status_since, day + 1h);
    }
}

TEST(Apply, ACreationNeverUndoesAnythingEvenWithALaterInstant) {
    EXPECT_EQ(after({event(lifecycle::LifecycleStep::set, day),
                     event(lifecycle::LifecycleStep::created, day + 1h)})
                  .status,
              lifecycle::Status::set);
    EXPECT_EQ(after({event(lifecycle::LifecycleStep::set, day),
                     event(lifecycle::LifecycleStep::seen, day + 1h)})
                  .status,
              lifecycle::Status::set);
}

TEST(Apply, ALaterDelayMeansThatSeamIsSettingAgain) {
    EXPECT_EQ(after({event(lifecycle::LifecycleStep::set, day),
                     event(lifecycle::LifecycleStep::setting, day + 1h)})
                  .status,
              lifecycle::Status::setting);
}

TEST(Apply, OfTheSameInstantTheLaterStepOfLifeIsBelieved) {
    struct Row {
        lifecycle::LifecycleStep a, b;
        lifecycle::Status status;
    };
    for (const auto& row : {Row{lifecycle::LifecycleStep::set, lifecycle::LifecycleStep::setting,
                                lifecycle::Status::set},
                            Row{lifecycle::LifecycleStep::set, lifecycle::LifecycleStep::unset,
                                lifecycle::Status::set},
                            Row{lifecycle::LifecycleStep::set, lifecycle::LifecycleStep::unknown,
                                lifecycle::Status::set},
                            Row{lifecycle::LifecycleStep::set, lifecycle::LifecycleStep::removing,
                                lifecycle::Status::removing},
                            Row{lifecycle::LifecycleStep::set, lifecycle::LifecycleStep::removed,
                                lifecycle::Status::unset}}) {
        EXPECT_EQ(after({event(row.a, day), event(row.b, day)}).status, row.status);
        EXPECT_EQ(after({event(row.b, day), event(row.a, day)}).status, row.status);
    }
}

TEST(Apply, SeamsObjectOutranksAnEventOfTheSameInstant) {
    const auto poll = event(lifecycle::LifecycleStep::unset, day, lifecycle::Source::poll);
    EXPECT_EQ(after({event(lifecycle::LifecycleStep::set, day), poll}).status,
              lifecycle::Status::unset);
    EXPECT_EQ(after({poll, event(lifecycle::LifecycleStep::set, day)}).status,
              lifecycle::Status::unset);
    EXPECT_EQ(after({poll, event(lifecycle::LifecycleStep::set, day + 1ms)}).status,
              lifecycle::Status::set);
}

TEST(Apply, ACodeFirstHeardOfByAnEventWithoutStatusIsUnknown) {
    auto code = after({event(lifecycle::LifecycleStep::seen, day)});
    EXPECT_EQ(code.status, lifecycle::Status::unknown);
    lifecycle::apply(code, event(lifecycle::LifecycleStep::created, day + 1s), later);
    EXPECT_EQ(code.status, lifecycle::Status::unset);
}

TEST(Apply, OnlySeamsObjectBringsAnEndedCodeBack) {
    EXPECT_TRUE(after({event(lifecycle::LifecycleStep::removed, day),
                       event(lifecycle::LifecycleStep::set, day + 1h)})
                    .ended);
    for (const auto& [step, status] :
         {std::pair{lifecycle::LifecycleStep::set, lifecycle::Status::set},
          {lifecycle::LifecycleStep::setting, lifecycle::Status::setting},
          {lifecycle::LifecycleStep::planned, lifecycle::Status::unset},
          {lifecycle::LifecycleStep::removing, lifecycle::Status::removing}}) {
        const auto back = after({event(lifecycle::LifecycleStep::removed, day),
                                 event(step, day + 1h, lifecycle::Source::poll)});
        EXPECT_FALSE(back.ended);
        EXPECT_EQ(back.status, status);
    }
    EXPECT_TRUE(after({event(lifecycle::LifecycleStep::removed, day),
                       event(lifecycle::LifecycleStep::unknown, day + 1h, lifecycle::Source::poll)})
                    .ended);
    EXPECT_TRUE(after({event(lifecycle::LifecycleStep::removed, day),
                       event(lifecycle::LifecycleStep::set, day - 1h, lifecycle::Source::poll)})
                    .ended);
}

TEST(Apply, ARemovedCodeThatStaysReadableAsUnsetLivesOnlyWhereItsCreationIsPending) {
    auto readable = event(lifecycle::LifecycleStep::unset, day + 1h, lifecycle::Source::poll);
    EXPECT_TRUE(after({event(lifecycle::LifecycleStep::removed, day), readable}).ended);
    EXPECT_FALSE(
        after({event(lifecycle::LifecycleStep::deleted, day, lifecycle::Source::poll), readable})
            .ended)
        << "0.1.0 had ended it because it was not found";
    readable.facts.pending_mutations =
        std::optional<std::string>{R"([{"mutation_code":"deferring_creation"}])"};
    EXPECT_FALSE(after({event(lifecycle::LifecycleStep::removed, day), readable}).ended);
}

TEST(Apply, AnObjectThatStaysReadableAfterItsWindowBringsNothingBack) {
    auto readable = event(lifecycle::LifecycleStep::set, day + 4h, lifecycle::Source::poll);
    readable.facts.ends_at = std::optional{day + 3h};
    const auto code = after({event(lifecycle::LifecycleStep::removed, day), readable});
    ASSERT_TRUE(code.ended);
    EXPECT_EQ(code.ended->reason, lifecycle::EndReason::removed);
    auto extended = readable;
    extended.facts.ends_at = std::optional{day + 5h};
    EXPECT_FALSE(after({event(lifecycle::LifecycleStep::removed, day), extended}).ended);
}

TEST(Apply, TheClockEndsACodeAtItsEnd) {
    auto changed = event(lifecycle::LifecycleStep::seen, day);
    changed.facts.ends_at = std::optional{day + 2h};
    auto code = after({event(lifecycle::LifecycleStep::set, day), changed});
    EXPECT_EQ(lifecycle::apply(code, clock_at(day + 2h - 1ms), later), std::nullopt);
    const auto expiry = lifecycle::apply(code, clock_at(day + 2h), day + 3h);
    ASSERT_TRUE(expiry);
    EXPECT_EQ(expiry->to, lifecycle::Status::unset);
    EXPECT_EQ(expiry->at, day + 2h);
    EXPECT_EQ(expiry->source, lifecycle::Source::clock);
    EXPECT_EQ(code.ended, (lifecycle::Ended{lifecycle::EndReason::expired, day + 2h}));

    auto extended = event(lifecycle::LifecycleStep::seen, day + 1h);
    extended.facts.ends_at = std::optional{day + 24h};
    lifecycle::apply(code, extended, later);
    EXPECT_EQ(code.ended, std::nullopt);
    EXPECT_EQ(code.status, lifecycle::Status::set);
}

TEST(Apply, KeepsTheLatestStatementOfEveryFact) {
    auto renamed = event(lifecycle::LifecycleStep::seen, day + 2h);
    renamed.facts.name = std::optional<std::string>{"Guest Lee"};
    auto named = event(lifecycle::LifecycleStep::seen, day + 1h);
    named.facts.name = std::optional<std::string>{"Guest"};
    EXPECT_EQ(after({renamed, named}).name.value, "Guest Lee");
    EXPECT_EQ(after({named, renamed}).name.value, "Guest Lee");
}

TEST(Apply, SetClearsSettingErrorsStatedBeforeIt) {
    auto failed = event(lifecycle::LifecycleStep::setting, day);
    failed.facts.errors = std::optional<std::string>{
        R"([{"error_code":"failed_to_set_on_device","is_access_code_error":true},)"
        R"({"error_code":"device_offline","is_device_error":true}])"};
    failed.facts.warnings =
        std::optional<std::string>{R"([{"warning_code":"delay_in_setting_on_device"}])"};
    const auto set = event(lifecycle::LifecycleStep::set, day + 1h);
    for (const auto& code : {after({failed, set}), after({set, failed})}) {
        EXPECT_EQ(lifecycle::visible_errors(code),
                  R"([{"error_code":"device_offline","is_device_error":true}])");
        EXPECT_EQ(lifecycle::visible_warnings(code), "[]");
    }
    EXPECT_EQ(lifecycle::visible_errors(after({failed})), *failed.facts.errors.value());
    auto failed_again = failed;
    failed_again.occurred_at = day + 2h;
    EXPECT_EQ(lifecycle::visible_errors(after({set, failed_again})), *failed.facts.errors.value());
}

TEST(Apply, AnEventStatesTheCodesOwnErrorsAndNotThoseOfItsDevice) {
    auto shown = event(lifecycle::LifecycleStep::set, day, lifecycle::Source::poll);
    shown.facts.errors = std::optional<std::string>{
        R"([{"error_code":"device_offline","is_device_error":true},)"
        R"({"error_code":"provider_issue","is_access_code_error":true}])"};
    auto cleared = event(lifecycle::LifecycleStep::seen, day + 1h);
    cleared.facts.errors = std::optional<std::string>{"[]"};
    auto failing = event(lifecycle::LifecycleStep::seen, day + 2h);
    failing.facts.errors = std::optional<std::string>{R"([{"error_code":"x"}])"};
    const auto* offline = R"({"error_code":"device_offline","is_device_error":true})";
    for (const auto& code : {after({shown, cleared}), after({cleared, shown})})
        EXPECT_EQ(lifecycle::visible_errors(code), std::string("[") + offline + "]");
    for (const auto& code : {after({shown, cleared, failing}), after({failing, cleared, shown})})
        EXPECT_EQ(lifecycle::visible_errors(code),
                  std::string("[") + offline + R"(,{"error_code":"x"}])");
    auto clear = event(lifecycle::LifecycleStep::set, day + 3h, lifecycle::Source::poll);
    clear.facts.errors = std::optional<std::string>{"[]"};
    EXPECT_EQ(lifecycle::visible_errors(after({shown, failing, clear})), "[]")
        << "gone at the next look";
}

TEST(Apply, ASetCodeWithErrorsOnItsObjectIsLookedAt) {
    auto shown = event(lifecycle::LifecycleStep::setting, day, lifecycle::Source::poll);
    shown.facts.errors = std::optional<std::string>{R"([{"error_code":"provider_issue"}])"};
    EXPECT_TRUE(after({shown, event(lifecycle::LifecycleStep::set, day + 1h)}).refetch);
    shown.facts.errors = std::optional<std::string>{"[]"};
    EXPECT_FALSE(after({shown, event(lifecycle::LifecycleStep::set, day + 1h)}).refetch);
}

TEST(Apply, ALaterEventOfAnEndedCodeHasItLookedAt) {
    EXPECT_TRUE(after({event(lifecycle::LifecycleStep::removed, day),
                       event(lifecycle::LifecycleStep::set, day + 1s)})
                    .refetch);
    EXPECT_TRUE(after({event(lifecycle::LifecycleStep::removed, day),
                       event(lifecycle::LifecycleStep::seen, day + 1s)})
                    .refetch);
    EXPECT_FALSE(after({event(lifecycle::LifecycleStep::removed, day),
                        event(lifecycle::LifecycleStep::set, day - 1s)})
                     .refetch);
    EXPECT_FALSE(after({event(lifecycle::LifecycleStep::removed, day),
                        event(lifecycle::LifecycleStep::deleted, day + 1s)})
                     .refetch);
}

TEST(Apply, ALossOfTheAccountBeforeTheCodeWasMadeSaysNothingOfIt) {
    auto made = event(lifecycle::LifecycleStep::created, day);
    made.facts.created_at = std::optional{day};
    const auto lost = event(lifecycle::LifecycleStep::unknown, day - 1h);
    EXPECT_EQ(after({lost, made}).status, lifecycle::Status::unset);
    EXPECT_EQ(after({made, lost}).status, lifecycle::Status::unset);
    EXPECT_EQ(after({made, event(lifecycle::LifecycleStep::unknown, day + 1h)}).status,
              lifecycle::Status::unknown);
}

TEST(Apply, AKnownStartIsGivenUpWhenASecondLookDeniesIt) {
    auto shown = event(lifecycle::LifecycleStep::set, day, lifecycle::Source::poll);
    shown.facts.starts_at = std::optional{day + 1h};
    const auto denied_at = [&](Timestamp at) {
        auto denied = event(lifecycle::LifecycleStep::set, at, lifecycle::Source::poll);
        denied.facts.starts_at = std::optional<Timestamp>{};
        return denied;
    };
    auto code = after({shown, denied_at(day + 1s)});
    EXPECT_EQ(code.starts_at.value, day + 1h);
    EXPECT_TRUE(code.refetch);
    lifecycle::apply(code, denied_at(day + 2s), later);
    EXPECT_EQ(code.starts_at.value, std::nullopt);
    EXPECT_TRUE(code.starts_at.stated());

    auto again = shown;
    again.occurred_at = day + 2s;
    EXPECT_EQ(after({shown, denied_at(day + 1s), again, denied_at(day + 3s)}).starts_at.value,
              day + 1h);
    EXPECT_TRUE(after({denied_at(day)}).starts_at.stated()) << "nothing was known to be denied";
}

TEST(Apply, KeepsABoundedNumberOfStatements) {
    lifecycle::AccessCode code;
    for (int i = 0; i < 1'000; ++i)
        apply(code,
              event(i % 3 == 0 ? lifecycle::LifecycleStep::set : lifecycle::LifecycleStep::setting,
                    day + i * 1s),
              later);
    EXPECT_EQ(code.observations.size(), lifecycle::max_observations);
    EXPECT_EQ(code.status, lifecycle::Status::set);
    EXPECT_EQ(code.status_since, day + 999s);
}

}  // namespace
}  // namespace oracode
