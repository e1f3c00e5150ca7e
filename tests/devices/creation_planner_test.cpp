// What an order does next, whatever Seam and the store say: every step by hand, without I/O.
#include "devices/creation_planner.hpp"

#include <gtest/gtest.h>

#include "tests/devices/statements.hpp"

namespace oracode::devices {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

const Timestamp now = requested_at;
constexpr Duration seam_timeout = 10s;
constexpr Duration settled_after = 2min;
const store::OrderedCode asked_before{instant("2024-09-10T14:00:00Z"),
                                      instant("2024-09-16T02:00:00Z"), requested_at};

store::OrderAnswer render(const Decided& decided) {
    if (const auto* made = std::get_if<Made>(&decided)) return {201, "", made->code.access_code_id};
    return {std::holds_alternative<OrderCheck>(decided) ? 422U : 502U, "", ""};
}

CreationPlanner planner(bool has_key = true) {
    Order order{"lock1", "Ada", {"2024-09-10T07:00:00-07:00", "2024-09-15T19:00:00-07:00", "1d"}};
    order.external_id = "booking 7";
    return {std::move(order),
            {.has_key = has_key,
             .render = render,
             .is_another = [](const std::string&, Timestamp) { return false; },
             .seam_timeout = seam_timeout,
             .settled_after = settled_after}};
}

OrderCheck fitting() {
    OrderCheck check;
    check.verdict.match.emplace().window = {asked_before.starts_at, asked_before.ends_at,
                                            "2024-09-10T07:00:00-07:00",
                                            "2024-09-15T19:00:00-07:00"};
    return check;
}

OrderCheck breaking(userlevel::Rule rule) {
    auto check = fitting();
    check.verdict.violations.push_back({rule, "why"});
    return check;
}

store::StoredOrder stored(std::string access_code_id = {}) {
    return {"digest", now, asked_before, std::move(access_code_id), std::nullopt};
}

template <class T>
const T& as(const CreationMove& move) {
    if (!std::holds_alternative<T>(move.step))
        throw std::runtime_error("another step: " + std::to_string(move.step.index()));
    return std::get<T>(move.step);
}
template <class T>
const T& ended_with(const CreationMove& move) {
    return std::get<T>(as<step::End>(move).ending);
}

// As far as Seam being asked.
CreationPlanner asking(bool has_key = true) {
    auto plan = planner(has_key);
    as<step::CheckOrder>(plan.begin(std::nullopt));
    const auto move = plan.checked(fitting(), {}, now);
    if (has_key) as<step::AskSeam>(plan.key_marked({}));
    return plan;
}

lifecycle::AccessCode made_code() {
    lifecycle::AccessCode code;
    code.access_code_id = "lost";
    code.starts_at.value = asked_before.starts_at;
    code.ends_at.value = asked_before.ends_at;
    return code;
}

TEST(CreationPlanner, AnOrderIsCheckedMarkedSentRecordedReadAndItsAnswerKept) {
    auto plan = planner();
    as<step::CheckOrder>(plan.begin(std::nullopt));
    EXPECT_EQ(as<step::MarkKey>(plan.checked(fitting(), {}, now)).requested, asked_before);
    const auto asked = plan.key_marked({});
    EXPECT_EQ(as<step::AskSeam>(asked).wish,
              (json::object{{"device_id", "lock1"},
                            {"starts_at", "2024-09-10T07:00:00-07:00"},
                            {"ends_at", "2024-09-15T19:00:00-07:00"},
                            {"is_offline_access_code", true},
                            {"name", "Ada"},
                            {"max_time_rounding", "1d"}}));
    const auto answered = plan.answered(shown(code_of_ada()), now);
    EXPECT_EQ(as<step::Record>(answered).event.access_code_id, "lost");
    EXPECT_EQ(as<step::Record>(answered).event.external_id, "booking 7");
    EXPECT_EQ(as<step::ReadCode>(plan.recorded({}, now)).access_code_id, "lost");
    const auto read = plan.read(made_code(), now);
    EXPECT_EQ(as<step::KeepAnswer>(read).answer, (store::OrderAnswer{201, "", "lost"}));
    ASSERT_TRUE(read.effects.made);
    EXPECT_FALSE(has_other_window(*read.effects.made));
    const auto end = plan.key_released();
    EXPECT_EQ(as<step::End>(end).outcome, "created");
    EXPECT_EQ(ended_with<Answered>(end).answer.body, "lost");
    EXPECT_FALSE(ended_with<Answered>(end).repeated);
}

TEST(CreationPlanner, WithoutAKeyNothingIsMarkedKeptOrFreed) {
    auto plan = planner(false);
    as<step::CheckOrder>(plan.begin(std::nullopt));
    as<step::AskSeam>(plan.checked(fitting(), {}, now));
    as<step::Record>(plan.answered(shown(code_of_ada()), now));
    as<step::ReadCode>(plan.recorded({}, now));
    EXPECT_EQ(ended_with<Answered>(plan.read(made_code(), now)).answer.status, 201U);

    auto refused = asking(false);
    EXPECT_EQ(ended_with<Answered>(refused.answered(call_error(Errc::seam_refused, now), now))
                  .answer.status,
              502U);
}

TEST(CreationPlanner, WhatSeamsAnswerLeavesOutIsWhatItWasAskedFor) {
    auto plan = asking();
    const auto move = plan.answered(shown({{"access_code_id", "bare"}}), now);
    const auto& event = as<step::Record>(move).event;
    EXPECT_EQ(event.device_id, "lock1");
    EXPECT_EQ(event.step, lifecycle::LifecycleStep::created);
    EXPECT_EQ(event.facts.starts_at.value(), asked_before.starts_at);
    EXPECT_EQ(event.facts.ends_at.value(), asked_before.ends_at);
    EXPECT_EQ(event.facts.name.value(), "Ada");
}

TEST(CreationPlanner, SeamsAnswerIsStampedBySeamsClock) {
    auto answer = shown(code_of_ada());
    answer.received_at = answer.sent_at + 1s;
    answer.seam_date = answer.sent_at + 1h;
    auto plan = asking();
    const auto move = plan.answered(answer, now);
    const auto& event = as<step::Record>(move).event;
    EXPECT_GT(event.occurred_at, answer.sent_at + 59min);
    EXPECT_EQ(event.requested_at, answer.sent_at);
}

TEST(CreationPlanner, ACodeWithAnotherWindowThanAskedForIsNoticed) {
    auto plan = asking();
    as<step::Record>(plan.answered(shown(code_of_ada()), now));
    auto code = made_code();
    code.ends_at.value = asked_before.ends_at - 1min;
    EXPECT_TRUE(has_other_window(plan.read(code, now).effects.made.value()));
}

TEST(CreationPlanner, ARuleThatIsBrokenIsAnsweredAndLeavesTheKeyFree) {
    auto plan = planner();
    as<step::CheckOrder>(plan.begin(std::nullopt));
    const auto move = plan.checked(breaking(userlevel::Rule::too_many_days), {}, now);
    EXPECT_FALSE(as<step::FreeKey>(move).earlier);
    const auto end = plan.key_released();
    EXPECT_EQ(as<step::End>(end).outcome, "rule_violated");
    EXPECT_EQ(ended_with<Answered>(end).answer.status, 422U);
}

TEST(CreationPlanner, OnlyTheRateLimitMakesAnOrderWaitAndNothingElseIsWrongThen) {
    auto plan = planner();
    const auto move = plan.checked(breaking(userlevel::Rule::creations_too_fast), 7s, now);
    EXPECT_EQ(ended_with<TooFast>(move).retry_after, 7s);
    EXPECT_EQ(as<step::End>(move).outcome, "too_fast");
    auto both = breaking(userlevel::Rule::creations_too_fast);
    both.verdict.violations.push_back({userlevel::Rule::too_many_days, "why"});
    as<step::FreeKey>(plan.checked(both, 7s, now));
}

TEST(CreationPlanner, AnUnknownLockIsAnAnswerAndALockThatCannotBeAskedForIsNone) {
    auto plan = planner();
    as<step::FreeKey>(plan.checked(call_error(Errc::not_found), {}, now));
    EXPECT_EQ(as<step::End>(plan.key_released()).outcome, "refused");
    const auto move = plan.checked(call_error(Errc::seam_unreachable), {}, now);
    EXPECT_EQ(as<step::End>(move).outcome, "unavailable");
    EXPECT_EQ(ended_with<seam::CallError>(move).code, Errc::seam_unreachable);
}

TEST(CreationPlanner, WithoutAMarkSeamIsNotAsked) {
    auto plan = planner();
    as<step::MarkKey>(plan.checked(fitting(), {}, now));
    const auto move = plan.key_marked(Error{Errc::store_unavailable, "disk full"});
    EXPECT_EQ(ended_with<seam::CallError>(move).code, Errc::store_unavailable);
    const auto unread = planner().begin(Error{Errc::store_unavailable, "gone"});
    EXPECT_EQ(ended_with<seam::CallError>(unread).code, Errc::store_unavailable);
}

TEST(CreationPlanner, ARefusalOfSeamsIsFinalAndOneOfTheKeyOrTheRateIsNot) {
    struct Row {
        Errc code;
        bool sent;
        bool final;
        bool doubted;
    };
    const Row rows[] = {
        {Errc::seam_refused, true, true, true},
        {Errc::not_found, true, true, true},
        {Errc::unauthenticated, true, false, true},
        {Errc::forbidden, true, false, true},
        {Errc::seam_rate_limited, true, false, false},
        {Errc::seam_unreachable, false, false, false},
        {Errc::overloaded, false, false, false},
    };
    for (const auto& row : rows) {
        auto plan = asking();
        const auto move = plan.answered(call_error(row.code, row.sent ? now : Timestamp{}), now);
        EXPECT_FALSE(as<step::FreeKey>(move).earlier);
        EXPECT_TRUE(move.effects.nothing_made) << name(row.code);
        EXPECT_EQ(move.effects.lock_doubted, row.doubted) << name(row.code);
        EXPECT_EQ(move.effects.failed.value().code, row.code);
        const auto end = plan.key_released();
        EXPECT_EQ(as<step::End>(end).outcome, row.final ? "refused" : "unavailable");
        EXPECT_EQ(std::holds_alternative<Answered>(as<step::End>(end).ending), row.final);
    }
}

TEST(CreationPlanner, AfterALostAnswerTheListIsLookedAtOnlyWhereSeamIsThere) {
    auto there = asking();
    const auto lost = call_error(Errc::seam_unreachable, now);
    const auto looking = there.answered(lost, now + seam_timeout / 2 - 1ms);
    as<step::ListCodes>(looking);
    EXPECT_TRUE(looking.effects.failed);
    EXPECT_FALSE(looking.effects.nothing_made) << "it may have been made";

    auto silent = asking();
    const auto unclear = silent.answered(lost, now + seam_timeout / 2);
    EXPECT_EQ(ended_with<Unclear>(unclear).retry_after, settled_after - seam_timeout / 2);
    EXPECT_TRUE(unclear.effects.failed);
    EXPECT_TRUE(unclear.effects.unclear);
}

TEST(CreationPlanner, TheFirstAttemptMakesNoSecondCodeHoweverLongTheSearchTakes) {
    auto plan = asking();
    as<step::ListCodes>(plan.answered(call_error(Errc::seam_unreachable, now), now));
    const auto move = plan.listed(std::vector<SeamsCode>{}, now + 1h);
    EXPECT_EQ(ended_with<Unclear>(move).retry_after, 5s);
    EXPECT_EQ(move.effects.unclear.value().access_code_id, "");
}

TEST(CreationPlanner, EachCandidateOfTheListIsFetchedBeforeARepeatMakesAnother) {
    auto plan = planner();
    const auto later = now + settled_after;
    as<step::ListCodes>(plan.begin(stored()));
    auto other = code_of_ada("a");
    other["starts_at"] = "2024-10-10T14:00:00.000Z";
    other["ends_at"] = "2024-10-16T02:00:00.000Z";
    auto another = other;
    another["access_code_id"] = "b";
    EXPECT_EQ(as<step::FetchCode>(plan.listed(std::vector{listed(other), listed(another)}, later))
                  .access_code_id,
              "a");
    EXPECT_EQ(as<step::FetchCode>(plan.fetched(shown(other), later)).access_code_id, "b");
    as<step::CheckOrder>(plan.fetched(shown(another), later));
    EXPECT_EQ(as<step::MarkKey>(plan.checked(fitting(), {}, later)).requested.requested_at, later);
}

TEST(CreationPlanner, ARepeatTakesTheCodeThatTheListOrAGetShows) {
    auto by_list = planner();
    as<step::ListCodes>(by_list.begin(stored()));
    EXPECT_EQ(as<step::Record>(by_list.listed(std::vector{listed(code_of_ada())}, now))
                  .event.access_code_id,
              "lost");
    auto by_get = planner();
    as<step::ListCodes>(by_get.begin(stored()));
    auto windowless = code_of_ada();
    windowless.erase("starts_at");
    as<step::FetchCode>(by_get.listed(std::vector{listed(windowless)}, now));
    EXPECT_EQ(as<step::Record>(by_get.fetched(shown(code_of_ada()), now)).event.access_code_id,
              "lost");
}

TEST(CreationPlanner, ARepeatMakesNoSecondCodeWhileAFirstMayExist) {
    auto windowless = code_of_ada();
    windowless.erase("starts_at");
    const auto later = now + 1h;

    auto early = planner();
    as<step::ListCodes>(early.begin(stored()));
    EXPECT_EQ(ended_with<Unclear>(early.listed(std::vector<SeamsCode>{}, now + settled_after - 1ms))
                  .retry_after,
              5s);

    auto doubting = planner();
    as<step::ListCodes>(doubting.begin(stored()));
    as<step::FetchCode>(doubting.listed(std::vector{listed(windowless)}, later));
    const auto doubt = doubting.fetched(shown(windowless), later);
    EXPECT_EQ(ended_with<Unclear>(doubt).why.detail, "an earlier attempt got no answer of Seam's");
    EXPECT_EQ(doubt.effects.unclear.value().access_code_id, "lost");

    auto blind = planner();
    as<step::ListCodes>(blind.begin(stored()));
    EXPECT_EQ(
        ended_with<Unclear>(blind.listed(call_error(Errc::seam_unreachable), later)).why.detail,
        "why");

    auto cut_off = planner();
    as<step::ListCodes>(cut_off.begin(stored()));
    as<step::FetchCode>(cut_off.listed(std::vector{listed(windowless)}, later));
    ended_with<Unclear>(cut_off.fetched(call_error(Errc::seam_unreachable), later));
}

TEST(CreationPlanner, ARefusalOfARepeatKeepsTheMarkOfTheAttemptBefore) {
    auto plan = planner();
    const auto later = now + 1h;
    as<step::ListCodes>(plan.begin(stored()));
    as<step::CheckOrder>(plan.listed(std::vector<SeamsCode>{}, later));
    as<step::MarkKey>(plan.checked(fitting(), {}, later));
    as<step::AskSeam>(plan.key_marked({}));
    const auto move = plan.answered(call_error(Errc::seam_refused, later), later);
    EXPECT_EQ(as<step::FreeKey>(move).earlier, asked_before);
}

TEST(CreationPlanner, ARepeatOfAnOrderWhoseCodeIsKnownReadsIt) {
    auto plan = planner();
    EXPECT_EQ(as<step::ReadCode>(plan.begin(stored("lost"))).access_code_id, "lost");
    as<step::KeepAnswer>(plan.read(made_code(), now));
    auto unread = planner();
    as<step::ReadCode>(unread.begin(stored("lost")));
    const auto move = unread.read(Error{Errc::store_unavailable, "gone"}, now);
    EXPECT_EQ(move.effects.unclear.value().access_code_id, "lost");
    ended_with<Unclear>(move);
    // A key of which Seam was never asked is like a new one.
    auto unmarked = stored();
    unmarked.requested.reset();
    as<step::CheckOrder>(planner().begin(unmarked));
}

TEST(CreationPlanner, ACodeThatCannotBeRecordedOrUnderstoodIsUnclear) {
    auto unrecorded = asking();
    as<step::Record>(unrecorded.answered(shown(code_of_ada()), now));
    EXPECT_EQ(
        ended_with<Unclear>(unrecorded.recorded(Error{Errc::store_unavailable, "disk full"}, now))
            .why.code,
        Errc::store_unavailable);
    auto garbled = asking();
    const auto move = garbled.answered(shown({{"no", "id"}}), now);
    EXPECT_EQ(ended_with<Unclear>(move).retry_after, settled_after);
}

}  // namespace
}  // namespace oracode::devices
