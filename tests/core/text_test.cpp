#include "core/text.hpp"

#include <gtest/gtest.h>

namespace oracode {
namespace {

TEST(Text, WhiteSpaceAroundItDoesNotCount) {
    EXPECT_EQ(trim(" \t\r\n\v\fa b\n"), "a b");
    EXPECT_EQ(trim("\ra ", blanks), "\ra");
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

}  // namespace
}  // namespace oracode
