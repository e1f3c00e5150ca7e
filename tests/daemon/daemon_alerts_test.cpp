#include "daemon/daemon_alerts.hpp"

#include <map>

#include <gtest/gtest.h>

namespace oracode::daemon {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp noon{std::chrono::sys_days{std::chrono::year{2026} / 3 / 5} + 12h};

// Judged every half minute.
class DaemonAlertsTest : public testing::Test {
protected:
    DaemonAlertsTest() {
        found_.asks_seam = true;
        found_.disk_free = std::uint64_t{1} << 40;
        found_.poll.last_success = noon;
        found_.poll.clock_offset = Duration{0};
        found_.delivery_accepted = true;
    }
    void evaluate_for(Duration span) {
        for (const auto end = now_ + span; now_ < end; now_ += 30s) evaluate();
    }
    void evaluate() {
        evaluated_.clear();
        for (auto& one : alerts_.evaluate(found_, now_)) evaluated_[one.kind] = one.cause;
    }
    [[nodiscard]] bool open(lifecycle::AlertKind kind) const {
        return evaluated_.contains(kind) && evaluated_.at(kind).has_value();
    }
    [[nodiscard]] bool gone(lifecycle::AlertKind kind) const {
        return evaluated_.contains(kind) && !evaluated_.at(kind);
    }

