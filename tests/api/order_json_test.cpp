#include "api/order_json.hpp"

#include <gmock/gmock.h>

namespace oracode::test {
namespace {

using testing::HasSubstr;

constexpr auto whole =
    R"({"device_id":"d","name":"Ada","starts_at":"2026-03-05T15:00:00Z","ends_at":"2026-03-08T03:00:00Z","max_time_rounding":"1d","external_id":"R 7"})";

std::string complaint(std::string_view body) {
    const auto order = api::parse_order(body, "request");
    if (order) return "taken";
    EXPECT_EQ(order.error().status, 400U);
    return order.error().body;
}

TEST(OrderJson, ReadsEveryMember) {
    const auto order = api::parse_order(whole, "request");
    ASSERT_TRUE(order);
    EXPECT_EQ(order->device_id, "d");
    EXPECT_EQ(order->name, "Ada");
    EXPECT_EQ(order->external_id, "R 7");
    EXPECT_EQ(order->window.starts_at, "2026-03-05T15:00:00Z");
    EXPECT_EQ(order->window.max_time_rounding, "1d");
    EXPECT_FALSE(order->window.code_chosen);
}

TEST(OrderJson, AChosenPinIsReadWhateverItsTypeSoThatTheRulesCanRefuseIt) {
    const auto order = api::parse_order(
        R"({"device_id":"d","starts_at":"2026-03-05T15:00:00Z","ends_at":"2026-03-08T03:00:00Z","code":1234})",
        "request");
    ASSERT_TRUE(order);
    EXPECT_TRUE(order->window.code_chosen);
}

TEST(OrderJson, SaysWhatIsWrong) {
    EXPECT_THAT(complaint("[]"), HasSubstr("the body has to be a JSON object"));
    EXPECT_THAT(complaint("{"), HasSubstr("the body has to be a JSON object"));
    EXPECT_THAT(complaint(R"({"starts_at":"x"})"), HasSubstr("device_id is missing"));
    EXPECT_THAT(complaint(R"({"device_id":"d","colour":1})"), HasSubstr("no member 'colour'"));
    EXPECT_THAT(complaint(R"({"device_id":7})"), HasSubstr("device_id takes a text"));
    EXPECT_THAT(complaint(R"({"device_id":"d","external_id":""})"),
                HasSubstr("external_id must not be empty"));
    EXPECT_THAT(complaint(R"({"device_id":"d","is_one_time_use":"yes"})"),
                HasSubstr("is_one_time_use takes true or false"));
    EXPECT_THAT(complaint(R"({"device_id":"d","is_offline_access_code":false})"),
                HasSubstr("only offline access codes"));
    EXPECT_THAT(
        complaint(R"({"device_id":"d","starts_at":"tomorrow","ends_at":"2026-03-08T03:00:00Z"})"),
        HasSubstr("starts_at_malformed"));
    EXPECT_THAT(complaint(std::string(100, '[') + std::string(100, ']')),
                HasSubstr("the body has to be a JSON object"));
}

TEST(OrderJson, ARequestToTrackMayHaveNoBodyAndMayTakeTheReferenceAway) {
    EXPECT_EQ(*api::parse_tracking("", "request"), std::nullopt);
    EXPECT_EQ(*api::parse_tracking(" \r\n", "request"), std::nullopt);
    EXPECT_EQ(*api::parse_tracking("{}", "request"), std::nullopt);
    EXPECT_EQ(*api::parse_tracking(R"({"external_id":""})", "request"), "");
    EXPECT_EQ(*api::parse_tracking(R"({"external_id":"R"})", "request"), "R");
    const auto longest = std::string(api::longest_external_id, 'x');
    EXPECT_TRUE(api::parse_tracking(R"({"external_id":")" + longest + R"("})", "request"));
    EXPECT_FALSE(api::parse_tracking(R"({"external_id":")" + longest + R"(x"})", "request"));
    EXPECT_FALSE(api::parse_tracking("[]", "request"));
}

}  // namespace
}  // namespace oracode::test
