#include "lifecycle/alert.hpp"

#include <gtest/gtest.h>

#include "tests/lifecycle/events.hpp"

namespace oracode {
namespace {

const AlertPolicy policy{.before = 30min};

Event stay(LifecycleStep step) {
    auto stated = event(step, day, Source::poll);
    stated.facts.starts_at = std::optional{day + 10h};
    stated.facts.ends_at = std::optional{day + 20h};
    return stated;
}

TEST(Alert, OpensBeforeTheStartAndNotASecondEarlier) {
    const auto code = after({stay(LifecycleStep::setting)});
    EXPECT_EQ(alerts_of(code, day + 9h + 30min - 1ms, policy), CodeAlerts{});
    const auto alerts = alerts_of(code, day + 9h + 30min, policy);
    ASSERT_TRUE(alerts.not_in_order);
    EXPECT_NE(alerts.not_in_order->find("setting since"), std::string::npos)
        << *alerts.not_in_order;
    EXPECT_FALSE(alerts.failed);
    EXPECT_TRUE(alerts_of(code, day + 20h - 1ms, policy).not_in_order);
    EXPECT_EQ(alerts_of(code, day + 20h, policy), CodeAlerts{}) << "the stay is over";
}

TEST(Alert, NoneForACodeThatMerelyHasNotStarted) {
    const auto code = after({stay(LifecycleStep::set)});
    EXPECT_EQ(alerts_of(code, day + 9h + 45min, policy), CodeAlerts{});
    EXPECT_EQ(alerts_of(code, day + 12h, policy), CodeAlerts{});
}

TEST(Alert, AnErrorOfTheCodeCallsAtOnceAndNamesItWithoutTheMessage) {
    auto stated = stay(LifecycleStep::unset);
    stated.facts.errors = std::optional<std::string>{
        R"([{"error_code":"failed_to_set_on_device","message":"PIN 4711 is taken"},)"
        R"({"error_code":"device_offline","is_device_error":true}])"};
    const auto alerts = alerts_of(after({stated}), day + 1h, policy);
    EXPECT_EQ(alerts.failed,
              "Seam reports failed_to_set_on_device (unset since 2026-03-02 00:00 UTC).");
    EXPECT_FALSE(alerts.not_in_order) << "there is time";
    const auto close = alerts_of(after({stated}), day + 10h, policy);
    ASSERT_TRUE(close.not_in_order);
    EXPECT_EQ(close.not_in_order->find("4711"), std::string::npos);
}

TEST(Alert, NoneForWhatEndedOrIsNotFollowed) {
    auto code = after({stay(LifecycleStep::setting)});
    code.tracked = false;
    EXPECT_EQ(alerts_of(code, day + 11h, policy), CodeAlerts{});
    const auto removed =
        after({stay(LifecycleStep::setting), event(LifecycleStep::removed, day + 1h)});
    EXPECT_EQ(alerts_of(removed, day + 11h, policy), CodeAlerts{});
}

TEST(Alert, KindsHaveTheWordsOfTheApi) {
    for (std::size_t i = 0; i < alert_kind_count; ++i) {
        const auto kind = static_cast<AlertKind>(i);
        EXPECT_EQ(parse_alert_kind(name(kind)), kind);
    }
    EXPECT_EQ(parse_alert_kind("nothing"), std::nullopt);
    EXPECT_EQ(name(AlertKind::certificate), "certificate");
}

}  // namespace
}  // namespace oracode
