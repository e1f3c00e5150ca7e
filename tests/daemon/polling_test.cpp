// What the daemon does of its own accord when webhooks say nothing: asked of the real program and a
// scripted Seam.
#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ctl/lifecycle_script.hpp"
#include "support/daemon.hpp"
#include "support/fake_seam.hpp"

namespace oracode::test {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

std::string object(const std::string& id, const std::string& status,
                   const std::string& ends_at = "2036-03-08T03:00:00.000Z") {
    return fmt::format(
        R"({{"access_code_id":"{}","device_id":"device1","workspace_id":"workspace1","connected_account_id":"account1",)"
        R"("name":"Guest","code":"123456","type":"time_bound","status":"{}","is_offline_access_code":true,)"
        R"("created_at":"2026-03-01T00:00:00.000Z","starts_at":"2026-03-01T15:00:00.000Z","ends_at":"{}",)"
        R"("errors":[],"warnings":[],"pending_mutations":[]}})",
        id, status, ends_at);
}

FakeAnswer list_of(const std::string& objects) {
    return {.body = R"({"access_codes":[)" + objects +
                    R"(],"pagination":{"has_next_page":false},"ok":true})"};
}

Daemon::Options asking(const FakeSeam& seam) {
    Daemon::Options options;
    options.sections = fmt::format(
        "[seam]\nendpoint = \"{}\"\nca_file = \"{}\"\napi_key = \"seam_test_key\"\ntimeout = "
        "\"5s\"\n"
        "[poll]\ngrace = \"1s\"\nretry_min = \"1s\"\nretry_max = \"2s\"\nrequests_per_minute = "
        "600\n",
        seam.url(), seam.ca_file());
    return options;
}

class Polling : public testing::Test {
protected:
    Polling() {
        seam_.always("/access_codes/list", list_of(""));
        seam_.always("/events/list", {.body = R"({"events":[],"ok":true})"});
        seam_.always("/webhooks/list", {.body = R"({"webhooks":[],"ok":true})"});
        seam_.always("/access_codes/get", fake_error(404, "access_code_not_found", "gone"));
    }
    void TearDown() override {
        if (daemon_.process().exit_code()) return;
        EXPECT_EQ(daemon_.stop(), 0);
        EXPECT_TRUE(seam_.violations().empty()) << seam_.violations().front();
    }

    json::object show(const std::string& id) {
        return json::parse(daemon_.get("/v1/access_codes/" + id).body).as_object();
    }
    bool becomes(const std::string& id, const std::string& status) {
        return eventually([&] {
            const auto answer = daemon_.get("/v1/access_codes/" + id);
            return answer.status == 200 &&
                   json::parse(answer.body).at("status") == json::string_view(status);
        });
    }
    ctl::HttpAnswer send(const std::string& method, const std::string& target) {
        ctl::HttpRequest request;
        request.method = method;
        request.target = target;
        return daemon_.api_client()->exchange(request);
    }

