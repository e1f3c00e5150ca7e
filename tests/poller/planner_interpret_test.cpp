// What the planner makes of an answer: statements, further questions, or less trust in Seam.
#include "poller/planning.hpp"

namespace oracode::poller {
namespace {

TEST_F(Planning, AStrangersAnswerLeavesTheWorkspaceUnknownForMinutesOnly) {
    planner_.emplace(options_, now, now, [] { return 0.5; });
    const auto stranger = error_of(Errc::seam_unreachable, 404);
    answer<GetWorkspace>(stranger);
    const auto asks_again = [&](Timestamp at) {
        while (const auto request = planner_->next(at, agenda_)) {
            if (std::holds_alternative<GetWorkspace>(*request)) return true;
            (void)planner_->interpret(*request, showing({}), at, agenda_);
        }
        return false;
    };
    EXPECT_FALSE(asks_again(now + 30s));
    EXPECT_TRUE(asks_again(now + 3min));
}

TEST_F(Planning, ASilentSeamOpensTheBreakerAndOneAnswerClosesIt) {
    agenda_.due_codes = {code("a")};
    auto& planner = settled();
    std::optional<seam::BreakerState> changed;
    for (int i = 0; i < 3; ++i) {
        EXPECT_FALSE(changed) << i;
        changed = answer<ListCodes>(error_of(Errc::seam_unreachable, 0)).breaker_changed;
    }
    EXPECT_EQ(changed, seam::BreakerState::open);
    EXPECT_FALSE(planner.next(now, agenda_));
    const auto again = planner.allowed_at(now);
    EXPECT_GT(again, now);
    EXPECT_EQ(planner.wake_at(), again);
    EXPECT_EQ(answer<ListCodes>(showing({object("a")}), again).breaker_changed,
              seam::BreakerState::closed);
}

TEST_F(Planning, WhatAListDoesNotShowOrTellIsAskedForSingly) {
    agenda_.due_codes = {code("shown"), code("bare"), code("absent")};
    settled();
    auto bare = object("bare");
    bare.erase("ends_at");
    const auto effects = answer<ListCodes>(showing({object("shown"), bare, object("strange")}));
    ASSERT_EQ(effects.statements.size(), 2U) << "a code that was not asked for says nothing";
    EXPECT_TRUE(effects.unanswered.empty());
    agenda_.due_codes.clear();
    Ids singly{asked<GetCode>().access_code_id};
    EXPECT_EQ(singly.front(), "absent");
    EXPECT_EQ(answer<GetCode>(showing({object("absent")})).statements.size(), 1U);
    EXPECT_EQ(asked<GetCode>().access_code_id, "bare");
}

TEST_F(Planning, AnObjectOfAnotherCodeIsNoAnswer) {
    agenda_.due_codes = {code("a")};
    settled();
    answer<ListCodes>(showing({}));
    const auto effects = answer<GetCode>(showing({object("b")}));
    EXPECT_TRUE(effects.statements.empty());
    EXPECT_EQ(effects.unanswered, (Ids{"a"}));
    ASSERT_TRUE(effects.settled);
    EXPECT_EQ(effects.settled.value().access_code_id, "a");
}

TEST_F(Planning, ACodeIsMissingOnlyWhenBothEndpointsSaySoWithItsWorkspacesKey) {
    const auto gone = error_of(Errc::not_found, 404, "access_code_not_found");
    for (const auto& [workspace, proven] : {std::pair{"w", true}, std::pair{"", false}}) {
        agenda_.due_codes = {code("a", workspace)};
        settled();
        answer<ListCodes>(showing({}));
        agenda_.due_codes.clear();
        const auto first = answer<GetCode>(gone);
        EXPECT_TRUE(first.statements.empty());
        EXPECT_FALSE(first.settled) << "the other endpoint may know it";
        const auto confirming = asked<GetCode>();
        EXPECT_TRUE(confirming.unmanaged);
        const auto both = planner_->interpret(confirming, gone, now, agenda_);
        EXPECT_EQ(both.statements.size(), proven ? 1U : 0U) << workspace;
        EXPECT_EQ(both.unanswered, proven ? Ids{} : Ids{"a"});
        for (const auto& statement : both.statements)
            EXPECT_EQ(statement.event.presence, lifecycle::Presence::missing);
        EXPECT_EQ(both.settled.value().outcome.error().code, Errc::not_found);
    }
}

TEST_F(Planning, A404ThatIsNotAboutACodeProvesNothing) {
    for (const auto* type : {"route_not_found", "device_not_found", "workspace_not_found", ""}) {
        agenda_.due_codes = {code("a")};
        settled();
        answer<ListCodes>(showing({}));
        agenda_.due_codes.clear();
        const auto effects = answer<GetCode>(error_of(Errc::not_found, 404, type));
        EXPECT_TRUE(effects.statements.empty()) << type;
        EXPECT_EQ(effects.unanswered, (Ids{"a"})) << type;
        EXPECT_FALSE(planner_->next(now, agenda_)) << type;
    }
}

TEST_F(Planning, ARefusedListIsHalvedAndAPassingFaultIsNot) {
    agenda_.due_codes = {code("a"), code("b"), code("c")};
    settled();
    answer<ListCodes>(error_of(Errc::seam_unreachable, 500));
    EXPECT_EQ(ids(asked<ListCodes>().codes), (Ids{"a", "b", "c"}));
    answer<ListCodes>(error_of(Errc::seam_refused, 400));
    EXPECT_EQ(ids(asked<ListCodes>().codes), (Ids{"a"}));
    answer<ListCodes>(error_of(Errc::seam_refused, 400));
    EXPECT_EQ(asked<GetCode>().access_code_id, "a") << "one id that Seam's list does not take";
    const auto other_half = asked<ListCodes>();
    EXPECT_EQ(ids(other_half.codes), (Ids{"b", "c"}));
    const auto shown = showing({object("b"), object("c")});
    EXPECT_EQ(planner_->interpret(other_half, shown, now, agenda_).statements.size(), 2U);
}

TEST_F(Planning, PagesOfAListAreFollowedAndACursorThatStandsStillIsNot) {
    agenda_.due_codes = {code("a"), code("b")};
    settled();
    answer<ListCodes>(showing({object("a")}, "2"));
    const auto second = asked<ListCodes>();
    EXPECT_EQ(second.cursor, "2");
    const auto effects = planner_->interpret(second, showing({}, "2"), now, agenda_);
    EXPECT_TRUE(effects.statements.empty());
    agenda_.due_codes.clear();
    EXPECT_EQ(asked<GetCode>().access_code_id, "b") << "a was shown by the page before";
}

TEST_F(Planning, CodesThatAreForbiddenSayNothingOfAKeyThatSeesItsWorkspace) {
    agenda_.due_codes = {code("a")};
    auto& planner = settled();
    const auto forbidden = error_of(Errc::forbidden, 403, "forbidden");
    const auto later = now + 1h;
    answer<ListCodes>(forbidden, later);
    answer<GetCode>(forbidden, later);
    answer<ListEvents>(showing({}), later);
    for (int i = 0; i < 4; ++i) {
        answer<ListCodes>(forbidden, later);
        if (i == 1) answer<GetWorkspace>(showing({json::object{{"workspace_id", "w"}}}), later);
        answer<GetCode>(forbidden, later);
    }
    EXPECT_EQ(planner.state(later).breaker, seam::BreakerState::closed);
}

TEST_F(Planning, AKeyIsRefusedWhereTheWorkspaceIsRefusedToo) {
    agenda_.due_codes = {code("a")};
    auto& planner = settled();
    const auto forbidden = error_of(Errc::forbidden, 403, "forbidden");
    const auto later = now + 1h;
    answer<ListCodes>(forbidden, later);
    answer<GetCode>(forbidden, later);
    answer<ListEvents>(showing({}), later);
    answer<ListCodes>(forbidden, later);
    answer<GetCode>(forbidden, later);
    answer<ListCodes>(forbidden, later);
    const auto effects = answer<GetWorkspace>(forbidden, later);
    EXPECT_EQ(effects.breaker_changed, seam::BreakerState::bad_key);
    EXPECT_FALSE(planner.next(later, agenda_));
    answer<GetWorkspace>(showing({json::object{{"workspace_id", "w"}}}), later + 1min);
    EXPECT_EQ(planner.state(later + 1min).breaker, seam::BreakerState::closed);
}

// What Seam said of the key before our clock was set back is not believed for ever.
TEST_F(Planning, AKeyIsDoubtedAgainAfterTheClockWasSetBack) {
    agenda_.due_codes = {code("a")};
    auto& planner = settled();
    const auto forbidden = error_of(Errc::forbidden, 403, "forbidden");
    const auto back = now - 24h;
    answer<ListCodes>(forbidden, back);
    bool doubted = false;
    for (int i = 0; i < 12 && !doubted; ++i) {
        const auto at = back + 11min;
        const auto request = planner.next(at, agenda_);
        ASSERT_TRUE(request);
        doubted = std::holds_alternative<GetWorkspace>(*request);
        if (std::holds_alternative<ListEvents>(*request))
            (void)planner.interpret(*request, showing({}), at, agenda_);
        else
            (void)planner.interpret(*request, forbidden, at, agenda_);
    }
    EXPECT_TRUE(doubted);
}

TEST_F(Planning, EventsOfTheListBecomeStatementsWithTheirBodies) {
    planner_.emplace(options_, now, now, [] { return 0.5; });
    answer<GetWorkspace>(showing({json::object{{"workspace_id", "w"}}}));
    const json::object event{{"event_id", "e1"},
                             {"event_type", "access_code.set_on_device"},
                             {"access_code_id", "a"},
                             {"occurred_at", "2026-03-05T14:00:00Z"},
                             {"created_at", "2026-03-05T14:00:00Z"}};
    auto other = event;
    other["event_type"] = "thermostat.sang";
    const auto effects = answer<ListEvents>(showing({event, other, "no event"}));
    ASSERT_EQ(effects.statements.size(), 1U);
    EXPECT_EQ(effects.statements.front().event.source, lifecycle::Source::backfill);
    EXPECT_EQ(json::parse(effects.statements.front().payload), event);
}

}  // namespace
}  // namespace oracode::poller
