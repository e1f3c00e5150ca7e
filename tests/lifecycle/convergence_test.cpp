// The property that the daemon stands on: any permutation and any repetition of one code's events
// ends in the same state. Every case prints its seed, and ORACODE_SEED=N runs that case alone.
#include <algorithm>
#include <cstdlib>
#include <random>

#include <gtest/gtest.h>

#include "lifecycle/apply.hpp"

namespace oracode {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp day{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2}};

// Few distinct instants, names and texts, so that ties and contradictions are common.
class Story {
public:
    explicit Story(std::uint64_t seed) : random_(seed) {}

    std::vector<lifecycle::Event> events() {
        std::vector<lifecycle::Event> made;
        const auto count = 1 + pick(14);
        for (std::uint64_t i = 0; i < count; ++i) made.push_back(event());
        return made;
    }

    std::vector<lifecycle::Event> repeated(std::vector<lifecycle::Event> events) {
        const auto count = events.size();
        for (std::size_t i = 0; i < count; ++i) {
            if (pick(3) == 0) events.push_back(events[i]);
        }
        std::shuffle(events.begin(), events.end(), random_);
        return events;
    }

private:
    std::uint64_t pick(std::uint64_t count) { return random_() % count; }
    Timestamp instant() { return day + pick(5) * 1h; }
    template <class T>
    lifecycle::Facts::Maybe<T> maybe(T value) {
        if (pick(3) != 0) return std::nullopt;
        std::optional<T> stated;
        if (pick(4) != 0) stated.emplace(std::move(value));
        return stated;
    }
    std::string problems() {
        constexpr const char* texts[] = {
            R"([])", R"([{"error_code":"failed_to_set_on_device"}])",
            R"([{"error_code":"device_offline","is_device_error":true}])"};
        return texts[pick(3)];
    }

    lifecycle::Event event() {
        lifecycle::Event made;
        made.occurred_at = instant();
        if (pick(10) == 0) {
            made.source = lifecycle::Source::clock;
            return made;
        }
        made.source = static_cast<lifecycle::Source>(pick(5));
        made.access_code_id = "code";
        made.device_id = pick(9) == 0 ? "another" : "device";
        if (pick(8) != 0) made.step = static_cast<lifecycle::LifecycleStep>(pick(10));
        if (pick(12) == 0) made.event_type = "access_code.modified_external_to_seam";
        if (pick(12) == 0) made.event_type = "access_code.scheduled_on_device";
        if (lifecycle::shows_the_object(made.source) && pick(2) == 0) {
            made.presence = static_cast<lifecycle::Presence>(pick(3));
            if (made.presence == lifecycle::Presence::missing) {
                made.step.reset();
                return made;
            }
        }
        made.refetch = pick(2) == 0;
        made.facts.name = maybe<std::string>(pick(2) == 0 ? "Guest" : "Guest Lee");
        made.facts.code = maybe<std::string>(pick(2) == 0 ? "1" : "2");
        made.facts.created_at = maybe(instant());
        made.facts.is_waiting_for_code_assignment = maybe(pick(2) == 0);
        made.facts.starts_at = maybe(instant());
        made.facts.ends_at = maybe(instant());
        made.facts.errors = maybe(problems());
        made.facts.warnings = maybe(problems());
        made.facts.is_offline_access_code = maybe(pick(2) == 0);
        return made;
    }

    std::mt19937_64 random_;
};

// All that tells of the code; `version`, `updated_at` and the polling fields tell of the daemon.
lifecycle::AccessCode state_after(const std::vector<lifecycle::Event>& events) {
    lifecycle::AccessCode code;
    std::int64_t tick = 0;
    // Clocks are right: all of it is recorded after it happened.
    for (const auto& event : events) apply(code, event, day + 24h + ++tick * 1s);
    code.version = 0;
    code.updated_at = {};
    code.refetch = false;
    code.last_polled_at = std::nullopt;
    code.polls_without_news = 0;
    return code;
}