    DaemonFindings found_;
    Timestamp now_ = noon;
    DaemonAlerts alerts_;
    std::map<lifecycle::AlertKind, std::optional<std::string>> evaluated_;
};

TEST_F(DaemonAlertsTest, NoneWhereAllIsWell) {
    evaluate_for(2h);
    EXPECT_EQ(evaluated_.size(), lifecycle::alert_kind_count - 2) << "all but those of codes";
    for (const auto& [kind, cause] : evaluated_) EXPECT_EQ(cause, std::nullopt) << name(kind);
}

TEST_F(DaemonAlertsTest, SeamIsUnreachableWhenItHasBeenSilentForAWhile) {
    evaluate();
    found_.poll.breaker = seam::BreakerState::open;
    evaluate_for(5min);
    EXPECT_FALSE(open(lifecycle::AlertKind::seam_unreachable));
    found_.poll.breaker = seam::BreakerState::half_open;
    evaluate();
    EXPECT_TRUE(open(lifecycle::AlertKind::seam_unreachable));
    found_.poll.breaker = seam::BreakerState::closed;
    evaluate();
    EXPECT_TRUE(gone(lifecycle::AlertKind::seam_unreachable));
    found_.poll.answers_unusable = true;
    evaluate_for(6min);
    EXPECT_TRUE(open(lifecycle::AlertKind::seam_unreachable));
    found_.asks_seam = false;
    evaluate();
    EXPECT_TRUE(gone(lifecycle::AlertKind::seam_unreachable)) << "nothing is asked of it";
    found_.seam_unusable = "the proxy is no URL";
    evaluate();
    EXPECT_TRUE(open(lifecycle::AlertKind::seam_unreachable));
}

TEST_F(DaemonAlertsTest, WhatADaemonThatHasJustStartedCannotKnowStaysAsItIs) {
    found_.poll = {};
    found_.delivery_accepted = false;
    evaluate();
    for (const auto kind : {lifecycle::AlertKind::seam_unreachable, lifecycle::AlertKind::seam_key,
                            lifecycle::AlertKind::codes_missing,
                            lifecycle::AlertKind::webhooks_failing, lifecycle::AlertKind::clock})
        EXPECT_FALSE(evaluated_.contains(kind)) << name(kind);
    EXPECT_TRUE(gone(lifecycle::AlertKind::disk));
    found_.poll.last_success = now_;
    found_.poll.clock_offset = Duration{0};
    found_.delivery_accepted = true;
    evaluate();
    for (const auto kind : {lifecycle::AlertKind::seam_unreachable, lifecycle::AlertKind::seam_key,
                            lifecycle::AlertKind::webhooks_failing, lifecycle::AlertKind::clock})
        EXPECT_TRUE(gone(kind)) << name(kind);
    evaluate_for(16min);
    EXPECT_TRUE(gone(lifecycle::AlertKind::codes_missing));
}

TEST_F(DaemonAlertsTest, TheKeyCodesAndTheClock) {
    found_.poll.breaker = seam::BreakerState::bad_key;
    found_.poll.codes_missing = 7;
    found_.poll.clock_offset = -45s;
    evaluate();
    EXPECT_TRUE(open(lifecycle::AlertKind::seam_key));
    EXPECT_NE(evaluated_[lifecycle::AlertKind::codes_missing]->find("7 codes"), std::string::npos);
    EXPECT_NE(evaluated_[lifecycle::AlertKind::clock]->find("45 s"), std::string::npos);
}

TEST_F(DaemonAlertsTest, WebhooksFailWhenDeliveriesAreRefusedTimeAndAgain) {
    evaluate_for(2h);
    found_.refused_deliveries = 5;
    evaluate_for(10min);
    EXPECT_TRUE(gone(lifecycle::AlertKind::webhooks_failing));
    found_.refused_deliveries = 6;
    evaluate_for(10min);
    EXPECT_TRUE(open(lifecycle::AlertKind::webhooks_failing));
    evaluate_for(1h);
    EXPECT_TRUE(gone(lifecycle::AlertKind::webhooks_failing)) << "none in the last hour";
}

TEST_F(DaemonAlertsTest, WebhooksFailFromTheFirstMinuteOn) {
    evaluate();
    found_.refused_deliveries = 6;
    evaluate_for(1min);
    EXPECT_TRUE(open(lifecycle::AlertKind::webhooks_failing));
}

TEST_F(DaemonAlertsTest, WebhooksFailWhenPollsKeepTellingWhatNoneDid) {
    found_.noticed_by_poll = 20;
    evaluate_for(14min);
    found_.noticed_by_poll = 40;
    evaluate_for(1h);
    EXPECT_FALSE(open(lifecycle::AlertKind::webhooks_failing))
        << "that was while nobody could deliver";
    found_.noticed_by_poll = 45;
    evaluate_for(10min);
    EXPECT_FALSE(open(lifecycle::AlertKind::webhooks_failing));
    found_.noticed_by_poll = 46;
    evaluate_for(10min);
    EXPECT_TRUE(open(lifecycle::AlertKind::webhooks_failing));
}

TEST_F(DaemonAlertsTest, TheMachine) {
    found_.disk_free = 1;
    found_.certificate_ends = now_ + 24h * 6;
    evaluate();
    EXPECT_TRUE(open(lifecycle::AlertKind::disk));
    EXPECT_NE(evaluated_[lifecycle::AlertKind::certificate]->find("expires at 2026-03-11"),
              std::string::npos);
    found_.disk_free = std::uint64_t{1} << 40;
    found_.checkpoint_failure = "disk I/O error";
    found_.certificate_ends = now_ - 1h;
    evaluate();
    EXPECT_NE(evaluated_[lifecycle::AlertKind::disk]->find("disk I/O error"), std::string::npos);
    EXPECT_NE(evaluated_[lifecycle::AlertKind::certificate]->find("expired"), std::string::npos);
    found_.checkpoint_failure.reset();
    found_.certificate_ends = now_ + 24h * 90;
    evaluate();
    EXPECT_TRUE(gone(lifecycle::AlertKind::disk));
    EXPECT_TRUE(gone(lifecycle::AlertKind::certificate));
}

TEST_F(DaemonAlertsTest, AClockThatIsSetBackForgetsWhatItHadSeen) {
    evaluate_for(2h);
    found_.refused_deliveries = 3;
    evaluate();
    now_ -= 5h;
    found_.refused_deliveries = 6;
    evaluate_for(10min);
    EXPECT_FALSE(open(lifecycle::AlertKind::webhooks_failing));
}

}  // namespace
}  // namespace oracode::daemon
