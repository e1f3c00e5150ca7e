#include "notify/planner.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace oracode::notify {
namespace {

using namespace std::chrono_literals;
using State = Planner::State;

constexpr Timestamp noon{Duration{1'770'000'000'000}};

store::PendingNotification pending(std::int64_t id, Timestamp due, unsigned attempts = 0) {
    return {.id = id,
            .target = "pms",
            .message_id = "msg_" + std::to_string(id),
            .type = NotificationType::alert_opened,
            .refers_to = 1,
            .created_at = noon,
            .attempts = attempts,
            .next_attempt_at = due};
}

void note(Planner& planner, const store::PendingNotification& sent, const Attempt& attempt,
          Timestamp now) {
    static_cast<void>(planner.interpret(sent, attempt, now));
}

TEST(NotifyPlanner, SendsWhatIsDueAndSleepsUntilThenOtherwise) {
    const Planner planner;
    EXPECT_EQ(planner.next({}, noon), Planner::Next{});
    EXPECT_EQ(planner.next({pending(1, noon), std::nullopt}, noon).send, pending(1, noon));
    const auto next = planner.next({pending(1, noon + 5s), pending(2, noon + 3s)}, noon);
    EXPECT_EQ(next, (Planner::Next{std::nullopt, noon + 3s}));
}

TEST(NotifyPlanner, AnAlertGoesBeforeAChangeThatWasDueEarlier) {
    const Planner planner;
    EXPECT_EQ(planner.next({pending(2, noon), pending(1, noon - 1h)}, noon).send->id, 2);
    EXPECT_EQ(planner.next({pending(2, noon + 1s), pending(1, noon - 1h)}, noon).send->id, 1);
}

TEST(NotifyPlanner, WhatIsDueFurtherAheadThanAnyPauseIsDueNow) {
    const Planner planner;
    EXPECT_FALSE(planner.next({pending(1, noon + 10h), std::nullopt}, noon).send);
    EXPECT_TRUE(planner.next({pending(1, noon + 10h + 1ms), std::nullopt}, noon).send);
}

TEST(NotifyPlanner, TriesAgainAfterThePausesOfTheContractAndThenGivesUp) {
    Planner planner;
    auto now = noon;
    auto row = pending(1, now);
    std::vector<Duration> pauses;
    for (;;) {
        const auto outcome = planner.interpret(row, {500}, now);
        EXPECT_EQ(outcome.attempts, row.attempts + 1);
        EXPECT_EQ(outcome.last_error, "answered 500");
        if (outcome.state == DeliveryState::failed) {
            EXPECT_FALSE(outcome.next_attempt_at);
            break;
        }
        ASSERT_EQ(outcome.state, DeliveryState::pending);
        pauses.push_back(*outcome.next_attempt_at - now);
        now = *outcome.next_attempt_at;
        row = pending(1, now, outcome.attempts);
        // What is known of the target plays no part: after a restart it goes on alike.
        planner = {};
    }
    EXPECT_THAT(pauses, testing::ElementsAre(5s, 5min, 30min, 2h, 5h, 10h, 10h));
    EXPECT_EQ(row.attempts + 1, 8U);
}

TEST(NotifyPlanner, TellsHowTheTargetDoes) {
    Planner planner;
    EXPECT_EQ(planner.health().state, State::untried);
    note(planner, pending(1, noon), {204}, noon);
    EXPECT_EQ(planner.health(), (Planner::Health{State::delivering, noon, noon, ""}));
    note(planner, pending(2, noon), {0, "timed out"}, noon + 1s);
    note(planner, pending(2, noon), {503}, noon + 2s);
    EXPECT_EQ(planner.health(), (Planner::Health{State::failing, noon + 1s, noon, "answered 503"}));
    note(planner, pending(2, noon), {200}, noon + 3s);
    EXPECT_EQ(planner.health(), (Planner::Health{State::delivering, noon + 3s, noon + 3s, ""}));
}

TEST(NotifyPlanner, ATargetThatIsGoneIsSentNothingAndKeepsWhatWaits) {
    Planner planner;
    const auto outcome = planner.interpret(pending(1, noon), {410}, noon);
    EXPECT_EQ(outcome.state, DeliveryState::pending);
    EXPECT_EQ(planner.health().state, State::gone);
    EXPECT_EQ(planner.next({pending(2, noon), pending(3, noon)}, noon + 24h), Planner::Next{});
}

TEST(NotifyPlanner, ARedirectIsAFailureThatSaysSo) {
    EXPECT_EQ(error_of({302}), "answered 302; redirects are not followed");
    EXPECT_EQ(error_of({0, "unreachable"}), "unreachable");
    EXPECT_EQ(error_of({299}), "");
    EXPECT_TRUE(is_delivered({299}));
    EXPECT_FALSE(is_delivered({199}));
    EXPECT_FALSE(is_delivered({0}));
}

}  // namespace
}  // namespace oracode::notify
