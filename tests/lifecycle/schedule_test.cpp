#include "lifecycle/schedule.hpp"

#include <map>

#include <gtest/gtest.h>

#include "lifecycle/apply.hpp"

namespace oracode {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp day{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2}};
const lifecycle::PollPolicy policy{
    .grace = 2min, .retry_min = 30s, .retry_max = 1h, .set_check = 6h};

// A code as Seam's object shows it, asked for at `at`.
lifecycle::Event shown(lifecycle::LifecycleStep step, Timestamp at) {
    lifecycle::Event made;
    made.source = lifecycle::Source::poll;
    made.access_code_id = "code";
    made.occurred_at = at;
    made.step = step;
    made.facts.type = std::optional<std::string>{"time_bound"};
    made.facts.created_at = std::optional{day};
    made.facts.starts_at = std::optional{day + 24h};
    made.facts.ends_at = std::optional{day + 72h};
    return made;
}

lifecycle::AccessCode code_after(std::initializer_list<lifecycle::Event> events) {
    lifecycle::AccessCode code;
    for (const auto& event : events) {
        lifecycle::apply(code, event, event.occurred_at);
        lifecycle::reschedule(code, event.occurred_at, policy);
    }
    return code;
}

void expect_about(std::optional<Timestamp> at, Timestamp from, Duration delay) {
    ASSERT_TRUE(at);
    EXPECT_GE(*at, from + delay);
    EXPECT_LE(*at, from + delay + delay / 4);
}

TEST(Schedule, AsksAtOnceForACodeWhoseDetailsAreMissing) {
    lifecycle::Event created;
    created.occurred_at = day;
    created.step = lifecycle::LifecycleStep::created;
    const auto code = code_after({created});
    EXPECT_TRUE(lifecycle::details_missing(code));
    EXPECT_EQ(code.next_poll_at, day);
}

TEST(Schedule, AsksAtOnceWhenAnEventSaysThatSomethingChanged) {
    lifecycle::Event changed;
    changed.occurred_at = day + 1h;
    changed.refetch = true;
    EXPECT_EQ(code_after({shown(lifecycle::LifecycleStep::unset, day), changed}).next_poll_at,
              day + 1h);
}

TEST(Schedule, AnUnsetCodeIsExpectedWhenSeamBeginsToRegisterIt) {
    const auto code = code_after({shown(lifecycle::LifecycleStep::unset, day + 20h)});
    EXPECT_EQ(code.expected_by, day + 23h);
    EXPECT_EQ(code.next_poll_at, day + 23h + 2min);
    EXPECT_FALSE(lifecycle::overdue(code, day + 23h + 2min - 1ms, policy.grace));
    EXPECT_TRUE(lifecycle::overdue(code, day + 23h + 2min, policy.grace));
    expect_about(code_after({shown(lifecycle::LifecycleStep::unset, day)}).next_poll_at, day - 1min,
                 6h + 1min);
}

TEST(Schedule, OnlyAnEarlierPlanOfSeamMovesTheDeadline) {
    const auto deferred = [](const char* to) {
        auto made = shown(lifecycle::LifecycleStep::unset, day);
        made.facts.pending_mutations = std::optional<std::string>{
            std::string(R"([{"mutation_code":"deferring_creation","scheduled_at":")") + to +
            R"("}])"};
        return code_after({made}).expected_by;
    };
    EXPECT_EQ(deferred("2026-03-02T20:00:00Z"), day + 20h);
    EXPECT_EQ(deferred("2026-03-02T23:30:00Z"), day + 23h);
}

TEST(Schedule, ACodeThatTheDeviceStartsIsExpectedAtItsStart) {
    auto scheduled = shown(lifecycle::LifecycleStep::unset, day);
    scheduled.facts.is_scheduled_on_device = true;
    EXPECT_EQ(code_after({scheduled}).expected_by, day + 24h);
    lifecycle::Event stated;
    stated.occurred_at = day + 1h;
    stated.event_type = "access_code.scheduled_on_device";
    EXPECT_EQ(code_after({shown(lifecycle::LifecycleStep::unset, day), stated}).expected_by,
              day + 24h);
}

