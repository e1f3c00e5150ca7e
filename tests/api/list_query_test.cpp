#include "api/list_query.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace oracode::api {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

const Timestamp noon{Duration{1'770'000'000'000}};

http::Query query(std::string_view text) {
    return http::Query::parse(
               text, {"status", "overdue", "starts_before", "cursor", "limit", "within", "ready",
                      "open", "kind", "wait_for", "wait", "after"})
        .value();
}

TEST(ListQuery, ACursorIsReadByItsOwnListAlone) {
    const auto text = cursor_text(codes_list, 4711);
    EXPECT_EQ(parse_cursor(codes_list, text), 4711);
    EXPECT_FALSE(parse_cursor(alerts_list, text));
    for (const auto* strange : {"", "c", "cx", "c-1", "c1 ", "4711"})
        EXPECT_FALSE(parse_cursor(codes_list, strange)) << strange;
    const store::ArrivalPosition position{noon, 7};
    const auto arrival = parse_arrival_cursor(cursor_text(position));
    ASSERT_TRUE(arrival);
    EXPECT_EQ(arrival->starts_at, noon);
    EXPECT_EQ(arrival->code_no, 7);
    for (const auto* strange : {"", "a", "a1", "a1.", "a.1", "c1.1"})
        EXPECT_FALSE(parse_arrival_cursor(strange)) << strange;
}

TEST(ListQuery, SaysWhichParameterOfCodesIsWrong) {
    const auto parsed = [](std::string_view text) {
        return parse_code_filter(query(text), noon, 2min);
    };
    const auto filter = *parsed("status=set,unset&overdue=false&limit=7&cursor=c1f");
    EXPECT_THAT(filter.statuses, ElementsAre(lifecycle::Status::set, lifecycle::Status::unset));
    EXPECT_EQ(filter.overdue, false);
    EXPECT_EQ(filter.overdue_at, noon - 2min);
    EXPECT_EQ(filter.limit, 7U);
    EXPECT_EQ(filter.after, 31);
    for (const auto& [text, name] :
         std::vector<std::pair<std::string, std::string>>{{"status=set,", "status"},
                                                          {"status=gone", "status"},
                                                          {"overdue=1", "overdue"},
                                                          {"starts_before=today", "starts_before"},
                                                          {"limit=0", "limit"},
                                                          {"limit=1001", "limit"},
                                                          {"cursor=n1", "cursor"}}) {
        const auto refused = parsed(text);
        ASSERT_FALSE(refused) << text;
        EXPECT_THAT(refused.error(), HasSubstr(name)) << text;
    }
}

TEST(ListQuery, ArrivalsAreOfADayWhereNothingElseIsSaid) {
    EXPECT_EQ(parse_arrival_filter(query(""), noon)->starts_by, noon + 24h);
    EXPECT_EQ(parse_arrival_filter(query("within=90m"), noon)->starts_by, noon + 90min);
    for (const auto* text : {"within=soon", "within=367d", "ready=maybe", "cursor=c1"})
        EXPECT_FALSE(parse_arrival_filter(query(text), noon)) << text;
}

TEST(ListQuery, AnAlertIsOfAKnownKind) {
    EXPECT_EQ(parse_alert_filter(query("kind=disk&open=true"))->kind, lifecycle::AlertKind::disk);
    EXPECT_FALSE(parse_alert_filter(query("kind=fire")));
}

TEST(ListQuery, WaitsForAStatusOrTheEnd) {
    EXPECT_EQ(parse_wanted(query(""))->has_value(), false);
    const auto wanted = **parse_wanted(query("wait_for=set,ended&wait=5"));
    EXPECT_EQ(wanted.at_most, 5s);
    lifecycle::AccessCode code;
    EXPECT_FALSE(wanted.met(code));
    code.status = lifecycle::Status::set;
    EXPECT_TRUE(wanted.met(code));
    code.status = lifecycle::Status::unset;
    code.ended = lifecycle::Ended{lifecycle::EndReason::expired, noon};
    EXPECT_TRUE(wanted.met(code));
    for (const auto* text : {"wait=5", "wait_for=", "wait_for=set,", "wait_for=set&wait=61"})
        EXPECT_FALSE(parse_wanted(query(text))) << text;
}

TEST(ListQuery, AClientThatComesBackGoesOnWhereItsHeaderSays) {
    EXPECT_EQ(*parse_after(std::nullopt, query("")), std::nullopt);
    EXPECT_EQ(*parse_after(std::nullopt, query("after=3")), 3);
    EXPECT_EQ(*parse_after("9", query("after=3")), 9);
    EXPECT_EQ(*parse_after("", query("after=3")), 3);
    EXPECT_THAT(parse_after("x", query("after=3")).error(), HasSubstr("Last-Event-ID"));
    EXPECT_FALSE(parse_after(std::nullopt, query("after=-1")));
}

}  // namespace
}  // namespace oracode::api
