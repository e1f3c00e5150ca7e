#include "settings/given.hpp"

#include <gtest/gtest.h>

namespace oracode {
namespace {

using Texts = std::vector<std::string>;

Texts texts(const settings::Given& given) {
    Texts found;
    for (const auto& piece : given.pieces) found.push_back(piece.text);
    return found;
}

TEST(Given, ATextIsOnePieceOrAListByCommasAndLines) {
    EXPECT_EQ(texts(settings::given_by_text("X", " a,b ", false)), (Texts{"a,b"}));
    EXPECT_EQ(texts(settings::given_by_text("X", " a, b\nc,,\n", true)), (Texts{"a", "b", "c"}));
    EXPECT_EQ(texts(settings::given_by_text("X", "", true)), Texts{});
    EXPECT_EQ(settings::given_by_text("X", "a", false).source, "X");
    EXPECT_EQ(settings::given_by_text("X", "a", false).pieces.front().shape,
              settings::values::Shape::untyped);
}

TEST(Given, AFileGivesItsLinesWithTheirNumbers) {
    const auto given = settings::given_by_lines("f",
                                                "\xEF\xBB\xBF"
                                                "one\r\n\n  # a comment\n two \n#three\nfour");
    EXPECT_EQ(texts(given), (Texts{"one", "two", "four"}));
    EXPECT_EQ(given.pieces[0].line, 1U);
    EXPECT_EQ(given.pieces[1].line, 4U);
    EXPECT_EQ(given.pieces[2].line, 6U);
    EXPECT_TRUE(settings::given_by_lines("f", "\n#\n").pieces.empty());
}

}  // namespace
}  // namespace oracode
