#include "lifecycle/schedule.hpp"

#include <gtest/gtest.h>

#include "lifecycle/apply.hpp"

namespace oracode {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp day{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2}};
const PollPolicy policy{.grace = 2min, .retry_min = 30s, .retry_max = 1h, .set_check = 6h};

// A code as Seam's object shows it, asked for at `at`.
Event shown(News news, Timestamp at) {
    Event made;
    made.source = Source::poll;
    made.access_code_id = "code";
    made.occurred_at = at;
    made.news = news;
    made.facts.type = std::optional<std::string>{"time_bound"};
    made.facts.created_at = std::optional{day};
    made.facts.starts_at = std::optional{day + 24h};
    made.facts.ends_at = std::optional{day + 72h};
    return made;
}

AccessCode code_after(std::initializer_list<Event> events) {
    AccessCode code;
    for (const auto& event : events) {
        apply(code, event, event.occurred_at);
        reschedule(code, event.occurred_at, policy);
    }
    return code;
}

void expect_about(std::optional<Timestamp> at, Timestamp from, Duration delay) {
    ASSERT_TRUE(at);
    EXPECT_GE(*at, from + delay);
    EXPECT_LE(*at, from + delay + delay / 4);
}

TEST(Schedule, AsksAtOnceForACodeWhoseDetailsAreMissing) {
    Event created;
    created.occurred_at = day;
    created.news = News::created;
    const auto code = code_after({created});
    EXPECT_TRUE(details_missing(code));
    EXPECT_EQ(code.next_poll_at, day);
}

TEST(Schedule, AsksAtOnceWhenAnEventSaysThatSomethingChanged) {
    Event changed;
    changed.occurred_at = day + 1h;
    changed.refetch = true;
    EXPECT_EQ(code_after({shown(News::unset, day), changed}).next_poll_at, day + 1h);
}

TEST(Schedule, AnUnsetCodeIsExpectedAtItsStart) {
    const auto code = code_after({shown(News::unset, day)});
    EXPECT_EQ(code.expected_by, day + 24h);
    EXPECT_EQ(code.next_poll_at, day + 24h + 2min);
    EXPECT_FALSE(overdue(code, day + 24h + 2min - 1ms, policy.grace));
    EXPECT_TRUE(overdue(code, day + 24h + 2min, policy.grace));
}

TEST(Schedule, SeamsOwnPlanIsTheBestDeadline) {
    auto deferred = shown(News::unset, day);
    deferred.facts.pending_mutations = std::optional<std::string>{
        R"([{"mutation_code":"deferring_creation","scheduled_at":"2026-03-02T20:00:00Z"}])"};
    EXPECT_EQ(code_after({deferred}).expected_by, day + 20h);
}

TEST(Schedule, ACodeCreatedAfterItsStartIsExpectedAtOnce) {
    auto late = shown(News::unset, day + 30h);
    late.facts.created_at = std::optional{day + 30h};
    EXPECT_EQ(code_after({late}).expected_by, day + 30h);
}

TEST(Schedule, ACodeWithoutAStartIsExpectedAtItsCreation) {
    auto ongoing = shown(News::unset, day + 1h);
    ongoing.facts.type = std::optional<std::string>{"ongoing"};
    ongoing.facts.starts_at.reset();
    ongoing.facts.ends_at.reset();
    EXPECT_EQ(code_after({ongoing}).expected_by, day);
}

TEST(Schedule, ASetCodeIsCheckedSeldomAndExpectedToEnd) {
    const auto code = code_after({shown(News::set, day)});
    EXPECT_EQ(code.expected_by, day + 72h);
    expect_about(code.next_poll_at, day, 6h);
    EXPECT_EQ(due_at(code), code.next_poll_at);

    const auto near_the_end = code_after({shown(News::set, day), shown(News::set, day + 71h)});
    EXPECT_EQ(near_the_end.next_poll_at, std::nullopt);
    EXPECT_EQ(due_at(near_the_end), day + 72h) << "the clock still has to end it";
}

TEST(Schedule, UnfinishedStatesAreAskedForAgainAndAgainWithBackoff) {
    for (const News news : {News::setting, News::removing, News::unknown}) {
        auto code = code_after({shown(news, day)});
        EXPECT_EQ(code.next_poll_at, day + 30s + 2min);
        Timestamp asked = *code.next_poll_at;
        Duration delay = 30s;
        for (int i = 0; i < 12; ++i) {
            apply(code, shown(news, asked), asked);
            reschedule(code, asked, policy);
            expect_about(code.next_poll_at, asked, delay);
            asked = *code.next_poll_at;
            delay = std::min<Duration>(delay * 2, 1h);
        }
        EXPECT_TRUE(overdue(code, asked, policy.grace))
            << "an answer without news leaves it overdue";
    }
}

TEST(Schedule, AnEndedCodeIsNeverAskedFor) {
    Event removed;
    removed.occurred_at = day + 1h;
    removed.news = News::removed;
    const auto code = code_after({shown(News::set, day), removed});
    EXPECT_EQ(code.expected_by, std::nullopt);
    EXPECT_EQ(code.next_poll_at, std::nullopt);
    EXPECT_EQ(due_at(code), std::nullopt);
}

TEST(Schedule, CodesThatBecameDueTogetherSpread) {
    std::vector<Timestamp> moments;
    for (int i = 0; i < 100; ++i) {
        auto shown_set = shown(News::set, day);
        shown_set.access_code_id = "code" + std::to_string(i);
        moments.push_back(*code_after({shown_set}).next_poll_at);
    }
    const auto [first, last] = std::minmax_element(moments.begin(), moments.end());
    EXPECT_GT(*last - *first, 1h);
}

}  // namespace
}  // namespace oracode