    FakeSeam seam_;
    Daemon daemon_{asking(seam_)};
};

TEST_F(Polling, FetchesWhatACreationDoesNotTell) {
    seam_.always("/access_codes/list", list_of(object("code1", "unset")));
    daemon_.start();
    EXPECT_EQ(daemon_.deliver(event_json({"access_code.created", "code1", ctl::fresh_uuid()})),
              204U);
    ASSERT_TRUE(eventually([&] { return show("code1")["name"] == "Guest"; }));
    EXPECT_EQ(show("code1")["ends_at"], "2036-03-08T03:00:00.000Z");
}

TEST_F(Polling, OneBadObjectOfAnAnswerSpoilsItselfAlone) {
    auto half_emoji = object("code1", "set");
    half_emoji.replace(half_emoji.find("Guest"), 5, "Guest \\ud83d");
    seam_.always(
        "/access_codes/list",
        list_of(R"(5,{"access_code_id":"code2","name":{},"starts_at":[[["x"]]],"status":7},)" +
                half_emoji + ",\"\xff\",null," + object("code3", "set")));
    daemon_.start();
    for (const auto* code : {"code1", "code2", "code3"})
        ASSERT_EQ(daemon_.deliver(
                      event_json({"access_code.created", code, ctl::fresh_uuid(),
                                  "2026-03-02T15:00:00.000Z", "\"name\":\"Guest \\ud83d\","})),
                  204U);
    EXPECT_TRUE(becomes("code1", "set")) << daemon_.log();
    EXPECT_TRUE(becomes("code3", "set")) << daemon_.log();
    EXPECT_EQ(show("code1")["name"], "Guest \xEF\xBF\xBD");
    EXPECT_EQ(show("code2")["status"], "unset");
    const auto seam = json::parse(daemon_.get("/readyz").body).at("checks").at("seam");
    EXPECT_EQ(seam.at("ok"), true) << seam;
    EXPECT_EQ(json::parse(daemon_.get("/v1/quarantine").body).at("quarantine"), json::array{});
}

TEST_F(Polling, FindsOutWhatNoWebhookSaid) {
    seam_.always("/access_codes/list", list_of(object("code1", "unset")));
    daemon_.start();
    EXPECT_EQ(daemon_.deliver(event_json({"access_code.created", "code1", ctl::fresh_uuid()})),
              204U);
    ASSERT_TRUE(eventually([&] { return show("code1")["overdue"] == true; })) << daemon_.log();
    seam_.always("/access_codes/list", list_of(object("code1", "set")));
    ASSERT_TRUE(becomes("code1", "set")) << daemon_.log();
    const auto code = show("code1");
    EXPECT_EQ(code.at("status_source"), "poll");
    EXPECT_EQ(code.at("ready"), true);
    EXPECT_EQ(code.at("overdue"), false);
}

TEST_F(Polling, ListsAndCountsWhatIsOverdueUntilItIsNot) {
    const auto metric = [&](const std::string& line) {
        return daemon_.get("/metrics").body.find("\n" + line + "\n") != std::string::npos;
    };
    const auto listed = [&](const std::string& query) {
        const auto page = json::parse(daemon_.get("/v1/access_codes?" + query).body);
        return page.at("access_codes").as_array().size();
    };
    seam_.always("/access_codes/list", list_of(object("code1", "unset")));
    daemon_.start();
    EXPECT_EQ(listed("overdue=true"), 0U);
    EXPECT_TRUE(metric("oracoded_access_codes{status=\"unset\"} 0"));
    EXPECT_EQ(daemon_.deliver(event_json({"access_code.created", "code1", ctl::fresh_uuid()})),
              204U);
    ASSERT_TRUE(eventually([&] { return listed("overdue=true") == 1; })) << daemon_.log();
    EXPECT_EQ(listed("overdue=false"), 0U);
    EXPECT_TRUE(metric("oracoded_access_codes_overdue 1"));
    EXPECT_TRUE(metric("oracoded_access_codes{status=\"unset\"} 1"));
    seam_.always("/access_codes/list", list_of(object("code1", "set")));
    ASSERT_TRUE(becomes("code1", "set")) << daemon_.log();
    EXPECT_EQ(listed("overdue=true"), 0U);
    EXPECT_EQ(listed("overdue=false&status=set"), 1U);
    EXPECT_TRUE(metric("oracoded_access_codes_overdue 0"));
    EXPECT_TRUE(metric("oracoded_access_codes{status=\"set\"} 1"));
    EXPECT_EQ(daemon_.get("/v1/access_codes?overdue=maybe").status, 400U);
}

// What becomes of the lock or the account says nothing of its codes: Seam is asked.
TEST_F(Polling, AsksAtOnceForTheCodesBeneathALostDeviceOrAccount) {
    seam_.always("/access_codes/list", list_of(object("code1", "set")));
    daemon_.start();
    EXPECT_EQ(
        daemon_.deliver(event_json({"access_code.set_on_device", "code1", ctl::fresh_uuid()})),
        204U);
    ASSERT_TRUE(eventually([&] { return show("code1")["name"] == "Guest"; })) << daemon_.log();
    std::string status = "setting";
    for (const auto* type :
         {"device.disconnected", "device.removed", "connected_account.disconnected"}) {
        SCOPED_TRACE(type);
        seam_.always("/access_codes/list", list_of(object("code1", status)));
        const auto what = fmt::format(
            R"({{"event_id":"{}","event_type":"{}","workspace_id":"workspace1",)"
            R"("device_id":"device1","connected_account_id":"account1",)"
            R"("created_at":"2026-03-02T16:00:00.000Z","occurred_at":"2026-03-02T16:00:00.000Z"}})",
            ctl::fresh_uuid(), type);
        EXPECT_EQ(daemon_.deliver(what), 204U);
        ASSERT_TRUE(becomes("code1", status)) << daemon_.log();
        EXPECT_EQ(show("code1")["status_source"], "poll");
        status = status == "set" ? "setting" : "set";
    }
}

TEST_F(Polling, NeitherAListThatLacksTheCodeNorOneLookThatDoesNotFindItEndsIt) {
    daemon_.start();
    seam_.always("/access_codes/get",
                 {.body = R"({"access_code":)" + object("code1", "setting") + R"(,"ok":true})"});
    EXPECT_EQ(daemon_.deliver(event_json({"access_code.created", "code1", ctl::fresh_uuid()})),
              204U);
    ASSERT_TRUE(becomes("code1", "setting")) << daemon_.log();
    EXPECT_TRUE(show("code1")["ended"].is_null());
    seam_.always("/access_codes/get", fake_error(404, "access_code_not_found", "gone"));
    ASSERT_TRUE(eventually([&] {
        return std::ranges::any_of(seam_.calls(), [](const FakeCall& call) {
            return call.path == "/access_codes/unmanaged/get";
        });
    })) << daemon_.log();
    EXPECT_TRUE(show("code1")["ended"].is_null());
}

TEST_F(Polling, EndsACodeByItsOwnClock) {
    seam_.always("/access_codes/list", list_of(object("code1", "set", "2026-03-08T03:00:00.000Z")));
    daemon_.start();
    EXPECT_EQ(daemon_.deliver(event_json({"access_code.created", "code1", ctl::fresh_uuid()})),
              204U);
    ASSERT_TRUE(eventually([&] { return !show("code1")["ended"].is_null(); }));
    const auto code = show("code1");
    EXPECT_EQ(code.at("ended").at("reason"), "expired");
    EXPECT_EQ(code.at("ended").at("at"), "2026-03-08T03:00:00.000Z");
    EXPECT_EQ(code.at("status"), "unset");
    EXPECT_EQ(code.at("status_source"), "clock");
}

TEST_F(Polling, BringsBackEventsThatTheWebhooksMissed) {
    const auto event =
        event_json({"access_code.set_on_device", "code1", "0b1c9d3e-0000-4000-8000-000000000001"});
    seam_.always("/events/list", {.body = R"({"events":[)" + event + R"(],"ok":true})"});
    seam_.always("/access_codes/list", list_of(object("code1", "set")));
    daemon_.start();
    ASSERT_TRUE(becomes("code1", "set")) << daemon_.log();
    EXPECT_EQ(daemon_.deliver(event), 204U);
    const auto history = json::parse(daemon_.get("/v1/access_codes/code1/history").body);
    ASSERT_EQ(history.at("events").as_array().size(), 1U);
    EXPECT_EQ(history.at("events").at(0).at("source"), "backfill");
    EXPECT_TRUE(eventually([&] {
        return daemon_.get("/metrics").body.find("oracoded_backfill_events_total 1\n") !=
               std::string::npos;
    }));
}

TEST_F(Polling, TracksRefreshesAndLeavesAlone) {
    seam_.always("/access_codes/get",
                 {.body = R"({"access_code":)" + object("code1", "setting") + R"(,"ok":true})"});
    daemon_.start();
    EXPECT_EQ(send("POST", "/v1/access_codes/code1/refresh").status, 404U);
    EXPECT_EQ(send("PUT", "/v1/access_codes/code1").status, 201U);
    EXPECT_EQ(show("code1")["status"], "setting");
    EXPECT_EQ(show("code1")["status_source"], "track");
    EXPECT_EQ(send("PUT", "/v1/access_codes/code1").status, 200U);
    seam_.always("/access_codes/get",
                 {.body = R"({"access_code":)" + object("code1", "set") + R"(,"ok":true})"});
    const auto refreshed = send("POST", "/v1/access_codes/code1/refresh");
    EXPECT_EQ(refreshed.status, 200U);
    EXPECT_EQ(json::parse(refreshed.body).at("status"), "set");
    EXPECT_EQ(send("POST", "/v1/access_codes/code1/untrack").status, 200U);
    EXPECT_EQ(show("code1")["tracked"], false);
    EXPECT_TRUE(show("code1")["next_poll_at"].is_null());
    seam_.always("/access_codes/get", fake_error(404, "access_code_not_found", "gone"));
    EXPECT_EQ(send("PUT", "/v1/access_codes/nobody").status, 404U);
    EXPECT_EQ(send("DELETE", "/v1/access_codes/code1").status, 405U);
}

TEST_F(Polling, SaysOnceThatTheKeyIsRefusedAndStaysReadyForWebhooks) {
    for (const auto* path : {"/access_codes/list", "/events/list", "/webhooks/list",
                             "/access_codes/get", "/workspaces/get", "/devices/list"})
        seam_.always(path, fake_error(401, "unauthorized", "bad key"));
    daemon_.start();
    EXPECT_EQ(daemon_.deliver(event_json({"access_code.created", "code1", ctl::fresh_uuid()})),
              204U);
    ASSERT_TRUE(eventually([&] {
        return daemon_.log().find("seam.key_refused") != std::string::npos;
    })) << daemon_.log();
    const auto ready = daemon_.get("/readyz");
    EXPECT_EQ(ready.status, 200U);
    EXPECT_EQ(json::parse(ready.body).at("checks").at("seam").at("why"),
              "Seam refuses the API key");
    EXPECT_EQ(daemon_.log().find("seam.key_refused"), daemon_.log().rfind("seam.key_refused"));
}

TEST_F(Polling, KeepsNobodyWaitingWhileSeamAsksForPatience) {
    seam_.always("/access_codes/get",
                 {.body = R"({"access_code":)" + object("code1", "setting") + R"(,"ok":true})"});
    daemon_.start();
    ASSERT_EQ(send("PUT", "/v1/access_codes/code1").status, 201U);
    auto patience = fake_error(429, "rate_limited", "later");
    patience.headers = {{"Retry-After", "3600"}};
    for (const auto* path : {"/access_codes/list", "/access_codes/get"})
        seam_.always(path, patience);
    EXPECT_EQ(send("POST", "/v1/access_codes/code1/refresh").status, 429U);
    EXPECT_EQ(send("POST", "/v1/access_codes/code1/refresh").status, 429U)
        << "without asking again";
}

TEST_F(Polling, OutlivesASeamThatBreaksDown) {
    seam_.always("/access_codes/list", list_of(object("code1", "set")));
    seam_.once("/access_codes/list", {.status = 500});
    seam_.once("/access_codes/list", {.body = "no json"});
    seam_.once("/access_codes/list", {.conduct = Conduct::close_midway});
    daemon_.start();
    EXPECT_EQ(daemon_.deliver(event_json({"access_code.created", "code1", ctl::fresh_uuid()})),
              204U);
    ASSERT_TRUE(becomes("code1", "set")) << daemon_.log();
}

TEST_F(Polling, WarnsWhenNoWebhookIsRegistered) {
    daemon_.start();
    ASSERT_TRUE(eventually([&] {
        return daemon_.log().find("seam.no_webhook") != std::string::npos;
    })) << daemon_.log();
    EXPECT_NE(daemon_.log().find("register-webhook"), std::string::npos);
}

}  // namespace
}  // namespace oracode::test
