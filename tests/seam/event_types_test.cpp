#include "seam/event_types.hpp"

#include <gtest/gtest.h>

namespace oracode::seam {
namespace {

TEST(EventTypes, ThatReachMoreThanOneCodeMakeThemDue) {
    const std::vector<std::pair<std::string_view, lifecycle::Reach>> wide{
        {"connected_account.connected", lifecycle::Reach::account},
        {"connected_account.deleted", lifecycle::Reach::account},
        {"connected_account.completed_first_sync_after_reconnection", lifecycle::Reach::account},
        {"device.connected", lifecycle::Reach::device},
        {"device.disconnected", lifecycle::Reach::device},
        {"device.removed", lifecycle::Reach::device},
        {"device.deleted", lifecycle::Reach::device},
    };
    for (const auto& [type, reach] : wide) {
        EXPECT_EQ(meaning_of(type).reach, reach) << type;
        EXPECT_EQ(meaning_of(type).step, std::nullopt) << type;
        EXPECT_TRUE(meaning_of(type).refetch) << type;
    }
}

TEST(EventTypes, OnlyALostAccountMakesCodesUnknown) {
    for (const auto& type : event_types())
        EXPECT_EQ(type.meaning.step == lifecycle::LifecycleStep::unknown,
                  type.name == "connected_account.disconnected")
            << type.name;
}

TEST(EventTypes, AboutOneCodeAlwaysSayThatItIsThere) {
    for (const auto& type : event_types())
        if (concerns_access_code(type.name)) {
            EXPECT_EQ(type.meaning.reach, lifecycle::Reach::code) << type.name;
            EXPECT_TRUE(type.meaning.step.has_value()) << type.name;
        } else {
            EXPECT_NE(type.meaning.reach, lifecycle::Reach::code) << type.name;
        }
}

TEST(EventTypes, AreFoundByTheirWholeNameOnly) {
    for (const auto& type : event_types()) {
        EXPECT_EQ(meaning_of(type.name).step, type.meaning.step) << type.name;
        const auto longer = std::string{type.name} + "_";
        const auto unlisted = meaning_of(longer);
        EXPECT_EQ(unlisted.reach, lifecycle::Reach::code) << longer;
        EXPECT_EQ(unlisted.step, concerns_access_code(longer)
                                     ? std::optional{lifecycle::LifecycleStep::seen}
                                     : std::nullopt)
            << longer;
    }
    EXPECT_FALSE(meaning_of("").refetch);
}

}  // namespace
}  // namespace oracode::seam
