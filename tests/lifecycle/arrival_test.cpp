#include "lifecycle/arrival.hpp"

#include <gtest/gtest.h>

#include "lifecycle/apply.hpp"

namespace oracode {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp start{std::chrono::sys_days{std::chrono::year{2026} / 3 / 5} + 15h};
constexpr Duration before = 30min;

// A code as Seam's object shows it three days ahead of its start.
AccessCode code_with(LifecycleStep step, const std::string& errors = "[]") {
    Event shown;
    shown.source = Source::poll;
    shown.presence = Presence::managed;
    shown.access_code_id = "code";
    shown.occurred_at = start - 72h;
    shown.step = step;
    shown.facts.type = std::optional<std::string>{"time_bound"};
    shown.facts.starts_at = std::optional{start};
    shown.facts.ends_at = std::optional{start + 48h};
    shown.facts.errors = std::optional<std::string>{errors};
    AccessCode code;
    apply(code, shown, shown.occurred_at);
    return code;
}

TEST(Arrival, ACodeThatIsSetIsInOrderBeforeItsStartAndDuringTheStay) {
    const auto code = code_with(LifecycleStep::set);
    EXPECT_TRUE(in_order(code, start - 24h, before));
    EXPECT_TRUE(in_order(code, start - 1min, before));
    EXPECT_TRUE(in_order(code, start + 1h, before));
}

TEST(Arrival, ACodeThatIsNotSetIsOutOfOrderOnlyFromTheAlertsMomentOn) {
    for (const auto step : {LifecycleStep::unset, LifecycleStep::setting}) {
        const auto code = code_with(step);
        EXPECT_TRUE(in_order(code, start - before - 1ms, before));
        EXPECT_FALSE(in_order(code, start - before, before));
        EXPECT_FALSE(in_order(code, start + 1h, before));
    }
}

TEST(Arrival, AnErrorOfTheCodeIsOutOfOrderLongBeforeTheStart) {
    const auto code =
        code_with(LifecycleStep::unset,
                  R"([{"error_code":"failed_to_set_on_device","is_access_code_error":true}])");
    EXPECT_FALSE(in_order(code, start - 24h, before));
}

TEST(Arrival, ACodeWithoutAWindowIsOutOfOrder) {
    Event created;
    created.access_code_id = "code";
    created.occurred_at = start - 72h;
    created.step = LifecycleStep::created;
    AccessCode code;
    apply(code, created, created.occurred_at);
    EXPECT_FALSE(in_order(code, start - 24h, before));
}

}  // namespace
}  // namespace oracode
