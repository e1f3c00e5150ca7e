#include "core/text.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace oracode {
namespace {

TEST(Text, WhiteSpaceAroundItDoesNotCount) {
    EXPECT_EQ(trim(" \t\r\n\v\fa b\n"), "a b");
    EXPECT_EQ(trim("\ra ", blanks), "\ra");
    EXPECT_EQ(trim(" \t a b\r\n"), "a b");
    EXPECT_EQ(trim("\na ", blanks), "\na");
    EXPECT_EQ(trim("  \n"), "");
    EXPECT_EQ(trim("  "), "");
    EXPECT_EQ(trim(""), "");
}

TEST(Text, IsTheSameInEitherCaseOfAsciiLettersAlone) {
    EXPECT_TRUE(iequals("", ""));
    EXPECT_TRUE(iequals("Host", "hOST"));
    EXPECT_FALSE(iequals("Host", "Hosts"));
    EXPECT_FALSE(iequals("@[`{", "`{@["));
    EXPECT_FALSE(iequals("\xC4", "\xE4"));
    // Nothing is read that is not part of them: a constant expression would not compile.
    static_assert(
        iequals(std::string_view("Ab").substr(0, 1), std::string_view("ax").substr(0, 1)));
}

TEST(Text, IsANumberOnlyAsAWhole) {
    EXPECT_EQ(parse_number<unsigned>("65535"), 65535U);
    EXPECT_EQ(parse_number<std::int64_t>("-12"), -12);
    EXPECT_EQ(parse_number<unsigned>("750", 8), 0750U);
    EXPECT_EQ(parse_number<std::int64_t>("fF", 16), 255);
    for (const auto* text : {"", " 1", "1 ", "+1", "-1", "1x", "0x1", "4294967296"})
        EXPECT_FALSE(parse_number<unsigned>(text)) << text;
}

TEST(Text, HasOnePartMoreThanSeparators) {
    using Parts = std::vector<std::string_view>;
    EXPECT_EQ(parts_of("a,b", ","), (Parts{"a", "b"}));
    EXPECT_EQ(parts_of(",a\n", ",\n"), (Parts{"", "a", ""}));
    EXPECT_EQ(parts_of("", ","), (Parts{""}));
}

TEST(Text, IsCutBetweenCharactersOnly) {
    EXPECT_EQ(whole_characters("Zoë", 4), "Zoë");
    EXPECT_EQ(whole_characters("Zoë", 3), "Zo");
    EXPECT_EQ(whole_characters("a€", 3), "a");
    EXPECT_EQ(whole_characters("€", 2), "");
    EXPECT_EQ(whole_characters("abc", 0), "");
    const std::string not_utf8(8, '\x80');
    EXPECT_EQ(whole_characters(not_utf8, 6).size(), 3U);
}

}  // namespace
}  // namespace oracode
