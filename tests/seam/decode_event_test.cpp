#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "seam/decode.hpp"
#include "support/paths.hpp"

namespace oracode::seam {
namespace {

constexpr Timestamp received_at{std::chrono::seconds{1'772'500'000}};

Timestamp instant(std::string_view text) {
    return parse_rfc3339(text).value();
}

std::string read(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

Result<lifecycle::Event> decode(std::string_view body) {
    return decode_event(body, received_at, lifecycle::Source::webhook);
}

// An access-code event with `members` (", …" in JSON) beside the least that an event needs.
lifecycle::Event event_with(const std::string& members,
                            const std::string& type = "access_code.set_on_device") {
    return decode(R"({"event_id":"e1","event_type":")" + type + "\"" + members + "}").value();
}

struct Meaning {
    std::optional<lifecycle::LifecycleStep> step;
    bool refetch = false;
    lifecycle::Facts facts;
};

lifecycle::Facts with(void (*tell)(lifecycle::Facts&)) {
    lifecycle::Facts facts;
    tell(facts);
    return facts;
}

constexpr const char* delay_text =
    R"([{"warning_code":"delay_in_setting_on_device","message":"Delay in setting code on device.",)"
    R"("created_at":"2026-03-02T15:00:00.000Z"}])";
constexpr const char* failure_text =
    R"([{"error_code":"failed_to_set_on_device","message":"Failed to set code on device.",)"
    R"("created_at":"2026-03-02T15:00:00.000Z","is_access_code_error":true}])";

std::map<std::string, Meaning> documented_meanings() {
    const lifecycle::Facts nothing;
    const lifecycle::Facts pin = with([](lifecycle::Facts& f) { f.code.emplace("123456789"); });
    const lifecycle::Facts delay = with([](lifecycle::Facts& f) {
        f.errors.emplace("[]");
        f.warnings.emplace(delay_text);
    });
    const lifecycle::Facts failure = with([](lifecycle::Facts& f) {
        f.errors.emplace(failure_text);
        f.warnings.emplace("[]");
    });
    const auto told = [](const std::string& code, const std::string& message) {
        lifecycle::Facts facts;
        facts.errors.emplace(R"([{"error_code":")" + code + R"(","message":")" + message +
                             R"(","created_at":"2026-03-02T15:00:00.000Z",)"
                             R"("is_access_code_error":true}])");
        facts.warnings.emplace("[]");
        return facts;
    };
    const lifecycle::Facts not_issued = with([](lifecycle::Facts& f) {
        f.errors.emplace("[]");
        f.warnings.emplace(
            R"([{"warning_code":"delay_in_issuing","message":"The code has not been issued yet.",)"
            R"("created_at":"2026-03-02T15:00:00.000Z"}])");
    });
    return {
        {"issued", {lifecycle::LifecycleStep::set, true, pin}},
        {"delay_in_issuing", {lifecycle::LifecycleStep::setting, false, not_issued}},
        {"failed_to_issue",
         {lifecycle::LifecycleStep::setting, false,
          told("failed_to_issue", "The code could not be issued before its start.")}},
        {"failed_to_update",
         {lifecycle::LifecycleStep::seen, true,
          told("failed_to_update", "The requested change could not be applied.")}},
        {"failed_to_expire",
         {lifecycle::LifecycleStep::seen, true,
          told("failed_to_expire", "The code is still active on the lock.")}},
        {"backup_access_code_pulled", {lifecycle::LifecycleStep::seen, true, nothing}},
        {"changed", {lifecycle::LifecycleStep::seen, true, nothing}},
        {"code_changed", {lifecycle::LifecycleStep::seen, true, pin}},
        {"created", {lifecycle::LifecycleStep::created, true, with([](lifecycle::Facts& f) {
                         f.created_at.emplace(instant("2026-03-02T15:00:00.000Z"));
                     })}},
        {"delay_in_removing_from_device", {lifecycle::LifecycleStep::removing, false, delay}},
        {"delay_in_setting_on_device", {lifecycle::LifecycleStep::setting, false, delay}},
        {"deleted", {lifecycle::LifecycleStep::deleted, false, pin}},
        {"deleted_external_to_seam", {lifecycle::LifecycleStep::setting, true, nothing}},
        {"failed_to_remove_from_device", {lifecycle::LifecycleStep::removing, false, failure}},
        {"failed_to_set_on_device", {lifecycle::LifecycleStep::setting, false, failure}},
        {"modified_external_to_seam", {lifecycle::LifecycleStep::seen, true, nothing}},
        {"mutations_requested", {lifecycle::LifecycleStep::seen, true, nothing}},
        {"name_changed", {lifecycle::LifecycleStep::seen, true, with([](lifecycle::Facts& f) {
                              f.name.emplace("Guest Lee");
                          })}},
        {"removed_from_device", {lifecycle::LifecycleStep::removed, false, nothing}},
        {"scheduled_on_device", {lifecycle::LifecycleStep::created, true, pin}},
        {"set_on_device", {lifecycle::LifecycleStep::set, false, pin}},
        {"time_frame_changed", {lifecycle::LifecycleStep::seen, true, with([](lifecycle::Facts& f) {
                                    f.starts_at.emplace(instant("2026-03-05T15:00:00.000Z"));
                                    f.ends_at.emplace(instant("2026-03-09T03:00:00.000Z"));
                                })}},
        {"unmanaged.converted_to_managed", {lifecycle::LifecycleStep::seen, true, nothing}},
        {"unmanaged.created", {lifecycle::LifecycleStep::seen, true, nothing}},
        {"unmanaged.failed_to_convert_to_managed", {lifecycle::LifecycleStep::seen, true, failure}},
        {"unmanaged.removed", {lifecycle::LifecycleStep::seen, true, nothing}},
    };
}

TEST(DecodeEvent, UnderstandsEverySampleOfSeam) {
    const auto meanings = documented_meanings();
    std::size_t samples = 0;
    for (const auto& file : std::filesystem::directory_iterator(test::data_path("seam/events"))) {
        const auto type = file.path().stem().string();
        SCOPED_TRACE(type);
        const auto body = read(file.path());
        const auto json = boost::json::parse(body).as_object();
        const auto decoded = decode(body);
        ASSERT_TRUE(decoded.has_value());
        ASSERT_TRUE(meanings.contains(type.substr(std::string_view{"access_code."}.size())));
        const auto& meaning = meanings.at(type.substr(std::string_view{"access_code."}.size()));

        lifecycle::Event expected;
        expected.source = lifecycle::Source::webhook;
        expected.event_id = json.at("event_id").as_string();
        expected.event_type = type;
        expected.workspace_id = "750fc0bc-4450-4356-8d9f-18c6a3a6b2c7";
        expected.access_code_id = "e9cf6dd6-89aa-477f-a701-c08f3de13c1f";
        expected.device_id = "c9cd621d-ef0c-45c8-b608-026ebdb74615";
        expected.connected_account_id = "c3b55d0e-9a0b-4b5e-9a5c-52a0f4b1a9c1";
        expected.occurred_at = instant(json.at("occurred_at").as_string());
        expected.created_at = expected.occurred_at + std::chrono::milliseconds{123};
        expected.step = meaning.step;
        expected.refetch = meaning.refetch;
        expected.facts = meaning.facts;
        EXPECT_EQ(decoded.value(), expected);
        ++samples;
    }
    EXPECT_EQ(samples, 26U);
    EXPECT_EQ(meanings.size(), 26U);
}

TEST(DecodeEvent, KeepsItsSource) {
    EXPECT_EQ(decode_event(R"({"event_id":"e","event_type":"t"})", received_at,
                           lifecycle::Source::backfill)
                  .value()
                  .source,
              lifecycle::Source::backfill);
}

TEST(DecodeEvent, ReadsAnElementOfAListLikeADelivery) {
    const auto body = read(test::data_path("seam/events/access_code.set_on_device.json"));
    EXPECT_EQ(decode_listed_event(boost::json::parse(body), received_at, lifecycle::Source::webhook)
                  .value(),
              decode(body).value());
}

TEST(DecodeEvent, NeedsOnlyAnIdAndAType) {
    const auto event =
        decode(R"({"event_id":"e1","event_type":"access_code.set_on_device"})").value();
    lifecycle::Event expected;
    expected.event_id = "e1";
    expected.event_type = "access_code.set_on_device";
    expected.occurred_at = received_at;
    expected.created_at = Timestamp{};
    expected.step = lifecycle::LifecycleStep::set;
    EXPECT_EQ(event, expected);
}

TEST(DecodeEvent, TakesTheInstantThatIsStated) {
    const auto created = instant("2026-03-02T15:00:00.123Z");
    const auto occurred = instant("2026-03-02T15:00:00.000Z");
    const std::string created_text = R"(,"created_at":"2026-03-02T15:00:00.123Z")";
    const std::string occurred_text = R"(,"occurred_at":"2026-03-02T16:00:00.000+01:00")";

    const auto both = event_with(created_text + occurred_text);
    EXPECT_EQ(both.created_at, created);
    EXPECT_EQ(both.occurred_at, occurred);
    const auto only_created = event_with(created_text);
    EXPECT_EQ(only_created.created_at, created);
    EXPECT_EQ(only_created.occurred_at, created);
    const auto only_occurred = event_with(occurred_text);
    EXPECT_EQ(only_occurred.created_at, Timestamp{});
    EXPECT_EQ(only_occurred.occurred_at, occurred);
}

// Two deliveries of one event must be recognised as one, whenever they arrive.
TEST(DecodeEvent, OfAnEventWithoutCreatedAtHasTheSameIdentityEachTime) {
    const auto* body = R"({"event_id":"e","event_type":"t"})";
    const auto first = decode_event(body, received_at, lifecycle::Source::webhook).value();
    const auto again =
        decode_event(body, received_at + std::chrono::hours{1}, lifecycle::Source::webhook).value();
    EXPECT_EQ(first.created_at, again.created_at);
}

TEST(DecodeEvent, OfCreatedTellsWhenTheCodeWasMade) {
    const auto created = [](const std::string& members) {
        return event_with(members, "access_code.created").facts.created_at;
    };
    EXPECT_EQ(created(R"(,"occurred_at":"2026-03-02T15:00:00Z")")->value(),
              instant("2026-03-02T15:00:00Z"));
    EXPECT_EQ(created(R"(,"created_at":"2026-03-02T15:00:01Z")")->value(),
              instant("2026-03-02T15:00:01Z"));
    EXPECT_EQ(created(""), std::nullopt);
}

TEST(DecodeEvent, DoesNotTellWhatHasAnotherType) {
    const auto bare = event_with("");
    for (const std::string value :
         {"null", "1", "-1.5e300", "true", "[]", "[{}]", "{}", R"({"a":1})"}) {
        SCOPED_TRACE(value);
        auto members = std::string{};
        for (const auto* key :
             {"workspace_id", "access_code_id", "device_id", "connected_account_id", "created_at",
              "occurred_at", "code", "from", "to"})
            members += std::string{",\""} + key + "\":" + value;
        EXPECT_EQ(event_with(members), bare);
    }
    for (const std::string value : {"null", "1", "{}", "\"[]\"", "false"}) {
        SCOPED_TRACE(value);
        EXPECT_EQ(event_with(fmt::format(R"(,"access_code_errors":{0},"access_code_warnings":{0})",
                                         value)),
                  bare);
    }
}

TEST(DecodeEvent, DoesNotTellAnInstantItCannotRead) {
    for (const std::string text :
         {"", "yesterday", "2026-03-02", "2026-02-30T00:00:00Z", "1772463600"})
        EXPECT_EQ(
            event_with(fmt::format(R"(,"created_at":"{0}","occurred_at":"{0}")", text)).occurred_at,
            received_at)
            << text;
}

TEST(DecodeEvent, ReadsAChangeToNoneAsNone) {
    EXPECT_EQ(event_with(R"(,"to":{"name":null})", "access_code.name_changed").facts.name,
              std::make_optional(std::optional<std::string>{}));
    EXPECT_EQ(event_with(R"(,"to":{"code":null})", "access_code.code_changed").facts.code,
              std::make_optional(std::optional<std::string>{}));
    const auto window = event_with(R"(,"to":{"starts_at":null,"ends_at":"2026-03-09T03:00:00Z"})",
                                   "access_code.time_frame_changed");
    EXPECT_EQ(window.facts.starts_at, std::make_optional(std::optional<Timestamp>{}));
    EXPECT_EQ(window.facts.ends_at->value(), instant("2026-03-09T03:00:00Z"));
}

TEST(DecodeEvent, ReadsOnlyTheChangeThatTheTypeNames) {
    const std::string to =
        R"(,"to":{"name":"N","code":"1","starts_at":"2026-03-09T03:00:00Z","ends_at":null})";
    const auto facts = event_with(to, "access_code.name_changed").facts;
    EXPECT_EQ(facts.name->value(), "N");
    EXPECT_EQ(facts.code, std::nullopt);
    EXPECT_EQ(facts.starts_at, std::nullopt);
    EXPECT_EQ(event_with(to, "access_code.changed").facts, lifecycle::Facts{});
    EXPECT_EQ(event_with(R"(,"to":{},"from":{"name":"old"})", "access_code.name_changed").facts,
              lifecycle::Facts{});
}

TEST(DecodeEvent, KeepsErrorsOfAnyKind) {
    const auto* list =
        R"([{"error_code":"brand_new","extra":{"deep":[1,2.5,null,true]}},"text",18446744073709551615])";
    const auto event = event_with(std::string{",\"access_code_errors\":"} + list,
                                  "access_code.failed_to_set_on_device");
    EXPECT_EQ(boost::json::parse(event.facts.errors->value()), boost::json::parse(list));
    EXPECT_EQ(event.facts.warnings, std::nullopt);
}

TEST(DecodeEvent, OfAnUnknownAccessCodeTypeLeavesTheStatusAndAsksForAFetch) {
    const auto event = event_with(R"(,"access_code_id":"c1")", "access_code.brand_new");
    EXPECT_EQ(event.step, lifecycle::LifecycleStep::seen);
    EXPECT_TRUE(event.refetch);
    EXPECT_EQ(event.reach, lifecycle::Reach::code);
    EXPECT_EQ(event.access_code_id, "c1");
}

// `lock.unlocked` names the code that opened the lock: no reason to track that code.
TEST(DecodeEvent, OfAnythingElseConcernsNoCode) {
    const std::string members =
        R"(,"access_code_id":"c1","device_id":"d1","code":"1234","access_code_errors":[])";
    for (const auto* type :
         {"lock.unlocked", "thermostat.set", "access_codes.created", "access_code",
          "ACCESS_CODE.created", "device.low_battery", "\xF0\x9F\x94\x91"}) {
        const auto event = event_with(members, type);
        EXPECT_EQ(event.event_type, type);
        EXPECT_EQ(event.access_code_id, "") << type;
        EXPECT_EQ(event.device_id, "d1") << type;
        EXPECT_EQ(event.step, std::nullopt) << type;
        EXPECT_FALSE(event.refetch) << type;
        EXPECT_EQ(event.reach, lifecycle::Reach::code) << type;
        EXPECT_EQ(event.facts, lifecycle::Facts{}) << type;
    }
}

TEST(DecodeEvent, OfALostAccountReachesEveryCodeBeneathIt) {
    const auto event =
        event_with(R"(,"connected_account_id":"a1")", "connected_account.disconnected");
    EXPECT_EQ(event.reach, lifecycle::Reach::account);
    EXPECT_EQ(event.connected_account_id, "a1");
    EXPECT_EQ(event.step, lifecycle::LifecycleStep::unknown);
    EXPECT_TRUE(event.refetch);
}

TEST(DecodeEvent, TakesTheLastOfRepeatedMembers) {
    const auto event = decode(R"({"event_id":"a","event_type":"t","event_id":"b"})").value();
    EXPECT_EQ(event.event_id, "b");
    EXPECT_FALSE(decode(R"({"event_id":"a","event_type":"t","event_id":null})").has_value());
}

TEST(DecodeEvent, UnderstandsEscapesAndAnyText) {
    const auto event =
        decode(R"( {"event_\u0069d":"e\u00e4\"\u0000","event_type":"t\\","x":1e400} )"
               "\r\n\t")
            .value();
    EXPECT_EQ(event.event_id, std::string("e\xC3\xA4\"\0", 5));
    EXPECT_EQ(event.event_type, "t\\");
}

