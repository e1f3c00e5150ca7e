#include "api/change_messages.hpp"

#include <gtest/gtest.h>

#include "representation/changes.hpp"

namespace oracode::test {
namespace {

namespace json = boost::json;

TEST(ChangeMessages, AMessageIsItsNumberAndTheObjectOnOneLine) {
    std::string out;
    api::append_message(out, change());
    EXPECT_EQ(out, "id: 42\ndata: " + json::serialize(representation::to_json(change())) + "\n\n");
}

TEST(ChangeMessages, AGapLetsTheClientGoOnBeforeTheOldestThatIsKept) {
    std::string out;
    api::append_gap_message(out, 3, 10);
    EXPECT_EQ(out, "event: gap\nid: 9\ndata: {\"after\":3,\"oldest\":10}\n\n");
}

}  // namespace
}  // namespace oracode::test