void expect_convergence(std::uint64_t seed) {
    Story story(seed);
    const auto events = story.events();
    const auto expected = state_after(events);
    for (int i = 0; i < 3; ++i) {
        const auto state = state_after(story.repeated(events));
        ASSERT_EQ(state, expected) << "seed " << seed;
        ASSERT_EQ(lifecycle::visible_errors(state), lifecycle::visible_errors(expected))
            << "seed " << seed;
        for (int hour = 0; hour < 6; ++hour)
            ASSERT_EQ(lifecycle::not_ready(state, day + hour * 1h),
                      lifecycle::not_ready(expected, day + hour * 1h))
                << "seed " << seed;
    }
}

TEST(Convergence, AnyOrderAndRepetitionOfEventsEndsInTheSameState) {
    if (const char* seed = std::getenv("ORACODE_SEED"))
        return expect_convergence(std::strtoull(seed, nullptr, 10));
    for (std::uint64_t seed = 0; seed < 20'000 && !testing::Test::HasFatalFailure(); ++seed)
        expect_convergence(seed);
}

// The last word, said once more without the fold: a code's status is what its latest statement
// says.
TEST(Convergence, TheLatestStatementDecidesTheStatus) {
    std::mt19937_64 random(7);
    constexpr lifecycle::LifecycleStep spoken[] = {
        lifecycle::LifecycleStep::unknown, lifecycle::LifecycleStep::unset,
        lifecycle::LifecycleStep::setting, lifecycle::LifecycleStep::set,
        lifecycle::LifecycleStep::removing};
    constexpr lifecycle::Status meant[] = {lifecycle::Status::unknown, lifecycle::Status::unset,
                                           lifecycle::Status::setting, lifecycle::Status::set,
                                           lifecycle::Status::removing};
    for (int round = 0; round < 10'000; ++round) {
        std::vector<lifecycle::Event> events;
        std::size_t last = 0;
        const auto count = 1 + random() % 10;
        for (std::size_t i = 0; i < count; ++i) {
            last = random() % 5;
            lifecycle::Event event;
            event.occurred_at = day + static_cast<int>(i) * 1s;
            event.step = spoken[last];
            events.push_back(event);
        }
        std::shuffle(events.begin(), events.end(), random);
        ASSERT_EQ(state_after(events).status, meant[last]) << "round " << round;
    }
}

// A lock whose clock is ahead, lost webhooks, any order: where the last event that Seam wrote down
// is not an end, no end stands unquestioned, and where it is one, nothing stands against it.
TEST(Convergence, NoEndOutranksALaterWordUnquestioned) {
    std::mt19937_64 random(11);
    constexpr lifecycle::LifecycleStep spoken[] = {
        lifecycle::LifecycleStep::setting, lifecycle::LifecycleStep::set,
        lifecycle::LifecycleStep::removing, lifecycle::LifecycleStep::removed,
        lifecycle::LifecycleStep::deleted};
    for (int round = 0; round < 10'000; ++round) {
        std::vector<lifecycle::Event> events;
        const auto count = 1 + random() % 8;
        for (std::size_t i = 0; i < count; ++i) {
            lifecycle::Event event;
            event.event_id = std::to_string(i);
            event.created_at = day + static_cast<int>(i) * 1s;
            event.occurred_at = event.created_at + static_cast<int>(random() % 120) * 1s;
            event.step = spoken[random() % 5];
            events.push_back(event);
        }
        const auto last = *events.back().step;
        const bool ends =
            last == lifecycle::LifecycleStep::removed || last == lifecycle::LifecycleStep::deleted;
        std::shuffle(events.begin(), events.end(), random);
        lifecycle::AccessCode code;
        for (const auto& event : events) apply(code, event, day + 24h);
        if (ends) {
            ASSERT_TRUE(code.ended) << "round " << round;
        } else {
            ASSERT_TRUE(!code.ended || code.refetch) << "round " << round;
        }
    }
}

}  // namespace
}  // namespace oracode
