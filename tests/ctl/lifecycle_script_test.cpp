#include "ctl/lifecycle_script.hpp"

#include <set>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace oracode::ctl {
namespace {

namespace json = boost::json;
using testing::MatchesRegex;

const Subject subject{"code-1", "device-1"};
const Timestamp now = parse_rfc3339("2026-03-02T15:00:00.000Z").value();

json::object event(std::string_view type, Timestamp at = now) {
    return json::parse(event_body(*find_event_kind(type), subject, at)).as_object();
}

TEST(LifecycleScript, EveryEventCarriesWhatSeamsEventsCarry) {
    const auto is_uuid =
        MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-[45][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
    for (const auto& kind : event_kinds()) {
        const auto made = event(kind.type);
        for (const auto* name : {"event_id", "workspace_id", "connected_account_id"})
            EXPECT_THAT(json::value_to<std::string>(made.at(name)), is_uuid) << kind.type << name;
        EXPECT_EQ(made.at("event_type").as_string(), "access_code." + std::string(kind.type));
        EXPECT_EQ(made.at("access_code_id"), "code-1");
        EXPECT_EQ(made.at("device_id"), "device-1");
        EXPECT_EQ(made.at("occurred_at"), "2026-03-02T15:00:00.000Z");
        EXPECT_EQ(made.at("created_at"), "2026-03-02T15:00:00.123Z");
    }
}

TEST(LifecycleScript, GoesInTheOrderOfACodesLife) {
    std::vector<std::string_view> types;
    for (const auto* kind : usual_lifecycle()) types.push_back(kind->type);
    EXPECT_EQ(types,
              (std::vector<std::string_view>{"created", "scheduled_on_device",
                                             "delay_in_setting_on_device", "set_on_device"}));
}

TEST(LifecycleScript, ThePinIsNineDigitsAndStaysTheSame) {
    const auto first = json::value_to<std::string>(event("scheduled_on_device").at("code"));
    EXPECT_THAT(first, MatchesRegex("[0-9]{9}"));
    EXPECT_EQ(event("set_on_device").at("code").as_string(), first);
    EXPECT_FALSE(event("created").contains("code"));
}

TEST(LifecycleScript, EveryEventHasAnIdOfItsOwn) {
    EXPECT_NE(event("created").at("event_id"), event("created").at("event_id"));
    EXPECT_EQ(event("created").at("workspace_id"), event("set_on_device").at("workspace_id"));
}

TEST(LifecycleScript, FailuresAndDelaysSayWhatIsWrong) {
    const auto failed = event("failed_to_set_on_device");
    EXPECT_EQ(failed.at("access_code_errors").at(0).at("error_code"), "failed_to_set_on_device");
    EXPECT_EQ(failed.at("access_code_errors").at(0).at("is_access_code_error"), true);
    EXPECT_TRUE(failed.at("access_code_warnings").as_array().empty());
    const auto delayed = event("delay_in_setting_on_device");
    EXPECT_EQ(delayed.at("access_code_warnings").at(0).at("warning_code"),
              "delay_in_setting_on_device");
    EXPECT_TRUE(delayed.at("access_code_errors").as_array().empty());
}

TEST(LifecycleScript, OccurrencesRiseAndNeverLieInTheFuture) {
    using std::chrono::milliseconds;
    for (const auto interval : {Duration{0}, milliseconds{300}, milliseconds{5000}}) {
        Timestamp before = Timestamp::min();
        for (std::size_t i = 0; i < 4; ++i) {
            const auto at = occurrence(i, 4, now, interval);
            const auto delivered = now + interval * static_cast<int>(i);
            EXPECT_LE(at + milliseconds{123}, delivered);
            if (i > 0) {
                EXPECT_GE(at - before, milliseconds{1000});
            }
            before = at;
        }
    }
}

TEST(LifecycleScript, FindsKindsByEitherName) {
    EXPECT_EQ(find_event_kind("access_code.set_on_device"), find_event_kind("set_on_device"));
    EXPECT_NE(find_event_kind("deleted"), nullptr);
    for (const auto* type : {"", "set", "access_code.", "device.removed"})
        EXPECT_EQ(find_event_kind(type), nullptr);
}

}  // namespace
}  // namespace oracode::ctl
