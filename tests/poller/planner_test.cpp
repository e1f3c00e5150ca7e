// What the planner asks next and what it makes of answers, by hand: no loop, no store, no clock.
#include "poller/planner.hpp"

#include <algorithm>

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace oracode::poller {
namespace {

using namespace std::chrono_literals;
namespace json = boost::json;

const Timestamp now = *parse_rfc3339("2026-03-05T15:00:00Z");

// A store with codes that the test puts there.
class WrittenAgenda final : public Agenda {
public:
    std::vector<store::DueCode> due(Timestamp, std::size_t limit) override {
        auto codes = due_codes;
        if (codes.size() > limit) codes.resize(limit);
        return codes;
    }
    std::optional<Timestamp> next_due(Timestamp /*now*/) override { return next_due_at; }
    store::LiveCodes live_codes(std::int64_t after, std::size_t limit) override {
        store::LiveCodes page{{}, after};
        for (; static_cast<std::size_t>(page.last) < live.size() && page.codes.size() < limit;
             ++page.last)
            page.codes.push_back(live[static_cast<std::size_t>(page.last)]);
        return page;
    }
    std::optional<store::DueCode> find(std::string_view id) override {
        const auto found = std::ranges::find(live, id, &store::DueCode::access_code_id);
        return found == live.end() ? std::nullopt : std::optional{*found};
    }

    std::vector<store::DueCode> due_codes;
    std::vector<store::DueCode> live;
    std::optional<Timestamp> next_due_at;
};

store::DueCode code(std::string id, std::string workspace = "w") {
    return {.access_code_id = std::move(id), .workspace_id = std::move(workspace)};
}

Shown showing(json::array items, std::optional<std::string> next_page = {}) {
    return {.items = std::move(items), .sent_at = now, .next_page_cursor = std::move(next_page)};
}

json::object object(std::string_view id) {
    return {{"access_code_id", id},
            {"workspace_id", "w"},
            {"type", "time_bound"},
            {"status", "set"},
            {"is_offline_access_code", true},
            {"starts_at", "2026-03-05T15:00:00Z"},
            {"ends_at", "2026-03-08T15:00:00Z"}};
}

seam::CallError error_of(Errc code, unsigned status, std::string type = {}) {
    seam::CallError error;
    error.code = code;
    error.status = status;
    error.error_type = std::move(type);
    error.sent_at = now;
    error.answered = status != 0;
    return error;
}

class Planning : public testing::Test {
protected:
    Planning() {
        options_.discover = Duration{0};
        options_.requests_per_minute = 6000;
    }

    // A planner that knows its workspace and has no events to fetch before `options_` say so.
    Planner& settled() {
        planner_.emplace(options_, now, now, [] { return 0.5; });
        answer<GetWorkspace>(showing({json::object{{"workspace_id", "w"}}}));
        answer<ListEvents>(showing({}));
        return *planner_;
    }
    // What is asked next, which has to be a T.
    template <class T>
    T asked(Timestamp at = now) {
        const auto request = planner_->next(at, agenda_);
        if (!request || !std::holds_alternative<T>(*request))
            throw std::runtime_error(request ? std::string(name(*request)) : "nothing is asked");
        return std::get<T>(*request);
    }
    template <class T>
    Effects answer(const seam::CallResult<Shown>& shown, Timestamp at = now) {
        const auto request = asked<T>(at);
        return planner_->interpret(request, shown, at, agenda_);
    }
    static std::vector<std::string> ids(const std::vector<store::DueCode>& codes) {
        std::vector<std::string> found;
        found.reserve(codes.size());
        for (const auto& each : codes) found.push_back(each.access_code_id);
        return found;
    }

    PlannerOptions options_;
    WrittenAgenda agenda_;
    std::optional<Planner> planner_;
};

using Ids = std::vector<std::string>;

TEST_F(Planning, TheWorkspaceComesFirstThenTheEventsThenALookAtAllCodes) {
    agenda_.live = {code("a"), code("b"), code("c")};
    options_.batch = 2;
    const auto known_to = now - 3h;
    planner_.emplace(options_, now, known_to, [] { return 0.5; });
    answer<GetWorkspace>(showing({json::object{{"workspace_id", "w"}}}));
    EXPECT_EQ(planner_->key_workspace(), "w");
    const auto events = asked<ListEvents>();
    EXPECT_LE(events.window.from, Instant{known_to - options_.backfill_overlap});
    EXPECT_GE(events.window.to, Instant{now});
    EXPECT_EQ(planner_->interpret(events, showing({}), now, agenda_).backfilled_to, now);
    EXPECT_EQ(ids(asked<ListCodes>().codes), (Ids{"a", "b"}));
    EXPECT_EQ(ids(asked<ListCodes>().codes), (Ids{"c"}));
    EXPECT_FALSE(planner_->next(now, agenda_)) << "each code once";
}

TEST_F(Planning, WithNothingToAskItWakesForWhatComesFirst) {
    auto& planner = settled();
    EXPECT_FALSE(planner.next(now, agenda_));
    EXPECT_EQ(planner.wake_at(), now + options_.backfill_interval);
    agenda_.next_due_at = now + 5min;
    EXPECT_FALSE(planner.next(now, agenda_));
    EXPECT_EQ(planner.wake_at(), now + 5min);
    agenda_.next_due_at = now - 5min;  // due, and yet not to be asked for
    EXPECT_FALSE(planner.next(now, agenda_));
    EXPECT_GT(planner.wake_at(), now);
}

TEST_F(Planning, EventsAreNotAskedForBeyondTheBackfill) {
    options_.backfill = 72h;
    planner_.emplace(options_, now, now - 24h * 365, [] { return 0.5; });
    answer<GetWorkspace>(showing({json::object{{"workspace_id", "w"}}}));
    const auto from = asked<ListEvents>().window.from;
    EXPECT_LT(from, Instant{now - 72h});
    EXPECT_GT(from, Instant{now - 72h - 3h}) << "some slack, as being away is noticed late";
}

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

TEST_F(Planning, TheBudgetAndA429SayLater) {
    options_.requests_per_minute = 1;
    planner_.emplace(options_, now, now, [] { return 0.5; });
    const auto workspace = asked<GetWorkspace>();
    EXPECT_FALSE(planner_->next(now, agenda_));
    EXPECT_EQ(planner_->wake_at(), now + 60s);
    auto limited = error_of(Errc::seam_rate_limited, 429);
    limited.retry_after = 10min;
    EXPECT_TRUE(planner_->interpret(workspace, limited, now, agenda_).statements.empty());
    EXPECT_EQ(planner_->allowed_at(now), now + 10min);
    limited.retry_after.reset();
    (void)planner_->interpret(workspace, limited, now + 10min, agenda_);
    EXPECT_EQ(planner_->allowed_at(now + 10min), now + 10min + options_.rate_limit_pause);
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

TEST_F(Planning, CodesOfAnotherWorkspaceAreNotAskedForAndAreNamedOnce) {
    agenda_.due_codes = {code("own"), code("foreign", "other")};
    auto& planner = settled();
    EXPECT_EQ(ids(asked<ListCodes>().codes), (Ids{"own"}));
    EXPECT_EQ(planner.take_foreign(), (Ids{"foreign"}));
    EXPECT_EQ(planner.take_foreign(), Ids{});
    EXPECT_TRUE(planner.is_foreign(agenda_.due_codes[1]));
    EXPECT_EQ(planner.state(now).foreign_workspace, "other");
}

TEST_F(Planning, ANewKeyIsAskedForItsWorkspaceAndAnotherOneHasAllCodesLookedAt) {
    agenda_.live = {code("a")};
    auto& planner = settled();
    answer<ListCodes>(showing({object("a")}));
    EXPECT_FALSE(planner.next(now, agenda_));
    planner.key_changed(now);
    EXPECT_EQ(planner.key_workspace(), "");
    answer<GetWorkspace>(showing({json::object{{"workspace_id", "w"}}}));
    EXPECT_FALSE(planner.next(now, agenda_)) << "the same workspace";
    planner.key_changed(now);
    answer<GetWorkspace>(showing({json::object{{"workspace_id", "other"}}}));
    answer<ListEvents>(showing({}));
    agenda_.live = {code("b", "other")};
    EXPECT_EQ(ids(asked<ListCodes>().codes), (Ids{"b"}));
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

TEST_F(Planning, ACodeThatACallerAsksForGoesBeforeAllElse) {
    agenda_.due_codes = {code("due")};
    auto& planner = settled();
    planner.ask({.access_code_id = "wanted", .source = lifecycle::Source::track});
    EXPECT_EQ(asked<GetCode>().access_code_id, "wanted");
    const auto effects = answer<GetCode>(error_of(Errc::seam_unreachable, 500));
    EXPECT_EQ(effects.settled.value().outcome.error().code, Errc::seam_unreachable);
    EXPECT_TRUE(effects.unanswered.empty()) << "the store may not know it";
    EXPECT_EQ(ids(asked<ListCodes>().codes), (Ids{"due"}));
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

TEST_F(Planning, ABackfillThatTheStoreDidNotTakeIsDoneAgain) {
    auto& planner = settled();
    EXPECT_FALSE(planner.next(now, agenda_));
    planner.begin_again(now - 1h, now);
    EXPECT_LE(asked<ListEvents>().window.from, Instant{now - 1h});
}

}  // namespace
}  // namespace oracode::poller
