#include <gtest/gtest.h>

#include "tests/lifecycle/events.hpp"

namespace oracode {
namespace {

TEST(Ready, NeedsSetInsideAToldWindowWithoutErrors) {
    auto stated = event(LifecycleStep::set, day, Source::poll);
    stated.facts.starts_at = std::optional{day + 1h};
    stated.facts.ends_at = std::optional{day + 2h};
    const auto code = after({stated});
    EXPECT_FALSE(ready(code, day + 1h - 1ms));
    EXPECT_TRUE(ready(code, day + 1h));
    EXPECT_TRUE(ready(code, day + 2h - 1ms));
    EXPECT_FALSE(ready(code, day + 2h));

    EXPECT_FALSE(ready(after({event(LifecycleStep::set, day)}), day + 1h))
        << "the window was never told";
    auto unset = stated;
    unset.step = LifecycleStep::unset;
    EXPECT_FALSE(ready(after({unset}), day + 1h));
    auto failing = stated;
    failing.facts.errors = std::optional<std::string>{R"([{"error_code":"provider_issue"}])"};
    EXPECT_FALSE(ready(after({failing}), day + 1h));
    auto offline = stated;
    offline.facts.errors =
        std::optional<std::string>{R"([{"error_code":"device_offline","is_device_error":true}])"};
    EXPECT_TRUE(ready(after({offline}), day + 1h)) << "an offline code needs no device";
    auto ongoing = stated;
    ongoing.facts.starts_at = std::optional<Timestamp>{};
    ongoing.facts.ends_at = std::optional<Timestamp>{};
    EXPECT_TRUE(ready(after({ongoing}), day)) << "told to have no end";
}

TEST(Ready, EveryWordOfTheApiHasItsCause) {
    auto good = event(LifecycleStep::set, day, Source::poll);
    good.facts.starts_at = std::optional{day};
    good.facts.ends_at = std::optional{day + 24h};
    const auto with = [&](auto&& change) {
        auto stated = good;
        change(stated);
        return not_ready(after({stated}), day + 1h).list();
    };
    const auto text = [](const char* json) { return std::optional<std::string>{json}; };
    using Words = std::vector<Obstacle>;
    EXPECT_EQ(with([](Event&) {}), Words{});
    EXPECT_EQ(with([](Event& e) { e.step = LifecycleStep::setting; }), Words{Obstacle::not_set});
    EXPECT_EQ(with([](Event& e) { e.facts.ends_at.reset(); }), Words{Obstacle::no_window});
    EXPECT_EQ(with([](Event& e) { e.facts.starts_at = std::optional{day + 2h}; }),
              Words{Obstacle::not_started});
    EXPECT_EQ(with([](Event& e) { e.facts.ends_at = std::optional{day + 1h}; }),
              Words{Obstacle::ended});
    EXPECT_EQ(with([&](Event& e) {
                  e.facts.errors = text(R"([{"error_code":"access_code_inactive"}])");
              }),
              Words{Obstacle::error});
    for (const auto* mutation : {"updating_code", "updating_time_frame", "deleting"})
        EXPECT_EQ(with([&](Event& e) {
                      e.facts.pending_mutations = text(
                          (std::string(R"([{"mutation_code":")") + mutation + R"("}])").c_str());
                  }),
                  Words{Obstacle::changing});
    EXPECT_EQ(with([&](Event& e) {
                  e.facts.pending_mutations = text(R"([{"mutation_code":"updating_name"}])");
              }),
              Words{});
    EXPECT_EQ(
        with([&](Event& e) { e.facts.warnings = text(R"([{"warning_code":"being_deleted"}])"); }),
        Words{Obstacle::changing});
    EXPECT_EQ(with([&](Event& e) {
                  e.facts.warnings = text(R"([{"warning_code":"code_modified_external_to_seam"}])");
              }),
              Words{Obstacle::altered});
    EXPECT_EQ(with([](Event& e) { e.facts.is_waiting_for_code_assignment = true; }),
              Words{Obstacle::no_pin});
    EXPECT_EQ(with([](Event& e) { e.presence = Presence::unmanaged; }), Words{Obstacle::unmanaged});
    EXPECT_EQ(name(Obstacle::not_started), "not_started");
    EXPECT_EQ(name(Obstacle::altered), "altered");
}

TEST(Ready, AChangeOutsideSeamHoldsUntilAnObjectSaysOtherwise) {
    auto shown = event(LifecycleStep::set, day, Source::poll);
    shown.facts.starts_at = std::optional{day};
    shown.facts.ends_at = std::optional{day + 24h};
    auto altered = event(LifecycleStep::seen, day + 1h);
    altered.event_type = "access_code.modified_external_to_seam";
    EXPECT_TRUE(not_ready(after({shown, altered}), day + 2h).has(Obstacle::altered));
    auto again = shown;
    again.occurred_at = day + 2h;
    EXPECT_TRUE(ready(after({shown, altered, again}), day + 2h));
}

}  // namespace
}  // namespace oracode
