#include "lifecycle/apply.hpp"

#include <gtest/gtest.h>

namespace oracode {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp day{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2}};

Event event(News news, Timestamp at, Source source = Source::webhook) {
    Event made;
    made.source = source;
    made.event_id = "event";
    made.event_type = "access_code.type";
    made.access_code_id = "code";
    made.device_id = "device";
    made.occurred_at = at;
    made.created_at = at;
    made.news = news;
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
    for (const auto& e : events) apply(code, e, day);
    return code;
}

TEST(Apply, FollowsTheLifeOfACode) {
    AccessCode code;
    const auto first = apply(code, event(News::created, day), day + 1s);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->from, std::nullopt);
    EXPECT_EQ(first->to, Status::unset);
    EXPECT_EQ(first->at, day);
    EXPECT_EQ(first->recorded_at, day + 1s);

    EXPECT_EQ(apply(code, event(News::setting, day + 1min), day)->to, Status::setting);
    EXPECT_EQ(apply(code, event(News::set, day + 2min), day)->to, Status::set);
    EXPECT_EQ(code.status_since, day + 2min);
    EXPECT_EQ(apply(code, event(News::removing, day + 3min), day)->to, Status::removing);
    EXPECT_EQ(apply(code, event(News::removed, day + 4min), day)->to, Status::unset);
    EXPECT_EQ(code.ended, (Ended{EndReason::removed, day + 4min}));
    EXPECT_EQ(apply(code, event(News::removed, day + 4min), day), std::nullopt);
}

TEST(Apply, ALateStatementNeverUndoesALaterOne) {
    for (const News late : {News::created, News::seen, News::setting, News::unset, News::unknown}) {
        const auto code = after({event(News::set, day + 1h), event(late, day)});
        EXPECT_EQ(code.status, Status::set);
        EXPECT_EQ(code.status_since, day + 1h);
    }
}

TEST(Apply, ACreationNeverUndoesAnythingEvenWithALaterInstant) {
    EXPECT_EQ(after({event(News::set, day), event(News::created, day + 1h)}).status, Status::set);
    EXPECT_EQ(after({event(News::set, day), event(News::seen, day + 1h)}).status, Status::set);
}

TEST(Apply, ALaterDelayMeansThatSeamIsSettingAgain) {
    EXPECT_EQ(after({event(News::set, day), event(News::setting, day + 1h)}).status,
              Status::setting);
}

TEST(Apply, OfTheSameInstantTheLaterStepOfLifeIsBelieved) {
    struct Row {
        News a, b;
        Status status;
    };
    for (const auto& row :
         {Row{News::set, News::setting, Status::set}, Row{News::set, News::unset, Status::set},
          Row{News::set, News::unknown, Status::set},
          Row{News::set, News::removing, Status::removing},
          Row{News::set, News::removed, Status::unset}}) {
        EXPECT_EQ(after({event(row.a, day), event(row.b, day)}).status, row.status);
        EXPECT_EQ(after({event(row.b, day), event(row.a, day)}).status, row.status);
    }
}

TEST(Apply, SeamsObjectOutranksAnEventOfTheSameInstant) {
    const auto poll = event(News::unset, day, Source::poll);
    EXPECT_EQ(after({event(News::set, day), poll}).status, Status::unset);
    EXPECT_EQ(after({poll, event(News::set, day)}).status, Status::unset);
    EXPECT_EQ(after({poll, event(News::set, day + 1ms)}).status, Status::set);
}

TEST(Apply, ACodeFirstHeardOfByAnEventWithoutStatusIsUnknown) {
    auto code = after({event(News::seen, day)});
    EXPECT_EQ(code.status, Status::unknown);
    apply(code, event(News::created, day + 1s), day);
    EXPECT_EQ(code.status, Status::unset);
}

