#include "lifecycle/pins.hpp"

#include <gtest/gtest.h>

namespace oracode {
namespace {

TEST(Pins, AreTakenOutAndNothingElse) {
    const std::vector<std::pair<const char*, const char*>> rows{
        {R"({"code":"1234"})", R"({"code":null})"},
        {R"({ "a" : 1.10, "code" :  "12\"34" , "b":"code"})",
         R"({ "a" : 1.10, "code" :  null , "b":"code"})"},
        {R"({"from":{"code":"1"},"to":[{"code":2},{"code":-3e5}]})",
         R"({"from":{"code":null},"to":[{"code":null},{"code":null}]})"},
        {R"({"code":"1","code":"2"})", R"({"code":null,"code":null})"},
        {R"({"code":{"now":"1"},"b":[1]})", R"({"code":null,"b":[1]})"},
        {R"({"c\u006fde":"1234"})", R"({"c\u006fde":null})"},
        {R"([{"property":"code","from":"4711","to":"0815"},{"property":"name","from":"a"}])",
         R"([{"property":"code","from":null,"to":null},{"property":"name","from":"a"}])"},
        {R"([{"from":"4711","to":["0815"],"field":"code"}])",
         R"([{"from":null,"to":null,"field":"code"}])"},
        {R"({"e":[{"error_code":"x","modified_fields":[{"field":"c\u006fde","from":"1"}]}]})",
         R"({"e":[{"error_code":"x","modified_fields":[{"field":"c\u006fde","from":null}]}]})"},
        {R"({"mutation_code":"updating_code","to":{"code":"1","deep":{"code":"2"}}})",
         R"({"mutation_code":"updating_code","to":{"code":null,"deep":{"code":null}}})"},
        // No JSON, but of its form; cut off; JSON within a text.
        {R"({"code":"12)", R"({"code":null)"},
        {R"({"property":"code","from":"4711","to":{"a)",
         R"({"property":"code","from":null,"to":null)"},
        {R"({"a":1}}]{"code":"1")", R"({"a":1}}]{"code":null)"},
        {"{'code': '1234', code: 5678}", "{'code': null, code: null}"},
        {R"("{\"code\":\"1\"}")", "null"},
    };
    for (const auto& [json, wiped] : rows) EXPECT_EQ(lifecycle::without_pins(json), wiped) << json;
}

TEST(Pins, AreMaskedInTextsThatQuoteThem) {
    const std::vector<std::string> known{"471108", "0815", "7", "door"};
    const std::vector<std::pair<const char*, const char*>> rows{
        {R"({"message":"Code 471108 is in use."})", R"({"message":"Code **** is in use."})"},
        {R"([{"error_message":"471108"},{"message":"'0815', 0815"}])",
         R"([{"error_message":"****"},{"message":"'****', ****"}])"},
        {R"({"message":"1234 and 4711","code":"1234","from":{"code":"471"}})",
         R"({"message":"**** and 4711","code":null,"from":{"code":null}})"},
        {R"({"message":"was 5555","m":[{"property":"code","from":"5555","to":null}]})",
         R"({"message":"was ****","m":[{"property":"code","from":null,"to":null}]})"},
        {R"({"message":"cut off at 471108)", R"({"message":"cut off at ****)"},
        {R"({"message":"Code \u0034711\u00308","id":1})", R"({"message":null,"id":1})"},
        {R"({"message":"\u0031234","code":"1\u003234"})", R"({"message":null,"code":null})"}};
    for (const auto& [json, wiped] : rows)
        EXPECT_EQ(lifecycle::without_pins(json, known), wiped) << json;
    for (const auto* json :
         {R"({"message":"order 14711080"})", R"({"message":"order \u0031471108"})",
          R"({"message":"7 doors"})", R"({"message":"door"})",
          R"({"id":"471108","created_at":"0815"})", R"({"message":""})", R"({"message":"4711)"})
        EXPECT_EQ(lifecycle::without_pins(json, known), std::nullopt) << json;
    std::vector<std::string> found{"98765"};
    lifecycle::add_pins(found, R"({"code":"1234","to":{"code":98765},"from":{"code":"12"}})");
    EXPECT_EQ(found, (std::vector<std::string>{"1234", "98765"}));
}

TEST(Pins, AreNotSeenWhereThereAreNone) {
    for (const auto* json :
         {"", "{}", R"({"error_code":"1234"})", R"({"property":"name","from":"1"})",
          R"({"a":"code"})", R"({"code":null})", R"({"code":true})", R"(["code","1234"])",
          R"({"code":)", R"({"code)", "\"", R"({"code")", R"({"a":"\)"})
        EXPECT_EQ(lifecycle::without_pins(json), std::nullopt) << json;
}

}  // namespace
}  // namespace oracode