TEST(Schedule, ACodeCreatedAfterItsStartIsExpectedAtOnce) {
    auto late = shown(lifecycle::LifecycleStep::unset, day + 30h);
    late.facts.created_at = std::optional{day + 30h};
    EXPECT_EQ(code_after({late}).expected_by, day + 30h);
}

TEST(Schedule, ACodeWithoutAStartIsExpectedAtItsCreation) {
    auto ongoing = shown(lifecycle::LifecycleStep::unset, day + 1h);
    ongoing.facts.type = std::optional<std::string>{"ongoing"};
    ongoing.facts.starts_at.reset();
    ongoing.facts.ends_at.reset();
    EXPECT_EQ(code_after({ongoing}).expected_by, day);
}

TEST(Schedule, ASetCodeIsComparedSeldomFarFromItsStay) {
    const auto code = code_after({shown(lifecycle::LifecycleStep::set, day)});
    EXPECT_EQ(code.expected_by, day + 72h);
    expect_about(code.next_poll_at, day - 1min, 6h + 1min);
    EXPECT_EQ(lifecycle::due_at(code), code.next_poll_at);
}

// Looks follow one another from here on; each has to come by `at_most` after the one before.
void expect_looks_to_the_end(Timestamp from, Duration at_most) {
    auto code = code_after({shown(lifecycle::LifecycleStep::set, from)});
    auto last = from;
    while (code.next_poll_at) {
        EXPECT_GT(*code.next_poll_at, last);
        EXPECT_LE(*code.next_poll_at - last, at_most);
        last = *code.next_poll_at;
        lifecycle::apply(code, shown(lifecycle::LifecycleStep::set, last), last);
        lifecycle::reschedule(code, last, policy);
    }
    EXPECT_GE(last, day + 72h - at_most) << "to the very end";
    EXPECT_EQ(lifecycle::due_at(code), day + 72h) << "the clock still has to end it";
}

TEST(Schedule, ASetCodeIsComparedOftenFromItsLeadToItsVeryEnd) {
    expect_looks_to_the_end(day + 23h, 15min);
    expect_looks_to_the_end(day + 23h + 30min, 15min);
    const auto before = code_after({shown(lifecycle::LifecycleStep::set, day + 22h)});
    ASSERT_TRUE(before.next_poll_at);
    EXPECT_LE(*before.next_poll_at, day + 23h + 15min);
}

TEST(Schedule, ACodeThatExpiredIsLookedAtOnce) {
    lifecycle::Event over;
    over.source = lifecycle::Source::clock;
    over.occurred_at = day + 72h;
    auto code = code_after({shown(lifecycle::LifecycleStep::set, day + 71h), over});
    ASSERT_TRUE(code.ended);
    EXPECT_EQ(code.next_poll_at, day + 72h + 2min);
    const auto looked_at = [&](Timestamp at, const lifecycle::Event& answer) {
        auto looked = code;
        lifecycle::apply(looked, answer, at);
        lifecycle::reschedule(looked, at, policy);
        return looked;
    };
    EXPECT_EQ(looked_at(day + 72h + 3min, shown(lifecycle::LifecycleStep::unset, day + 72h + 3min))
                  .next_poll_at,
              std::nullopt);
    lifecycle::Event missing;
    missing.source = lifecycle::Source::poll;
    missing.occurred_at = day + 72h + 3min;
    missing.presence = lifecycle::Presence::missing;
    EXPECT_EQ(looked_at(day + 72h + 3min, missing).next_poll_at, std::nullopt);
    auto extended = shown(lifecycle::LifecycleStep::set, day + 72h + 3min);
    extended.facts.ends_at = std::optional{day + 96h};
    const auto alive = looked_at(day + 72h + 3min, extended);
    EXPECT_FALSE(alive.ended);
    EXPECT_TRUE(alive.next_poll_at);
}

