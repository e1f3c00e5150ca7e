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

}  // namespace
}  // namespace oracode
