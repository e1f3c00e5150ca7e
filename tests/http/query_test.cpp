#include "http/query.hpp"

#include <gtest/gtest.h>

namespace oracode::http {
namespace {

TEST(Query, DecodesWhatIsKnown) {
    const auto query = Query::parse("status=set%2Cunset&name=a+b%20c&flag&empty=&&",
                                    {"status", "name", "flag", "empty", "not"});
    ASSERT_TRUE(query) << query.error().detail;
    EXPECT_EQ(query->find("status"), "set,unset");
    EXPECT_EQ(query->find("name"), "a b c");
    EXPECT_EQ(query->find("flag"), "");
    EXPECT_EQ(query->find("empty"), "");
    EXPECT_EQ(query->find("not"), std::nullopt);
    EXPECT_TRUE(Query::parse("", {}));
}

TEST(Query, EndsWhereItsTextEnds) {
    const std::string_view request_line = "limit=10 HTTP/1.1";
    EXPECT_EQ(Query::parse(request_line.substr(0, 8), {"limit"})->find("limit"), "10");
}

TEST(Query, JoinsWhatMayBeRepeated) {
    const auto query = Query::parse("status=a&limit=1&status=b,c", {"status...", "limit"});
    ASSERT_TRUE(query) << query.error().detail;
    EXPECT_EQ(query->find("status"), "a,b,c");
    EXPECT_FALSE(Query::parse("status...=a", {"status...", "limit"}));
}

TEST(Query, RefusesWhatItDoesNotUnderstand) {
    for (const auto* text : {"limt=1", "limit=1&limit=2", "limit=1&LIMIT=2", "limit=1&%6Cimit=2",
                             "limit=%zz", "limit=%2", "=1", "limit=\"1\""}) {
        const auto query = Query::parse(text, {"limit"});
        ASSERT_FALSE(query) << text;
        EXPECT_EQ(query.error().code, Errc::invalid_argument);
    }
    EXPECT_EQ(Query::parse("a%0d%0a%22=1", {}).error().detail,
              "There is no query parameter 'a...' here.");
}

}  // namespace
}  // namespace oracode::http