TEST(Schedule, AMissingCodeIsAskedForAgainAfterOneFiveAndThirtyMinutes) {
    auto code = code_after({shown(lifecycle::LifecycleStep::set, day)});
    lifecycle::Event missing;
    missing.source = lifecycle::Source::poll;
    missing.presence = lifecycle::Presence::missing;
    auto at = day + 1h;
    for (const auto next : {1min, 5min, 30min}) {
        missing.occurred_at = at;
        lifecycle::apply(code, missing, at);
        lifecycle::reschedule(code, at, policy);
        ASSERT_FALSE(code.ended);
        ASSERT_EQ(code.next_poll_at, day + 1h + next);
        at = *code.next_poll_at;
    }
    missing.occurred_at = at;
    lifecycle::apply(code, missing, at);
    lifecycle::reschedule(code, at, policy);
    EXPECT_TRUE(code.ended);
    // Should Seam itself have lost it, nothing else would tell: every hour, for a day.
    const auto ended_at = code.ended->at;
    int looks = 0;
    for (; code.next_poll_at; ++looks) {
        expect_about(code.next_poll_at, at, 1h);
        at = *code.next_poll_at;
        missing.occurred_at = at;
        lifecycle::apply(code, missing, at);
        lifecycle::reschedule(code, at, policy);
    }
    EXPECT_GE(looks, 19);
    EXPECT_LT(at, ended_at + 24h);
}

TEST(Schedule, AnUnmanagedCodeIsComparedHalfAsOften) {
    auto unmanaged = shown(lifecycle::LifecycleStep::set, day + 24h);
    unmanaged.presence = lifecycle::Presence::unmanaged;
    const auto next = code_after({unmanaged}).next_poll_at;
    ASSERT_TRUE(next);
    EXPECT_GT(*next, day + 24h + 20min);
    EXPECT_LE(*next, day + 24h + 30min);
}

TEST(Schedule, AnObjectWithoutItsWindowLeavesTheCodeDue) {
    lifecycle::Event changed;
    changed.occurred_at = day + 1h;
    changed.refetch = true;
    auto partial = shown(lifecycle::LifecycleStep::set, day + 2h);
    partial.facts.starts_at.reset();
    partial.facts.ends_at.reset();
    partial.partial = true;
    const auto code = code_after({shown(lifecycle::LifecycleStep::unset, day), changed, partial});
    EXPECT_EQ(code.status, lifecycle::Status::set) << "what it tells is taken";
    EXPECT_TRUE(code.refetch);
    EXPECT_EQ(code.next_poll_at, day + 1h);
    // The whole object that follows a moment later settles it.
    auto again = code;
    auto same = partial;
    same.occurred_at = day + 3h;
    lifecycle::apply(again, same, day + 3h);
    auto whole = shown(lifecycle::LifecycleStep::set, day + 3h + 1s);
    lifecycle::apply(again, whole, day + 3h + 1s);
    EXPECT_FALSE(again.refetch);
    auto before = shown(lifecycle::LifecycleStep::set, day + 24h);
    const auto due = code_after({before}).next_poll_at;
    partial.occurred_at = *due;
    EXPECT_EQ(code_after({before, partial}).next_poll_at, due);
}

TEST(Schedule, UnfinishedStatesAreAskedForAgainAndAgainWithBackoff) {
    for (const lifecycle::LifecycleStep step :
         {lifecycle::LifecycleStep::setting, lifecycle::LifecycleStep::removing,
          lifecycle::LifecycleStep::unknown}) {
        auto code = code_after({shown(step, day)});
        EXPECT_EQ(code.next_poll_at, day + 30s + 2min);
        Timestamp asked = *code.next_poll_at;
        Duration delay = 30s;
        for (int i = 0; i < 12; ++i) {
            lifecycle::apply(code, shown(step, asked), asked);
            lifecycle::reschedule(code, asked, policy);
            expect_about(code.next_poll_at, asked, delay);
            asked = *code.next_poll_at;
            delay = std::min<Duration>(delay * 2, 1h);
        }
        EXPECT_TRUE(lifecycle::overdue(code, asked, policy.grace))
            << "an answer without news leaves it overdue";
    }
}

