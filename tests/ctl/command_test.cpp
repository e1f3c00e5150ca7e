#include "ctl/command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace oracode::ctl {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string problem(const char* value_name, const std::string& value) {
    Option option;
    option.value = value_name;
    return problem_with(option, value);
}

TEST(Command, AnOptionWhoseValueNamesWordsTakesNoOthers) {
    EXPECT_EQ(problem("list|show|replay", "show"), "");
    EXPECT_EQ(problem("list|show|replay", "shows"), "'shows' is none of list, show, replay");
    EXPECT_EQ(problem("list|show|replay", ""), "'' is none of list, show, replay");
    EXPECT_EQ(problem("true|false", "false"), "");
    EXPECT_EQ(problem("true|false", "no"), "'no' is neither true nor false");
    EXPECT_EQ(problem("test", "test"), "");
    EXPECT_EQ(problem("test", "try"), "'try' is not test");
}

TEST(Command, AValueThatOnlyHasANamePassesItsCheckOrIsFree) {
    Option count;
    count.value = "N";
    EXPECT_EQ(problem_with(count, "anything"), "");
    count.check = check_count;
    EXPECT_EQ(problem_with(count, "3"), "");
    for (const std::string text : {"0", "-1", "3x", "", "4294967296"})
        EXPECT_EQ(problem_with(count, text), "'" + text + "' is not a positive number");
}

// The daemon may know more of them than this program.
TEST(Command, WordsForShellsThatCompleteBindNobody) {
    Option kind;
    kind.value = "KIND";
    kind.words = "a|b";
    EXPECT_EQ(problem_with(kind, "c"), "");
}

TEST(Command, KindsOfValuesAreNotWords) {
    EXPECT_THAT(words_in("bash|fish|zsh"), ElementsAre("bash", "fish", "zsh"));
    EXPECT_THAT(words_in("URL|unix:PATH"), IsEmpty());
    EXPECT_THAT(words_in(""), IsEmpty());
}

TEST(Command, TheFirstLineOfAFileIsNeitherBlankNorAComment) {
    EXPECT_EQ(first_line("\xEF\xBB\xBF# a token\n\n  secret \r\nother\n"), "secret");
    EXPECT_EQ(first_line("# nothing\n"), "");
    EXPECT_EQ(first_line(""), "");
}

}  // namespace
}  // namespace oracode::ctl
