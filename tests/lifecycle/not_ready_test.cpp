#include <gtest/gtest.h>

#include "tests/lifecycle/events.hpp"

namespace oracode {
namespace {

TEST(Ready, NeedsSetInsideAKnownWindowWithoutErrors) {
    auto stated = event(lifecycle::LifecycleStep::set, day, lifecycle::Source::poll);
    stated.facts.starts_at = std::optional{day + 1h};
    stated.facts.ends_at = std::optional{day + 2h};
    const auto code = after({stated});
    EXPECT_FALSE(lifecycle::ready(code, day + 1h - 1ms));
    EXPECT_TRUE(lifecycle::ready(code, day + 1h));
    EXPECT_TRUE(lifecycle::ready(code, day + 2h - 1ms));
    EXPECT_FALSE(lifecycle::ready(code, day + 2h));

    EXPECT_FALSE(lifecycle::ready(after({event(lifecycle::LifecycleStep::set, day)}), day + 1h))
        << "the window was never told";
    auto unset = stated;
    unset.step = lifecycle::LifecycleStep::unset;
    EXPECT_FALSE(lifecycle::ready(after({unset}), day + 1h));
    auto failing = stated;
    failing.facts.errors = std::optional<std::string>{R"([{"error_code":"provider_issue"}])"};
    EXPECT_FALSE(lifecycle::ready(after({failing}), day + 1h));
    auto offline = stated;
    offline.facts.errors =
        std::optional<std::string>{R"([{"error_code":"device_offline","is_device_error":true}])"};
    EXPECT_TRUE(lifecycle::ready(after({offline}), day + 1h)) << "an offline code needs no device";
    auto ongoing = stated;
    ongoing.facts.starts_at = std::optional<Timestamp>{};
    ongoing.facts.ends_at = std::optional<Timestamp>{};
    EXPECT_TRUE(lifecycle::ready(after({ongoing}), day)) << "told to have no end";
}

TEST(Ready, EveryWordOfTheApiHasItsCause) {
    auto good = event(lifecycle::LifecycleStep::set, day, lifecycle::Source::poll);
    good.facts.starts_at = std::optional{day};
    good.facts.ends_at = std::optional{day + 24h};
    const auto with = [&](auto&& change) {
        auto stated = good;
        change(stated);
        return lifecycle::not_ready(after({stated}), day + 1h).list();
    };
    const auto text = [](const char* json) { return std::optional<std::string>{json}; };
    using Words = std::vector<lifecycle::Obstacle>;
    EXPECT_EQ(with([](lifecycle::Event&) {}), Words{});
    EXPECT_EQ(with([](lifecycle::Event& e) { e.step = lifecycle::LifecycleStep::setting; }),
              Words{lifecycle::Obstacle::not_set});
    EXPECT_EQ(with([](lifecycle::Event& e) { e.facts.ends_at.reset(); }),
              Words{lifecycle::Obstacle::no_window});
    EXPECT_EQ(with([](lifecycle::Event& e) { e.facts.starts_at = std::optional{day + 2h}; }),
              Words{lifecycle::Obstacle::not_started});
    EXPECT_EQ(with([](lifecycle::Event& e) { e.facts.ends_at = std::optional{day + 1h}; }),
              Words{lifecycle::Obstacle::ended});
    EXPECT_EQ(with([&](lifecycle::Event& e) {
                  e.facts.errors = text(R"([{"error_code":"access_code_inactive"}])");
              }),
              Words{lifecycle::Obstacle::error});
    for (const auto* mutation : {"updating_code", "updating_time_frame", "deleting"})
        EXPECT_EQ(with([&](lifecycle::Event& e) {
                      e.facts.pending_mutations = text(
                          (std::string(R"([{"mutation_code":")") + mutation + R"("}])").c_str());
                  }),
                  Words{lifecycle::Obstacle::changing});
    EXPECT_EQ(with([&](lifecycle::Event& e) {
                  e.facts.pending_mutations = text(R"([{"mutation_code":"updating_name"}])");
              }),
              Words{});
    EXPECT_EQ(with([&](lifecycle::Event& e) {
                  e.facts.warnings = text(R"([{"warning_code":"being_deleted"}])");
              }),
              Words{lifecycle::Obstacle::changing});
    EXPECT_EQ(with([&](lifecycle::Event& e) {
                  e.facts.warnings = text(R"([{"warning_code":"code_modified_external_to_seam"}])");
              }),
              Words{lifecycle::Obstacle::altered});
    EXPECT_EQ(with([](lifecycle::Event& e) { e.facts.is_waiting_for_code_assignment = true; }),
              Words{lifecycle::Obstacle::no_pin});
    EXPECT_EQ(with([](lifecycle::Event& e) { e.presence = lifecycle::Presence::unmanaged; }),
              Words{lifecycle::Obstacle::unmanaged});
    EXPECT_EQ(name(lifecycle::Obstacle::not_started), "not_started");
    EXPECT_EQ(name(lifecycle::Obstacle::altered), "altered");
}

TEST(Ready, AChangeOutsideSeamHoldsUntilAnObjectSaysOtherwise) {
    auto shown = event(lifecycle::LifecycleStep::set, day, lifecycle::Source::poll);
    shown.facts.starts_at = std::optional{day};
    shown.facts.ends_at = std::optional{day + 24h};
    auto altered = event(lifecycle::LifecycleStep::seen, day + 1h);
    altered.event_type = "access_code.modified_external_to_seam";
    EXPECT_TRUE(
        lifecycle::not_ready(after({shown, altered}), day + 2h).has(lifecycle::Obstacle::altered));
    auto again = shown;
    again.occurred_at = day + 2h;
    EXPECT_TRUE(lifecycle::ready(after({shown, altered, again}), day + 2h));
}

// Whoever keeps what was shown until then keeps nothing that is wrong.
TEST(NextTurn, ComesWithTheFirstChangeThatTimeAloneMakes) {
    constexpr auto grace = 5min;
    auto stated = event(lifecycle::LifecycleStep::setting, day, lifecycle::Source::poll);
    stated.facts.starts_at = std::optional{day + 1h};
    stated.facts.ends_at = std::optional{day + 2h};
    auto code = after({stated});
    for (const auto& expected_by : {std::optional<Timestamp>{}, std::optional{day + 30min},
                                    std::optional{day + 90min}, std::optional{day + 3h}}) {
        code.expected_by = expected_by;
        const auto shown = [&](Timestamp now) {
            return std::pair{lifecycle::not_ready(code, now).bits(),
                             lifecycle::overdue(code, now, grace)};
        };
        for (auto now = day; now < day + 4h; now += 1min) {
            const auto turn = lifecycle::next_turn(code, now, grace);
            ASSERT_GT(turn, now);
            for (auto later = now; later < std::min(turn, day + 4h); later += 1min)
                ASSERT_EQ(shown(later), shown(now));
            ASSERT_EQ(shown(std::min(turn, day + 4h) - 1ms), shown(now));
        }
    }
    EXPECT_EQ(lifecycle::next_turn(code, day + 4h, grace), Timestamp::max());
}

}  // namespace
}  // namespace oracode