TEST(DecodeEvent, RefusesWhatIsNotJson) {
    const std::string good = R"({"event_id":"e","event_type":"t"})";
    for (const std::string& body :
         {std::string{}, std::string{" "}, std::string{"PIN 4711"}, std::string{"{"},
          good.substr(0, good.size() - 1), good + "x", good + good, good + std::string(1, '\0'),
          std::string(1, '\0') + good, std::string{R"({'event_id':'e','event_type':'t'})"},
          std::string{R"({"event_id":"e","event_type":"t",})"},
          std::string{R"({"event_id":"e","event_type":"t","n":NaN})"},
          std::string{R"({"event_id":"e","event_type":"t","n":01})"},
          std::string{"event_id=e&event_type=t"}}) {
        const auto event = decode(body);
        ASSERT_FALSE(event.has_value()) << body;
        EXPECT_EQ(event.error().code, Errc::invalid_argument);
        EXPECT_TRUE(event.error().detail.starts_with("not JSON")) << event.error().detail;
        EXPECT_EQ(event.error().detail.find("4711"), std::string::npos);
    }
}

TEST(DecodeEvent, ASpoiltTextSpoilsItselfAtMost) {
    const std::string body = R"({"event_id":"e","event_type":"t","n":"Guest \ud83d","m":")"
                             "\xFF\"}";
    std::string mended;
    const auto event = decode_event(body, received_at, lifecycle::Source::webhook, &mended);
    ASSERT_TRUE(event.has_value());
    EXPECT_EQ(event->event_id, "e");
    EXPECT_EQ(boost::json::parse(mended).at("n"), "Guest \xEF\xBF\xBD");
    EXPECT_EQ(boost::json::parse(mended).at("m"), "\xEF\xBF\xBD");
    mended.clear();
    ASSERT_TRUE(decode_event(R"({"event_id":"e","event_type":"t"})", received_at,
                             lifecycle::Source::webhook, &mended));
    EXPECT_EQ(mended, "") << "a right body is kept as it came";
}

TEST(DecodeEvent, RefusesWhatIsNoEvent) {
    for (const auto* body :
         {"null", "true", "1", "\"e\"", "[]", R"([{"event_id":"e","event_type":"t"}])"})
        EXPECT_EQ(decode(body).error().detail, "not a JSON object") << body;
    for (const auto* body :
         {"{}", R"({"event_type":"t"})", R"({"event_id":"","event_type":"t"})",
          R"({"event_id":7,"event_type":"t"})", R"({"event_id":null,"event_type":"t"})",
          R"({"EVENT_ID":"e","event_type":"t"})", R"({"event":{"event_id":"e","event_type":"t"}})"})
        EXPECT_EQ(decode(body).error().detail, "no event_id") << body;
    for (const auto* body :
         {R"({"event_id":"e"})", R"({"event_id":"e","event_type":""})",
          R"({"event_id":"e","event_type":["t"]})", R"({"event_id":"e","event_type":false})"})
        EXPECT_EQ(decode(body).error().detail, "no event_type") << body;
}

}  // namespace
}  // namespace oracode::seam
