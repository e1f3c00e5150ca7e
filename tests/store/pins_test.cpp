#include "store/pins.hpp"

#include <gtest/gtest.h>

namespace oracode::store {
namespace {

TEST(Pins, AreTakenOutAndNothingElse) {
    const std::vector<std::pair<const char*, const char*>> rows{
        {R"({"code":"1234"})", R"({"code":null})"},
        {R"({ "a" : 1.10, "code" :  "12\"34" , "b":"code"})",
         R"({ "a" : 1.10, "code" :  null , "b":"code"})"},
        {R"({"from":{"code":"1"},"to":[{"code":2},{"code":-3e5}]})",
         R"({"from":{"code":null},"to":[{"code":null},{"code":null}]})"},
        {R"({"code":"1","code":"2"})", R"({"code":null,"code":null})"},
    };
    for (const auto& [json, wiped] : rows) EXPECT_EQ(without_pins(json), wiped) << json;
}

TEST(Pins, AreNotSeenWhereThereAreNone) {
    for (const auto* json :
         {"", "{}", R"({"error_code":"1234"})", R"({"code":null})", R"({"code":{"a":"1"}})",
          R"({"a":"\"code\":\"1\""})", R"(["code","1234"])", R"({"code":)", R"({"code)", "\"",
          R"({"code")", R"({"a":"\)"})
        EXPECT_EQ(without_pins(json), std::nullopt) << json;
}

}  // namespace
}  // namespace oracode::store
