// What the planner asks next, and when it wakes.
#include "poller/planner.hpp"

#include "poller/planning.hpp"

namespace oracode::poller {
namespace {

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

TEST_F(Planning, ABackfillThatTheStoreDidNotTakeIsDoneAgain) {
    auto& planner = settled();
    EXPECT_FALSE(planner.next(now, agenda_));
    planner.begin_again(now - 1h, now);
    EXPECT_LE(asked<ListEvents>().window.from, Instant{now - 1h});
}

}  // namespace
}  // namespace oracode::poller
