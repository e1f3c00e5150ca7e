#include "notify/compose.hpp"

#include <gmock/gmock.h>

#include "store/fixture.hpp"

namespace oracode::test {
namespace {

using lifecycle::LifecycleStep;

class Compose : public StoreTest {
protected:
    [[nodiscard]] std::optional<notify::Message> compose(NotificationType type,
                                                         std::int64_t refers_to) const {
        store::Reader reader(path());
        store::PendingNotification pending;
        pending.message_id = "msg_1";
        pending.type = type;
        pending.refers_to = refers_to;
        pending.created_at = at(5);
        return notify::compose(reader, pending, {.now = now_.load()});
    }
};

TEST_F(Compose, GivesAChangeTheIdAndMomentOfItsPlaceInTheOutbox) {
    open();
    ASSERT_TRUE(record(make_event("e1", "code1", LifecycleStep::unset, 1)));
    ASSERT_TRUE(record(make_event("e2", "code1", LifecycleStep::set, 2)));
    const auto message = compose(NotificationType::access_code_changed, 2);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->id, "msg_1");
    EXPECT_EQ(message->at, at(5));
    EXPECT_EQ(message->title, "Access code set");
    EXPECT_EQ(message->data.at("event_id"), "e2");
}

TEST_F(Compose, ShowsAnAlertWithItsCodeAsItIsNow) {
    open();
    auto failed = make_event("e1", "code1", LifecycleStep::unset, 1);
    failed.facts.errors = R"([{"error_code":"failed_to_set_on_device","message":"m"}])";
    ASSERT_TRUE(record(failed));
    const auto alerts = store::Reader(path()).alerts({}).value().alerts;
    ASSERT_EQ(alerts.size(), 1U);
    ASSERT_TRUE(record(make_event("e2", "code1", LifecycleStep::removed, 2)));
    const auto message = compose(NotificationType::alert_opened, alerts.front().id);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->type, "alert.opened");
    EXPECT_EQ(message->data.at("access_code").at("access_code_id"), "code1");
    EXPECT_FALSE(message->data.at("access_code").at("ended").is_null());
}

TEST_F(Compose, HasNothingToSayOfWhatIsNotKept) {
    open();
    ASSERT_TRUE(record(make_event("e1", "code1", LifecycleStep::unset, 1)));
    EXPECT_FALSE(compose(NotificationType::access_code_changed, 2));
    EXPECT_FALSE(compose(NotificationType::alert_opened, 1));
}

}  // namespace
}  // namespace oracode::test