TEST(Apply, OnlySeamsObjectBringsAnEndedCodeBack) {
    EXPECT_TRUE(after({event(News::removed, day), event(News::set, day + 1h)}).ended);
    EXPECT_TRUE(
        after({event(News::removed, day), event(News::unset, day + 1h, Source::poll)}).ended);
    const auto back = after({event(News::removed, day), event(News::set, day + 1h, Source::poll)});
    EXPECT_FALSE(back.ended);
    EXPECT_EQ(back.status, Status::set);
    EXPECT_TRUE(after({event(News::removed, day), event(News::set, day - 1h, Source::poll)}).ended);
}

TEST(Apply, TheClockEndsACodeAtItsEnd) {
    auto changed = event(News::seen, day);
    changed.facts.ends_at = std::optional{day + 2h};
    auto code = after({event(News::set, day), changed});
    EXPECT_EQ(apply(code, clock_at(day + 2h - 1ms), day), std::nullopt);
    const auto expiry = apply(code, clock_at(day + 2h), day + 3h);
    ASSERT_TRUE(expiry);
    EXPECT_EQ(expiry->to, Status::unset);
    EXPECT_EQ(expiry->at, day + 2h);
    EXPECT_EQ(expiry->source, Source::clock);
    EXPECT_EQ(code.ended, (Ended{EndReason::expired, day + 2h}));

    auto extended = event(News::seen, day + 1h);
    extended.facts.ends_at = std::optional{day + 24h};
    apply(code, extended, day);
    EXPECT_EQ(code.ended, std::nullopt);
    EXPECT_EQ(code.status, Status::set);
}

TEST(Apply, KeepsTheLatestStatementOfEveryFact) {
    auto renamed = event(News::seen, day + 2h);
    renamed.facts.name = std::optional<std::string>{"Guest Lee"};
    auto named = event(News::seen, day + 1h);
    named.facts.name = std::optional<std::string>{"Guest"};
    EXPECT_EQ(after({renamed, named}).name.value, "Guest Lee");
    EXPECT_EQ(after({named, renamed}).name.value, "Guest Lee");
}

TEST(Apply, SetClearsSettingErrorsToldBeforeIt) {
    auto failed = event(News::setting, day);
    failed.facts.errors = std::optional<std::string>{
        R"([{"error_code":"failed_to_set_on_device","is_access_code_error":true},)"
        R"({"error_code":"device_offline","is_device_error":true}])"};
    failed.facts.warnings =
        std::optional<std::string>{R"([{"warning_code":"delay_in_setting_on_device"}])"};
    const auto set = event(News::set, day + 1h);
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

TEST(Apply, KeepsABoundedNumberOfStatements) {
    AccessCode code;
    for (int i = 0; i < 1'000; ++i)
        apply(code, event(i % 3 == 0 ? News::set : News::setting, day + i * 1s), day);
    EXPECT_EQ(code.observations.size(), max_observations);
    EXPECT_EQ(code.status, Status::set);
    EXPECT_EQ(code.status_since, day + 999s);
}

TEST(Ready, NeedsSetInsideAToldWindowWithoutErrors) {
    auto told = event(News::set, day, Source::poll);
    told.facts.starts_at = std::optional{day + 1h};
    told.facts.ends_at = std::optional{day + 2h};
    const auto code = after({told});
    EXPECT_FALSE(ready(code, day + 1h - 1ms));
    EXPECT_TRUE(ready(code, day + 1h));
    EXPECT_TRUE(ready(code, day + 2h - 1ms));
    EXPECT_FALSE(ready(code, day + 2h));

    EXPECT_FALSE(ready(after({event(News::set, day)}), day + 1h)) << "the window was never told";
    auto unset = told;
    unset.news = News::unset;
    EXPECT_FALSE(ready(after({unset}), day + 1h));
    auto failing = told;
    failing.facts.errors = std::optional<std::string>{R"([{"error_code":"provider_issue"}])"};
    EXPECT_FALSE(ready(after({failing}), day + 1h));
    auto ongoing = told;
    ongoing.facts.starts_at = std::optional<Timestamp>{};
    ongoing.facts.ends_at = std::optional<Timestamp>{};
    EXPECT_TRUE(ready(after({ongoing}), day)) << "told to have no end";
}

}  // namespace
}  // namespace oracode
