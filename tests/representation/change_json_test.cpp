#include "representation/change_json.hpp"

#include <gtest/gtest.h>

#include "representation/changes.hpp"

namespace oracode::test {
namespace {

namespace json = boost::json;

TEST(ChangeJson, HasTheMembersOfTheContractAndNoOther) {
    const auto object = representation::to_json(change());
    for (const auto* member :
         {"seq", "access_code_id", "device_id", "from", "to", "at", "recorded_at", "source",
          "event_id", "event_type", "ready", "external_id"})
        EXPECT_TRUE(object.contains(member)) << member;
    EXPECT_EQ(object.size(), 12U);
    EXPECT_TRUE(object.at("from").is_null()) << "the first one";
    EXPECT_EQ(object.at("to"), "set");
}

TEST(ChangeJson, ADeviceThatIsNotKnownIsNull) {
    auto made = change();
    made.device_id.clear();
    EXPECT_TRUE(representation::to_json(made).at("device_id").is_null());
}

}  // namespace
}  // namespace oracode::test
