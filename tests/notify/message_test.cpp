#include "notify/message.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace oracode::notify {
namespace {

using testing::HasSubstr;
using testing::Not;

namespace json = boost::json;

constexpr Timestamp noon{Duration{1'770'000'000'250}};

lifecycle::AccessCode adas_code() {
    lifecycle::AccessCode code;
    code.access_code_id = "code1";
    code.device_id = "lock1";
    code.name.value = "Ada Lovelace";
    code.code.value = "700001";
    return code;
}

store::Alert alert() {
    return {.id = 7,
            .kind = lifecycle::AlertKind::not_in_order,
            .access_code_id = "code1",
            .device_id = "lock1",
            .opened_at = noon,
            .detail = "it is not registered with the lock"};
}

TEST(NotifyMessage, SaysAChangeAsTheFeedHasIt) {
    store::Change change;
    change.seq = 4;
    change.access_code_id = "code1";
    change.device_id = "lock1";
    change.transition = {lifecycle::Status::unset,
                         lifecycle::Status::set,
                         noon,
                         noon,
                         lifecycle::Source::webhook,
                         "e1",
                         "t1"};
    change.ready = true;
    const auto message = change_message(change, adas_code());
    EXPECT_EQ(message.type, "access_code.changed");
    EXPECT_EQ(message.data, representation::to_json(change));
    EXPECT_EQ(message.title, "Access code set");
    EXPECT_THAT(message.text, HasSubstr("Ada Lovelace"));
    EXPECT_THAT(message.text, HasSubstr("unset to set"));
    EXPECT_THAT(json::serialize(message.data) + message.text, Not(HasSubstr("700001")));
    EXPECT_THAT(change_message(change, std::nullopt).text, HasSubstr("code1"));
}

TEST(NotifyMessage, SaysAnAlertWithItsCodeButNoPin) {
    const auto message =
        alert_message(NotificationType::alert_opened, alert(), adas_code(), {.now = noon});
    EXPECT_EQ(message.type, "alert.opened");
    EXPECT_EQ(message.title, "Alert: not in order");
    EXPECT_EQ(message.text, "it is not registered with the lock\nAda Lovelace, lock lock1");
    EXPECT_EQ(message.urgency, Urgency::trouble);
    EXPECT_EQ(message.data.at("id"), 7);
    EXPECT_EQ(message.data.at("access_code").at("access_code_id"), "code1");
    EXPECT_THAT(json::serialize(message.data), Not(HasSubstr("700001")));
}

TEST(NotifyMessage, SaysThatAnAlertIsOverAndWhereItWasOfNoCode) {
    auto about_daemon = alert();
    about_daemon.access_code_id.clear();
    about_daemon.device_id.clear();
    about_daemon.kind = lifecycle::AlertKind::disk;
    const auto message = alert_message(NotificationType::alert_closed, about_daemon, {}, {});
    EXPECT_EQ(message.type, "alert.closed");
    EXPECT_EQ(message.title, "Over: disk");
    EXPECT_EQ(message.text, about_daemon.detail);
    EXPECT_EQ(message.urgency, Urgency::relief);
    EXPECT_TRUE(message.data.at("access_code").is_null());
}

TEST(NotifyMessage, NamesACodeThatHasNoNameByItsIdAndSaysItsTimes) {
    auto code = adas_code();
    code.name.value.reset();
    EXPECT_EQ(in_words(code), "Access code code1, lock lock1");
    code.starts_at.value = noon;
    code.ends_at.value = noon + std::chrono::hours{1};
    EXPECT_EQ(in_words(code),
              "Access code code1, lock lock1, from 2026-02-02T02:40:00.250Z to "
              "2026-02-02T03:40:00.250Z");
}

}  // namespace
}  // namespace oracode::notify