TEST(Schedule, AnEndedCodeIsAskedForOnlyWhenLaterNewsSpeakOfIt) {
    lifecycle::Event removed;
    removed.occurred_at = day + 1h;
    removed.step = lifecycle::LifecycleStep::removed;
    auto code = code_after({shown(lifecycle::LifecycleStep::set, day), removed});
    EXPECT_EQ(code.expected_by, std::nullopt);
    EXPECT_EQ(code.next_poll_at, std::nullopt);
    EXPECT_EQ(lifecycle::due_at(code), std::nullopt);
    lifecycle::Event set;
    set.occurred_at = day + 2h;
    set.step = lifecycle::LifecycleStep::set;
    code = code_after({shown(lifecycle::LifecycleStep::set, day), removed, set});
    EXPECT_TRUE(code.ended);
    EXPECT_EQ(code.next_poll_at, day + 2h);
}

// After many looks that nobody answered the next one still comes within a comparison's pause.
void expect_soon_again(lifecycle::AccessCode code) {
    code.refetch = true;
    code.polls_without_news = 11;
    code.last_polled_at = day + 4h;
    const auto next = next_poll_at(code, day + 4h, policy);
    ASSERT_TRUE(next);
    EXPECT_LE(*next, day + 4h + policy.check_set + policy.check_set / 4);
}

TEST(Schedule, AnEndedCodeThatMayLiveIsNeverLeftForLongWhenSeamDoesNotAnswer) {
    auto code = code_after({shown(lifecycle::LifecycleStep::set, day)});
    code.ended = lifecycle::Ended{lifecycle::EndReason::expired, day + 1h};
    expect_soon_again(code);
}

TEST(Schedule, AnOngoingCodeIsNearItsStayOnceItHasBegun) {
    auto code = code_after({shown(lifecycle::LifecycleStep::set, day)});
    code.type.value = "ongoing";
    code.starts_at.value.reset();
    code.ends_at.value.reset();
    expect_soon_again(code);
}

// The figure in lib/lifecycle/README.md: how many requests a minute it takes to follow 5,000 codes.
TEST(Schedule, FiveThousandCodesAreFollowedWithAFewRequestsAMinute) {
    constexpr int codes = 5'000;
    constexpr int batch = 100;
    std::map<Timestamp, int> due;  // per minute
    int near = 0;
    for (int i = 0; i < codes; ++i) {
        // Stays of three nights, booked from now to 20 days ahead: one in seven has begun.
        auto made = shown(lifecycle::LifecycleStep::set, day);
        made.access_code_id = "code" + std::to_string(i);
        const auto starts_at = day - 71h + std::chrono::minutes{(i * 7919LL) % (20 * 1440 + 4260)};
        made.facts.starts_at = std::optional{starts_at};
        made.facts.ends_at = std::optional{starts_at + 72h};
        auto code = code_after({made});
        if (starts_at - 1h <= day + 12h) ++near;
        while (code.next_poll_at && *code.next_poll_at < day + 24h) {
            const auto at = *code.next_poll_at;
            if (at >= day + 12h) ++due[std::chrono::floor<std::chrono::minutes>(at)];
            made.occurred_at = at;
            lifecycle::apply(code, made, at);
            lifecycle::reschedule(code, at, policy);
        }
    }
    int requests = 0;
    for (const auto& [minute, count] : due) requests += (count + batch - 1) / batch;
    const auto a_minute = static_cast<double>(requests) / (12 * 60);
    RecordProperty("requests_a_minute", std::to_string(a_minute));
    RecordProperty("near_their_stay", near);
    EXPECT_LT(a_minute, 2.0) << near << " codes near their stay";
}

TEST(Schedule, CodesThatBecameDueTogetherSpread) {
    std::vector<Timestamp> moments;
    for (int i = 0; i < 100; ++i) {
        auto shown_set = shown(lifecycle::LifecycleStep::set, day);
        shown_set.access_code_id = "code" + std::to_string(i);
        moments.push_back(*code_after({shown_set}).next_poll_at);
    }
    const auto [first, last] = std::minmax_element(moments.begin(), moments.end());
    EXPECT_GT(*last - *first, 1h);
}

}  // namespace
}  // namespace oracode
