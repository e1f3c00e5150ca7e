#include "representation/alert_json.hpp"

#include <gtest/gtest.h>

namespace oracode::test {
namespace {

namespace json = boost::json;

constexpr Timestamp noon{Duration{1'770'000'000'250}};

TEST(AlertJson, HasTheMembersOfTheContractAndNoOther) {
    EXPECT_EQ(representation::to_json(store::Alert{.id = 7,
                                                   .kind = lifecycle::AlertKind::failed,
                                                   .access_code_id = "code1",
                                                   .device_id = "lock1",
                                                   .opened_at = noon,
                                                   .closed_at = noon,
                                                   .detail = "why"}),
              (json::object{{"id", 7},
                            {"kind", "failed"},
                            {"access_code_id", "code1"},
                            {"device_id", "lock1"},
                            {"opened_at", "2026-02-02T02:40:00.250Z"},
                            {"closed_at", "2026-02-02T02:40:00.250Z"},
                            {"detail", "why"}}));
}

TEST(AlertJson, OfTheDaemonAndStillOpenHasNulls) {
    const auto object = representation::to_json(
        store::Alert{.id = 8, .kind = lifecycle::AlertKind::disk, .opened_at = noon});
    for (const auto* member : {"access_code_id", "device_id", "closed_at"})
        EXPECT_TRUE(object.at(member).is_null()) << member;
}

TEST(AlertJson, ShowsHowEachNotificationStands) {
    const std::vector<store::AlertDelivery> deliveries{
        {"desk", NotificationType::alert_opened, DeliveryState::pending, 2, noon, "answered 500"},
        {"phone", NotificationType::alert_closed, DeliveryState::delivered, 1, {}, ""}};
    const auto shown = representation::to_json(deliveries);
    ASSERT_EQ(shown.size(), 2U);
    EXPECT_EQ(shown[0], (json::object{{"target", "desk"},
                                      {"type", "alert.opened"},
                                      {"state", "pending"},
                                      {"attempts", 2},
                                      {"next_attempt_at", "2026-02-02T02:40:00.250Z"},
                                      {"last_error", "answered 500"}}));
    EXPECT_TRUE(shown[1].at("next_attempt_at").is_null());
    EXPECT_TRUE(shown[1].at("last_error").is_null());
}

}  // namespace
}  // namespace oracode::test
