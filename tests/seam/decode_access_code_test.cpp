#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "seam/decode.hpp"

namespace oracode::seam {
namespace {

constexpr Timestamp requested_at{std::chrono::seconds{1'772'500'000}};

Timestamp instant(std::string_view text) {
    return parse_rfc3339(text).value();
}

Result<lifecycle::Event> decode(std::string_view text,
                                lifecycle::Source source = lifecycle::Source::poll) {
    return decode_access_code(boost::json::parse(text), requested_at, source);
}

lifecycle::Event code_with(const std::string& members) {
    return decode(R"({"access_code_id":"c1")" + members + "}").value();
}

TEST(DecodeAccessCode, ReadsAllThatSeamShows) {
    const auto event = decode(R"({
        "access_code_id": "e9cf6dd6-89aa-477f-a701-c08f3de13c1f", "device_id": "c9cd621d-ef0c-45c8-b608-026ebdb74615",
        "workspace_id": "750fc0bc-4450-4356-8d9f-18c6a3a6b2c7", "name": "Guest Lee", "code": "123456789",
        "common_code_key": null, "type": "time_bound", "status": "setting", "is_managed": true, "is_backup": false,
        "is_offline_access_code": true, "is_one_time_use": false, "is_waiting_for_code_assignment": true, "is_scheduled_on_device": false,
        "created_at": "2026-03-02T15:00:00.000Z", "starts_at": "2026-03-05T15:00:00.000Z",
        "ends_at": "2026-03-08T03:00:00.000Z",
        "errors": [{"error_code": "new_kind", "message": "m", "created_at": "2026-03-02T15:00:00.000Z"}],
        "warnings": [],
        "pending_mutations": [{"mutation_code": "deferring_creation", "scheduled_at": "2026-03-02T15:00:00.000Z"}],
        "dormakaba_oracode_metadata": {"stay_id": 4711, "site_name": "Inn", "user_level_name": null}
    })",
                              lifecycle::Source::create)
                           .value();

    lifecycle::Event expected;
    expected.source = lifecycle::Source::create;
    expected.access_code_id = "e9cf6dd6-89aa-477f-a701-c08f3de13c1f";
    expected.device_id = "c9cd621d-ef0c-45c8-b608-026ebdb74615";
    expected.workspace_id = "750fc0bc-4450-4356-8d9f-18c6a3a6b2c7";
    expected.occurred_at = requested_at;
    expected.created_at = requested_at;
    expected.step = lifecycle::LifecycleStep::setting;
    expected.presence = lifecycle::Presence::managed;
    lifecycle::Facts& facts = expected.facts;
    facts.name.emplace("Guest Lee");
    facts.code.emplace("123456789");
    facts.type.emplace("time_bound");
    facts.is_offline_access_code.emplace(true);
    facts.created_at.emplace(instant("2026-03-02T15:00:00Z"));
    facts.starts_at.emplace(instant("2026-03-05T15:00:00Z"));
    facts.ends_at.emplace(instant("2026-03-08T03:00:00Z"));
    facts.errors.emplace(
        R"([{"error_code":"new_kind","message":"m","created_at":"2026-03-02T15:00:00.000Z"}])");
    facts.warnings.emplace("[]");
    facts.pending_mutations.emplace(
        R"([{"mutation_code":"deferring_creation","scheduled_at":"2026-03-02T15:00:00.000Z"}])");
    facts.is_waiting_for_code_assignment.emplace(true);
    facts.dormakaba_oracode_metadata.emplace(
        R"({"stay_id":4711,"site_name":"Inn","user_level_name":null})");
    EXPECT_EQ(event, expected);
}

TEST(DecodeAccessCode, ReadsEachStatusOfSeam) {
    const std::vector<std::pair<std::string, std::optional<lifecycle::LifecycleStep>>> statuses{
        {R"("unset")", lifecycle::LifecycleStep::unset},
        {R"("setting")", lifecycle::LifecycleStep::setting},
        {R"("set")", lifecycle::LifecycleStep::set},
        {R"("removing")", lifecycle::LifecycleStep::removing},
        {R"("unknown")", lifecycle::LifecycleStep::unknown},
        {R"("brand_new")", std::nullopt},
        {R"("SET")", std::nullopt},
        {R"("")", std::nullopt},
        {"null", std::nullopt},
        {"1", std::nullopt},
        {R"({"set":true})", std::nullopt}};
    for (const auto& [text, step] : statuses) {
        const auto event = code_with(",\"status\":" + text);
        EXPECT_EQ(event.step, step) << text;
        EXPECT_FALSE(event.refetch) << text;
    }
}

// A list may leave out what a get shows.
TEST(DecodeAccessCode, DoesNotTellWhatIsAbsent) {
    const auto event = code_with("");
    EXPECT_EQ(event.facts, lifecycle::Facts{});
    EXPECT_EQ(event.step, std::nullopt);
    EXPECT_FALSE(event.refetch);
    EXPECT_EQ(event.device_id, "");
}

TEST(DecodeAccessCode, ReadsNullAsNone) {
    const auto facts =
        code_with(
            R"(,"name":null,"code":null,"type":null,"is_offline_access_code":null,"starts_at":null,
        "ends_at":null,"created_at":null,"errors":null,"warnings":null,"pending_mutations":null,
        "dormakaba_oracode_metadata":null)")
            .facts;
    lifecycle::Facts none;
    none.name.emplace(std::nullopt);
    none.code.emplace(std::nullopt);
    none.type.emplace(std::nullopt);
    none.is_offline_access_code.emplace(std::nullopt);
    none.starts_at.emplace(std::nullopt);
    none.ends_at.emplace(std::nullopt);
    none.created_at.emplace(std::nullopt);
    none.errors.emplace(std::nullopt);
    none.warnings.emplace(std::nullopt);
    none.pending_mutations.emplace(std::nullopt);
    none.dormakaba_oracode_metadata.emplace(std::nullopt);
    EXPECT_EQ(facts, none);
}

TEST(DecodeAccessCode, DoesNotTellWhatHasAnotherType) {
    const auto facts =
        code_with(R"(,"name":5,"code":1234,"type":[],"is_offline_access_code":"true","starts_at":0,
        "ends_at":"tomorrow","created_at":{},"errors":{},"warnings":"[]","pending_mutations":true,
        "dormakaba_oracode_metadata":[])")
            .facts;
    EXPECT_EQ(facts, lifecycle::Facts{});
}

TEST(DecodeAccessCode, TellsThatAListIsEmptyAndAFlagFalse) {
    const auto facts = code_with(R"(,"errors":[],"is_offline_access_code":false,"name":"")").facts;
    EXPECT_EQ(facts.errors->value(), "[]");
    EXPECT_EQ(facts.is_offline_access_code->value(), false);
    EXPECT_EQ(facts.name->value(), "");
}

TEST(DecodeAccessCode, RefusesWhatIsNoAccessCode) {
    for (const auto* text :
         {"null", "[]", "\"c1\"", "{}", R"({"access_code_id":""})", R"({"access_code_id":null})",
          R"({"access_code_id":1})", R"({"access_code":{"access_code_id":"c1"}})"}) {
        const auto event = decode(text);
        ASSERT_FALSE(event.has_value()) << text;
        EXPECT_EQ(event.error().code, Errc::invalid_argument);
    }
}

}  // namespace
}  // namespace oracode::seam
