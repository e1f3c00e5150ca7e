#include "userlevel/rule.hpp"

#include <set>

#include <gtest/gtest.h>

namespace oracode::test {
namespace {

using userlevel::Rule;

TEST(Rule, EachHasAStableNameOfItsOwn) {
    std::set<std::string_view> names;
    for (int i = 0; i <= static_cast<int>(Rule::creations_too_fast); ++i) {
        const auto name = code(static_cast<Rule>(i));
        EXPECT_NE(name, "unnamed") << i;
        EXPECT_TRUE(names.insert(name).second) << name;
    }
    EXPECT_EQ(code(Rule::too_many_days), "too_many_days");
    EXPECT_EQ(code(Rule::no_matching_time_slot), "no_matching_time_slot");
}

TEST(Rule, WhatCannotBeReadIsMalformedAndWhatTheLockRefusesIsNot) {
    EXPECT_TRUE(is_malformed(Rule::starts_at_malformed));
    EXPECT_TRUE(is_malformed(Rule::ends_at_without_offset));
    EXPECT_TRUE(is_malformed(Rule::max_time_rounding_unknown));
    EXPECT_FALSE(is_malformed(Rule::code_not_selectable));
    EXPECT_FALSE(is_malformed(Rule::creations_too_fast));
}

}  // namespace
}  // namespace oracode::test
