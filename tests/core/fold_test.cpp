#include "core/fold.hpp"

#include <utility>

#include <gtest/gtest.h>

namespace oracode {
namespace {

TEST(Fold, TakesCaseAndAccentsAway) {
    const std::vector<std::pair<const char*, const char*>> rows{
        {"Martínez", "martinez"},
        {"MARTI\u0301NEZ", "martinez"},
        {"SØREN", "soren"},
        {"Weiß", "weiss"},
        {"STRAẞE", "strasse"},
        {"Łukasz Żółć", "lukasz zolc"},
        {"Đorđe", "dorde"},
        {"Æther Œuvre", "aether oeuvre"},
        {"Þór", "thor"},
        {"İstanbul ılık", "istanbul ilik"},
        {"Nguyễn", "nguyen"},
        {"ΑΘΉΝΑ", "αθηνα"},
        {"Йод ЁЛКА", "иод елка"},
        {"plain 1-2", "plain 1-2"},
        {"", ""},
    };
    for (const auto& [text, expected] : rows) EXPECT_EQ(folded(text), expected) << text;
}

TEST(Fold, LeavesWhatItDoesNotKnow) {
    for (const std::string text : {"日本", "🔑", "a\xff\xc3", "\xf0\x9f", "a÷b×c"})
        EXPECT_EQ(folded(text), text);
}

TEST(Fold, FindsWordsInAnyOrder) {
    EXPECT_TRUE(has_all_words("lee ana", "ana maria lee"));
    EXPECT_TRUE(has_all_words("  le ", "ana lee"));
    EXPECT_FALSE(has_all_words("lee bob", "ana lee"));
    EXPECT_FALSE(has_all_words("", "ana"));
    EXPECT_FALSE(has_all_words("  ", "ana"));
}

}  // namespace
}  // namespace oracode
