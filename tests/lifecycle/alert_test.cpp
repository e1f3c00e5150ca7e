#include "lifecycle/alert.hpp"

#include <gtest/gtest.h>

#include "tests/lifecycle/events.hpp"

namespace oracode {
namespace {

const lifecycle::AlertPolicy policy{.before = 30min};

lifecycle::Event stay(lifecycle::LifecycleStep step) {
    auto stated = event(step, day, lifecycle::Source::poll);
    stated.facts.starts_at = std::optional{day + 10h};
    stated.facts.ends_at = std::optional{day + 20h};
    return stated;
}

TEST(Alert, OpensBeforeTheStartAndNotASecondEarlier) {
    const auto code = after({stay(lifecycle::LifecycleStep::setting)});
    EXPECT_EQ(lifecycle::alerts_of(code, day + 9h + 30min - 1ms, policy), lifecycle::CodeAlerts{});
    const auto alerts = lifecycle::alerts_of(code, day + 9h + 30min, policy);
    ASSERT_TRUE(alerts.not_in_order);
    EXPECT_NE(alerts.not_in_order->find("setting since"), std::string::npos)
        << *alerts.not_in_order;
    EXPECT_FALSE(alerts.failed);
    EXPECT_TRUE(lifecycle::alerts_of(code, day + 20h - 1ms, policy).not_in_order);
    EXPECT_EQ(lifecycle::alerts_of(code, day + 20h, policy), lifecycle::CodeAlerts{})
        << "the stay is over";
}

TEST(Alert, NoneForACodeThatMerelyHasNotStarted) {
    const auto code = after({stay(lifecycle::LifecycleStep::set)});
    EXPECT_EQ(lifecycle::alerts_of(code, day + 9h + 45min, policy), lifecycle::CodeAlerts{});
    EXPECT_EQ(lifecycle::alerts_of(code, day + 12h, policy), lifecycle::CodeAlerts{});
}

TEST(Alert, AnErrorOfTheCodeCallsAtOnceAndNamesItWithoutTheMessage) {
    auto stated = stay(lifecycle::LifecycleStep::unset);
    stated.facts.errors = std::optional<std::string>{
        R"([{"error_code":"failed_to_set_on_device","message":"PIN 4711 is taken"},)"
        R"({"error_code":"device_offline","is_device_error":true}])"};
    const auto alerts = lifecycle::alerts_of(after({stated}), day + 1h, policy);
    EXPECT_EQ(alerts.failed,
              "Seam reports failed_to_set_on_device (unset since 2026-03-02 00:00 UTC).");
    EXPECT_FALSE(alerts.not_in_order) << "there is time";
    const auto close = lifecycle::alerts_of(after({stated}), day + 10h, policy);
    ASSERT_TRUE(close.not_in_order);
    EXPECT_EQ(close.not_in_order->find("4711"), std::string::npos);
}

TEST(Alert, NoneForWhatEndedOrIsNotFollowed) {
    auto code = after({stay(lifecycle::LifecycleStep::setting)});
    code.tracked = false;
    EXPECT_EQ(lifecycle::alerts_of(code, day + 11h, policy), lifecycle::CodeAlerts{});
    const auto removed = after({stay(lifecycle::LifecycleStep::setting),
                                event(lifecycle::LifecycleStep::removed, day + 1h)});
    EXPECT_EQ(lifecycle::alerts_of(removed, day + 11h, policy), lifecycle::CodeAlerts{});
}

TEST(Alert, KindsHaveTheWordsOfTheApi) {
    for (std::size_t i = 0; i < lifecycle::alert_kind_count; ++i) {
        const auto kind = static_cast<lifecycle::AlertKind>(i);
        EXPECT_EQ(lifecycle::parse_alert_kind(name(kind)), kind);
    }
    EXPECT_EQ(lifecycle::parse_alert_kind("nothing"), std::nullopt);
    EXPECT_EQ(name(lifecycle::AlertKind::certificate), "certificate");
}

}  // namespace
}  // namespace oracode
