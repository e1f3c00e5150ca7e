#include "core/lenient_json.hpp"

#include <gtest/gtest.h>

namespace oracode {
namespace {

boost::json::value parsed(std::string_view text, bool expect_mended = true) {
    boost::system::error_code error;
    bool mended = false;
    auto value = parse_lenient_json(text, error, {}, max_json_depth, &mended);
    EXPECT_FALSE(error) << text;
    EXPECT_EQ(mended, expect_mended) << text;
    return value;
}

TEST(LenientJson, TakesWhatIsRightAsItIs) {
    EXPECT_EQ(parsed(R"({"a":"\ud83d\ude00\n\\ud83d"})", false).at("a"),
              "\xF0\x9F\x98\x80\n\\ud83d");
}

TEST(LenientJson, HalfAnEmojiBecomesTheReplacementCharacter) {
    EXPECT_EQ(parsed(R"({"name":"Guest \ud83d","b":1})").at("name"), "Guest \xEF\xBF\xBD");
    EXPECT_EQ(parsed(R"(["\ud83d\ud83d\ude00 \udE00!"])").at(0),
              "\xEF\xBF\xBD\xF0\x9F\x98\x80 \xEF\xBF\xBD!");
    EXPECT_EQ(parsed(R"(["\ud83dx"])").at(0), "\xEF\xBF\xBDx");
}

TEST(LenientJson, BytesThatAreNoUtf8AndControlCharactersAreReplaced) {
    EXPECT_EQ(parsed("{\"a\":\"x\xff\xc3\xa9\xed\xa0\x80\",\"b\":2}").at("b"), 2);
    EXPECT_EQ(parsed("[\"caf\xe9\"]").at(0), "caf\xEF\xBF\xBD");
    EXPECT_EQ(parsed("[\"a\x01\"]").at(0), "a ");
    EXPECT_EQ(parsed("\xEF\xBB\xBF[1]").at(0), 1);
}

TEST(LenientJson, WhatIsNestedTooDeepIsLeftOut) {
    const auto deep = std::string(100, '[') + "\"]\"" + std::string(100, ']');
    const auto value = parsed("{\"deep\":" + deep + ",\"b\":2}");
    EXPECT_EQ(value.at("b"), 2);
    EXPECT_TRUE(value.at("deep").is_array());
    EXPECT_EQ(parsed(std::string(100'000, '[') + std::string(100'000, ']')).is_array(), true);
}

TEST(LenientJson, ANumberBeyondAllDoublesIsNull) {
    const auto repaired = [](std::string_view text) {
        return boost::json::serialize(parsed(text, false));
    };
    EXPECT_EQ(repaired("[111111111e1111]"), "[null]");
    EXPECT_EQ(repaired("-1e400"), "null");
    EXPECT_EQ(repaired(R"({"a":[{"b":1e309,"c":"1e309"}],"d":[[-1e999]]})"),
              R"({"a":[{"b":null,"c":"1e309"}],"d":[[null]]})");
    const auto* text = R"({"a":[1,-2,18446744073709551615,true,null,"x",{}],"b":1.5E300})";
    EXPECT_EQ(repaired(text), text);
    EXPECT_EQ(parsed("[\"\xff\",1e400]"), (boost::json::array{"\xEF\xBF\xBD", nullptr}));
}

TEST(LenientJson, WhatIsNoJsonStaysNone) {
    for (const std::string text :
         {"", "{", "<html>", "{\"a\":1} x", "[\"a", "[\"\\", "\xff", "}", "{\"a\":\"\\ud83d\""}) {
        boost::system::error_code error;
        (void)parse_lenient_json(text, error);
        EXPECT_TRUE(error) << text;
    }
}

}  // namespace
}  // namespace oracode
