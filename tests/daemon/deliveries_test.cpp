// The main job from outside: signed deliveries in, the truth out of the API. Asked of the real
// program.
#include <filesystem>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ctl/lifecycle_script.hpp"
#include "support/daemon.hpp"
#include "support/paths.hpp"

namespace oracode::test {
namespace {

namespace json = boost::json;

class Deliveries : public testing::Test {
protected:
    void SetUp() override { daemon_.start(); }
    void TearDown() override { EXPECT_EQ(daemon_.stop(), 0); }

    unsigned deliver(const std::string& type, const std::string& code,
                     const std::string& occurred_at, const std::string& more = "") {
        return daemon_.deliver(event_json({type, code, ctl::fresh_uuid(), occurred_at, more}));
    }
    json::object show(const std::string& code) {
        return json::parse(daemon_.get("/v1/access_codes/" + code).body).as_object();
    }
    json::object history(const std::string& code) {
        return json::parse(daemon_.get("/v1/access_codes/" + code + "/history").body).as_object();
    }

    Daemon daemon_;
};

TEST_F(Deliveries, AreSeenInTheApiOnceAcknowledged) {
    EXPECT_EQ(deliver("access_code.created", "code1", "2026-03-02T15:00:00.000Z"), 204U);
    auto code = show("code1");
    EXPECT_EQ(code["status"], "unset");
    EXPECT_EQ(code["status_source"], "webhook");
    EXPECT_EQ(code["device_id"], "device1");
    EXPECT_TRUE(code["name"].is_null());
    EXPECT_TRUE(code["ended"].is_null());
    EXPECT_EQ(
        deliver("access_code.delay_in_setting_on_device", "code1", "2026-03-02T15:00:01.000Z"),
        204U);
    EXPECT_EQ(show("code1")["status"], "setting");
    EXPECT_EQ(deliver("access_code.set_on_device", "code1", "2026-03-02T15:00:02.000Z"), 204U);
    code = show("code1");
    EXPECT_EQ(code["status"], "set");
    EXPECT_EQ(code["status_since"], "2026-03-02T15:00:02.000Z");

    const auto found = history("code1");
    const auto& transitions = found.at("transitions").as_array();
    ASSERT_EQ(transitions.size(), 3U);
    EXPECT_TRUE(transitions[0].at("from").is_null());
    EXPECT_EQ(transitions[2].at("from"), "setting");
    EXPECT_EQ(transitions[2].at("to"), "set");
    EXPECT_EQ(transitions[2].at("event_type"), "access_code.set_on_device");
    EXPECT_EQ(found.at("events").as_array().size(), 3U);
}

TEST_F(Deliveries, InTheWrongOrderEndInTheSameState) {
    EXPECT_EQ(deliver("access_code.set_on_device", "code1", "2026-03-02T15:00:02.000Z"), 204U);
    EXPECT_EQ(
        deliver("access_code.delay_in_setting_on_device", "code1", "2026-03-02T15:00:01.000Z"),
        204U);
    EXPECT_EQ(deliver("access_code.created", "code1", "2026-03-02T15:00:00.000Z"), 204U);
    EXPECT_EQ(show("code1")["status"], "set");
    EXPECT_EQ(history("code1").at("events").as_array().size(), 3U);
}

TEST_F(Deliveries, OfTheSameEventChangeNothingTheSecondTime) {
    const auto body = event_json({"access_code.created", "code1", ctl::fresh_uuid()});
    EXPECT_EQ(daemon_.deliver(body), 204U);
    const auto before = daemon_.get("/v1/access_codes/code1").body;
    EXPECT_EQ(daemon_.deliver(body), 204U);
    EXPECT_EQ(daemon_.get("/v1/access_codes/code1").body, before);
    EXPECT_EQ(history("code1").at("events").as_array().size(), 1U);
}

TEST_F(Deliveries, OfEverySampleEventAreTaken) {
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(data_path("seam/events"))) {
        EXPECT_EQ(daemon_.deliver(contents(entry.path())), 204U) << entry.path();
        ++count;
    }
    EXPECT_EQ(count, 26);
    const auto found = history("e9cf6dd6-89aa-477f-a701-c08f3de13c1f");
    EXPECT_EQ(found.at("events").as_array().size(), 26U);
    const auto code = show("e9cf6dd6-89aa-477f-a701-c08f3de13c1f");
    EXPECT_EQ(code.at("status"), "unset");
    EXPECT_EQ(code.at("ended").at("reason"), "removed");
    EXPECT_EQ(code.at("name"), "Guest Lee");
    EXPECT_EQ(code.at("ends_at"), "2026-03-09T03:00:00.000Z");
}

TEST_F(Deliveries, OfTypesNobodyKnowsAreKept) {
    EXPECT_EQ(deliver("access_code.painted_blue", "code1", "2026-03-02T15:00:00.000Z"), 204U);
    EXPECT_EQ(show("code1")["status"], "unknown");
    EXPECT_EQ(
        daemon_.deliver(
            R"({"event_id":"e1","event_type":"thermostat.sang","created_at":"2026-03-02T15:00:00Z"})"),
        204U);
}

TEST_F(Deliveries, ThatAreNoEventsGoToQuarantine) {
    for (const auto* body :
         {"", "no json", "[]", "{}", R"({"event_id":"e1"})", R"({"event_id":1,"event_type":"a"})"})
        EXPECT_EQ(daemon_.deliver(body), 202U) << body;
}

TEST_F(Deliveries, WithoutAGoodSignatureAreRefused) {
    const auto body = event_json({"access_code.created", "code1", ctl::fresh_uuid()});
    const auto client = daemon_.webhook_client();
    const auto status = [&](const ctl::HttpRequest& request) {
        return client->exchange(request).status;
    };

    auto unsigned_request = signed_delivery(body);
    unsigned_request.headers.pop_back();
    EXPECT_EQ(status(unsigned_request), 400U);
    auto changed = signed_delivery(body);
    changed.body += " ";
    EXPECT_EQ(status(changed), 401U);
    const auto now = std::chrono::floor<std::chrono::seconds>(
        std::chrono::system_clock::now().time_since_epoch());
    EXPECT_EQ(status(signed_delivery(body, "msg_1", now.count() - 36'000)), 401U);
    EXPECT_EQ(status(signed_delivery(body, "msg_1", now.count() + 36'900)), 401U);
    // By how much, give or take the minutes that this test may last.
    for (const auto* by : {"36[0-9][0-9][0-9] s old", "36[0-9][0-9][0-9] s ahead"})
        EXPECT_TRUE(eventually([&] {
            return testing::Matches(testing::ContainsRegex(by))(daemon_.log());
        })) << by;
    auto worded = signed_delivery(body);
    worded.headers[2].second = "today";
    EXPECT_EQ(status(worded), 400U);
    EXPECT_EQ(daemon_.get("/v1/access_codes/code1").status, 404U);
}

TEST_F(Deliveries, ElsewhereAreRefusedAsHttpWantsIt) {
    const auto client = daemon_.webhook_client();
    auto elsewhere = signed_delivery("{}");
    elsewhere.target = "/other";
    EXPECT_EQ(client->exchange(elsewhere).status, 404U);
    auto other_method = signed_delivery("{}");
    other_method.method = "PUT";
    const auto refused = client->exchange(other_method);
    EXPECT_EQ(refused.status, 405U);
    EXPECT_EQ(refused.header("Allow"), "POST");
    EXPECT_EQ(refused.header("Content-Type"), "application/problem+json");
    EXPECT_EQ(client->exchange(signed_delivery(std::string(std::size_t{256} * 1024, ' '))).status,
              202U);
    EXPECT_EQ(daemon_.webhook_client()
                  ->exchange(signed_delivery(std::string(std::size_t{256} * 1024 + 1, ' ')))
                  .status,
              413U);
}

TEST_F(Deliveries, ShowThePinOnlyToWhoAsksAndMayWrite) {
    EXPECT_EQ(deliver("access_code.set_on_device", "code1", "2026-03-02T15:00:02.000Z",
                      R"("code":"987654321",)"),
              204U);
    for (const auto* target :
         {"/v1/access_codes/code1", "/v1/access_codes", "/v1/access_codes/code1/history"}) {
        EXPECT_EQ(daemon_.get(target).body.find("987654321"), std::string::npos) << target;
        EXPECT_NE(daemon_.get(std::string(target) + "?include=code").body.find("987654321"),
                  std::string::npos)
            << target;
    }
    EXPECT_EQ(daemon_.get("/v1/access_codes/code1?include=everything").status, 400U);
}

TEST_F(Deliveries, AreListedInPagesThatLoseAndDoubleNothing) {
    for (int i = 0; i < 25; ++i)
        EXPECT_EQ(deliver(i % 2 == 0 ? "access_code.created" : "access_code.set_on_device",
                          "code" + std::to_string(i), "2026-03-02T15:00:00.000Z"),
                  204U);
    std::vector<std::string> seen;
    std::string cursor;
    for (int page = 0; page < 5 && (page == 0 || !cursor.empty()); ++page) {
        const auto body = json::parse(daemon_.get("/v1/access_codes?limit=10" + cursor).body);
        for (const auto& code : body.at("access_codes").as_array())
            seen.emplace_back(code.at("access_code_id").as_string());
        const auto& next = body.at("next_cursor");
        cursor = next.is_null() ? "" : "&cursor=" + std::string(next.as_string());
        // A code that changes meanwhile stays in its place.
        EXPECT_EQ(deliver("access_code.set_on_device", "code0", "2026-03-02T16:00:00.000Z"), 204U);
    }
    EXPECT_EQ(seen.size(), 25U);
    std::ranges::sort(seen);
    EXPECT_EQ(std::ranges::adjacent_find(seen), seen.end());

    const auto count = [&](const std::string& query) {
        return json::parse(daemon_.get("/v1/access_codes" + query).body)
            .at("access_codes")
            .as_array()
            .size();
    };
    EXPECT_EQ(count("?status=set"), 13U);
    EXPECT_EQ(count("?status=set,unset"), 25U);
    EXPECT_EQ(count("?status=removing"), 0U);
    EXPECT_EQ(count("?device_id=device1&status=unset"), 12U);
    EXPECT_EQ(count("?device_id=device2"), 0U);
}

TEST_F(Deliveries, AndQuestionsThatMakeNoSenseAreRefused) {
    for (const auto* query : {"?limit=0", "?limit=1001", "?limit=ten", "?status=open",
                              "?status=", "?cursor=x", "?colour=blue", "?limit=1&limit=2"}) {
        const auto refused = daemon_.get(std::string("/v1/access_codes") + query);
        EXPECT_EQ(refused.status, 400U) << query;
        EXPECT_EQ(refused.header("Content-Type"), "application/problem+json") << query;
    }
    EXPECT_EQ(daemon_.get("/v1/access_codes/nobody").status, 404U);
    EXPECT_EQ(daemon_.get("/v1/access_codes/nobody/history").status, 404U);
    EXPECT_EQ(daemon_.get("/v2").status, 404U);
}

TEST_F(Deliveries, ChangeTheEtag) {
    EXPECT_EQ(deliver("access_code.created", "code1", "2026-03-02T15:00:00.000Z"), 204U);
    const auto tag = std::string(daemon_.get("/v1/access_codes/code1").header("ETag").value());
    ctl::HttpRequest again;
    again.target = "/v1/access_codes/code1";
    again.headers = {{"If-None-Match", tag}};
    EXPECT_EQ(daemon_.api_client()->exchange(again).status, 304U);
    EXPECT_EQ(deliver("access_code.set_on_device", "code1", "2026-03-02T15:00:01.000Z"), 204U);
    EXPECT_EQ(daemon_.api_client()->exchange(again).status, 200U);
}

TEST_F(Deliveries, OfALostAccountReachEveryCodeUnderIt) {
    EXPECT_EQ(deliver("access_code.set_on_device", "code1", "2026-03-02T15:00:01.000Z"), 204U);
    EXPECT_EQ(
        daemon_.deliver(R"({"event_id":"lost","event_type":"connected_account.disconnected",)"
                        R"("connected_account_id":"account1","created_at":"2026-03-02T16:00:00Z",)"
                        R"("occurred_at":"2026-03-02T16:00:00Z"})"),
        204U);
    EXPECT_EQ(show("code1")["status"], "unknown");
    EXPECT_EQ(deliver("access_code.set_on_device", "code2", "2026-03-02T15:00:01.000Z"), 204U);
    EXPECT_EQ(show("code2")["status"], "unknown") << "although the loss came first";
}

TEST_F(Deliveries, MustNotHaveASignatureHeaderTwice) {
    for (const std::string name : {"svix-id", "svix-timestamp", "svix-signature", "webhook-id",
                                   "webhook-timestamp", "webhook-signature"}) {
        auto request =
            signed_delivery(event_json({"access_code.created", "code1", ctl::fresh_uuid()}));
        for (int i = 0; i < 2; ++i) request.headers.emplace_back(name, "x");
        EXPECT_EQ(daemon_.webhook_client()->exchange(request).status, 400U) << name;
    }
    const auto log = daemon_.log();
    EXPECT_NE(log.find("reason=signature_headers header=svix-id"), std::string::npos) << log;
    EXPECT_EQ(daemon_.get("/v1/access_codes/code1").status, 404U);
}

TEST_F(Deliveries, AreCountedByWhatTheRouterMadeOfThem) {
    auto request = signed_delivery(event_json({"access_code.created", "code1", ctl::fresh_uuid()}));
    request.target = "/%77ebhooks/seam";
    EXPECT_EQ(daemon_.webhook_client()->exchange(request).status, 204U) << "the same path";
    request.target = "/elsewhere";
    EXPECT_EQ(daemon_.webhook_client()->exchange(request).status, 404U);
    request.target = "/webhooks/seam";
    request.method = "PUT";
    EXPECT_EQ(daemon_.webhook_client()->exchange(request).status, 405U);
    const auto metrics = daemon_.get("/metrics").body;
    for (const auto* line :
         {"{code=\"204\",reason=\"accepted\"} 1", "{code=\"404\",reason=\"no_such_path\"} 1",
          "{code=\"405\",reason=\"no_such_method\"} 1"})
        EXPECT_NE(metrics.find("oracoded_webhook_requests_total" + std::string(line)),
                  std::string::npos)
            << line << " is missing in " << metrics;
}

TEST_F(Deliveries, SurviveARestart) {
    EXPECT_EQ(deliver("access_code.set_on_device", "code1", "2026-03-02T15:00:01.000Z"), 204U);
    const auto before = daemon_.get("/v1/access_codes/code1").body;
    EXPECT_EQ(daemon_.stop(), 0);
    daemon_.start();
    EXPECT_EQ(daemon_.get("/v1/access_codes/code1").body, before);
}

TEST_F(Deliveries, LeaveTheDaemonHealthyAndCounted) {
    EXPECT_EQ(deliver("access_code.set_on_device", "code1", "2026-03-02T15:00:01.000Z"), 204U);
    EXPECT_EQ(daemon_.get("/healthz").status, 200U);
    const auto ready = daemon_.get("/readyz");
    EXPECT_EQ(ready.status, 200U) << ready.body;
    EXPECT_EQ(json::parse(ready.body).at("checks").at("store").at("ok"), true);
    EXPECT_NE(daemon_.get("/metrics")
                  .body.find("oracoded_webhook_requests_total{code=\"204\",reason=\"accepted\"} 1"),
              std::string::npos);
}

}  // namespace
}  // namespace oracode::test
