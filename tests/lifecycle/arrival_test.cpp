#include "lifecycle/arrival.hpp"

#include <gtest/gtest.h>

#include "lifecycle/apply.hpp"

namespace oracode {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp start{std::chrono::sys_days{std::chrono::year{2026} / 3 / 5} + 15h};
constexpr Duration before = 30min;

// A code as Seam's object shows it three days ahead of its start.
lifecycle::AccessCode code_with(lifecycle::LifecycleStep step, const std::string& errors = "[]") {
    lifecycle::Event shown;
    shown.source = lifecycle::Source::poll;
    shown.presence = lifecycle::Presence::managed;
    shown.access_code_id = "code";
    shown.occurred_at = start - 72h;
    shown.step = step;
    shown.facts.type = std::optional<std::string>{"time_bound"};
    shown.facts.starts_at = std::optional{start};
    shown.facts.ends_at = std::optional{start + 48h};
    shown.facts.errors = std::optional<std::string>{errors};
    lifecycle::AccessCode code;
    lifecycle::apply(code, shown, shown.occurred_at);
    return code;
}

TEST(Arrival, ACodeThatIsSetIsInOrderBeforeItsStartAndDuringTheStay) {
    const auto code = code_with(lifecycle::LifecycleStep::set);
    EXPECT_TRUE(lifecycle::in_order(code, start - 24h, before));
    EXPECT_TRUE(lifecycle::in_order(code, start - 1min, before));
    EXPECT_TRUE(lifecycle::in_order(code, start + 1h, before));
}

TEST(Arrival, ACodeThatIsNotSetIsOutOfOrderOnlyFromTheAlertsMomentOn) {
    for (const auto step : {lifecycle::LifecycleStep::unset, lifecycle::LifecycleStep::setting}) {
        const auto code = code_with(step);
        EXPECT_TRUE(lifecycle::in_order(code, start - before - 1ms, before));
        EXPECT_FALSE(lifecycle::in_order(code, start - before, before));
        EXPECT_FALSE(lifecycle::in_order(code, start + 1h, before));
    }
}

TEST(Arrival, AnErrorOfTheCodeIsOutOfOrderLongBeforeTheStart) {
    const auto code =
        code_with(lifecycle::LifecycleStep::unset,
                  R"([{"error_code":"failed_to_set_on_device","is_access_code_error":true}])");
    EXPECT_FALSE(lifecycle::in_order(code, start - 24h, before));
}

TEST(Arrival, ACodeWithoutAWindowIsOutOfOrder) {
    lifecycle::Event created;
    created.access_code_id = "code";
    created.occurred_at = start - 72h;
    created.step = lifecycle::LifecycleStep::created;
    lifecycle::AccessCode code;
    lifecycle::apply(code, created, created.occurred_at);
    EXPECT_FALSE(lifecycle::in_order(code, start - 24h, before));
}

}  // namespace
}  // namespace oracode
