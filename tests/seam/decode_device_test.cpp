#include "seam/decode_device.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "support/fake_locks.hpp"

namespace oracode::seam {
namespace {

namespace json = boost::json;
using test::metadata_of;
using test::sample_lock;

Device decoded(const json::object& device) {
    return decode_device(device).value();
}

userlevel::UserLevel level_of(const std::string& members) {
    auto lock = sample_lock();
    metadata_of(lock)["predefined_time_slots"] = json::parse("[{" + members + "}]");
    return decoded(lock).lock.time_slots.at(0);
}

TEST(DecodeDevice, ReadsSeamsSample) {
    const auto device = decoded(sample_lock());
    const auto& lock = device.lock;
    EXPECT_EQ(lock.device_id, "lock1");
    EXPECT_EQ(lock.name, "Cabin 7");
    EXPECT_EQ(lock.iana_timezone, "America/Los_Angeles");
    EXPECT_EQ(lock.can_program_offline_access_codes, true);
    EXPECT_TRUE(device.is_oracode);
    EXPECT_EQ(device.online, true);
    EXPECT_EQ(device.site_name, "Lakeside");
    EXPECT_EQ(device.door_name, "Cabin 7");
    EXPECT_EQ(device.device_type, "dormakaba_oracode_door");
    EXPECT_EQ(device.connected_account_id, "2a5c2c0e-2a8c-4f1f-9b1e-3a5f6b7c8d90");
    ASSERT_EQ(lock.time_slots.size(), 2U);
    const auto& whole_days = lock.time_slots[1];
    EXPECT_EQ(whole_days.name, "Whole days");
    EXPECT_EQ(whole_days.prefix, 2);
    EXPECT_EQ(whole_days.user_level_prefix, 2) << "under its other name";
    EXPECT_EQ(whole_days.check_in_time, "00:00:00-08:00[America/Los_Angeles]");
    EXPECT_TRUE(whole_days.is_24_hour);
    EXPECT_FALSE(whole_days.is_master);
    EXPECT_EQ(whole_days.user_level_id, "5c0a3ac4-1ad3-4c39-bf6f-1b3f9a6d7e21");
    EXPECT_EQ(lock.time_slots[0].user_level_prefix, 1);
}

TEST(DecodeDevice, TakesPrefixesAsTheyCome) {
    const std::pair<const char*, std::optional<int>> rows[] = {
        {R"("prefix":7)", 7},     {R"("prefix":7.0)", 7},    {R"("prefix":0)", 0},
        {R"("prefix":-1)", -1},   {R"("prefix":7.5)", {}},   {R"("prefix":"7")", {}},
        {R"("prefix":null)", {}}, {R"("prefix":1e300)", {}}, {R"("prefix":[7])", {}},
        {R"("name":"none")", {}},
    };
    for (const auto& [members, expected] : rows)
        EXPECT_EQ(level_of(members).prefix, expected) << members;
    EXPECT_EQ(level_of(R"("dormakaba_oracode_user_level_prefix":3.0)").user_level_prefix, 3);
    EXPECT_EQ(level_of(R"("ext_dormakaba_oracode_user_level_prefix":4.0)").user_level_prefix, 4);
    EXPECT_EQ(level_of(R"("dormakaba_oracode_user_level_prefix":null,)"
                       R"("ext_dormakaba_oracode_user_level_prefix":5)")
                  .user_level_prefix,
              5);
}

TEST(DecodeDevice, TakesWhatIsOfAnotherTypeForAbsent) {
    auto lock = sample_lock();
    const auto device = [&] { return decoded(lock); };
    lock["can_program_offline_access_codes"] = "true";
    EXPECT_EQ(device().lock.can_program_offline_access_codes, std::nullopt);
    lock.erase("can_program_offline_access_codes");
    EXPECT_EQ(device().lock.can_program_offline_access_codes, std::nullopt);
    lock["can_program_offline_access_codes"] = false;
    EXPECT_EQ(device().lock.can_program_offline_access_codes, false);
    lock["device_type"] = 3;
    EXPECT_EQ(device().device_type, "");
    metadata_of(lock)["iana_timezone"] = nullptr;
    EXPECT_EQ(device().lock.iana_timezone, "");
    EXPECT_EQ(userlevel::zone_name(device().lock), "America/Los_Angeles") << "from a slot";
    metadata_of(lock)["predefined_time_slots"] = json::array{nullptr, 1, "slot", json::object{}};
    ASSERT_EQ(device().lock.time_slots.size(), 1U);
    EXPECT_EQ(device().lock.time_slots[0], userlevel::UserLevel{});
    metadata_of(lock)["predefined_time_slots"] = "none";
    EXPECT_TRUE(device().lock.time_slots.empty());
    lock["properties"].as_object()["dormakaba_oracode_metadata"] = nullptr;
    EXPECT_FALSE(device().is_oracode);
    lock["properties"] = json::array{};
    EXPECT_EQ(device().online, std::nullopt);
    EXPECT_EQ(device().lock.name, "Cabin 7");
    lock.erase("display_name");
    lock.erase("nickname");
    EXPECT_EQ(device().lock.name, "");
    lock["properties"] = {{"name", "Door"}};
    EXPECT_EQ(device().lock.name, "Door");
}

TEST(DecodeDevice, RefusesWhatIsNoDevice) {
    for (const auto* text : {"null", "[]", "1", R"("lock1")", "{}", R"({"device_id":""})",
                             R"({"device_id":7})", R"({"device_id":null})"}) {
        const auto device = decode_device(json::parse(text));
        ASSERT_FALSE(device) << text;
        EXPECT_EQ(device.error().code, Errc::invalid_argument) << text;
    }
}

TEST(DecodeDevice, AnExcerptTellsTheSameAndNothingElse) {
    auto lock = sample_lock();
    lock["custom_metadata"] = {{"secret", "4711"}};
    const auto text = excerpt(lock);
    EXPECT_EQ(decode_device(json::parse(text)).value(), decoded(lock));
    EXPECT_EQ(text.find("4711"), std::string::npos);
    EXPECT_EQ(text.find("location"), std::string::npos);
    const json::object bare{{"device_id", "lock2"}};
    EXPECT_EQ(decode_device(json::parse(excerpt(bare))).value(), decoded(bare));
}

}  // namespace
}  // namespace oracode::seam
