// /v1/alerts, `oracodectl alerts`, their metrics and log lines against the real daemon.
#include <sstream>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ctl/lifecycle_script.hpp"
#include "support/daemon.hpp"
#include "support/fake_locks.hpp"
#include "support/paths.hpp"

namespace oracode::test {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

Timestamp present() {
    return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

class AlertsOfDaemon : public testing::Test {
protected:
    AlertsOfDaemon() : daemon_(options()) {
        seam_.always("/events/list", {.body = R"({"events":[],"ok":true})"});
        seam_.always("/webhooks/list", {.body = R"({"webhooks":[{}],"ok":true})"});
        locks_.put(sample_lock());
        daemon_.start();
    }

    [[nodiscard]] Daemon::Options options() const {
        Daemon::Options options;
        options.sections = fmt::format(
            "[alerts]\nbefore = \"1h\"\n"
            "[seam]\nendpoint = \"{}\"\nca_file = \"{}\"\napi_key = \"seam_test_key\"\n",
            seam_.url(), seam_.ca_file());
        return options;
    }
    void deliver(const std::string& id, const std::string& type) {
        ASSERT_EQ(daemon_.deliver(event_json(
                      {"access_code." + type, id, ctl::fresh_uuid(), format_rfc3339(present())})),
                  204U);
    }
    // A guest's code that Seam is about to set, of which a webhook tells.
    void arrive(const std::string& id, Timestamp starts_at,
                const json::array& errors = json::array()) {
        locks_.add_code({{"access_code_id", id},
                         {"device_id", "lock1"},
                         {"workspace_id", "workspace1"},
                         {"connected_account_id", "account1"},
                         {"name", "Guest " + id},
                         {"code", "123456"},
                         {"type", "time_bound"},
                         {"status", "setting"},
                         {"is_offline_access_code", true},
                         {"created_at", format_rfc3339(present() - 1h)},
                         {"starts_at", format_rfc3339(starts_at)},
                         {"ends_at", format_rfc3339(starts_at + 48h)},
                         {"errors", errors},
                         {"warnings", json::array()},
                         {"pending_mutations", json::array()}});
        deliver(id, "created");
        ASSERT_TRUE(eventually([&] {
            const auto code = json::parse(daemon_.get("/v1/access_codes/" + id).body);
            return !code.at("ends_at").is_null();
        })) << daemon_.log();
    }
    // It is set at Seam, and a webhook tells so.
    void become_set(const std::string& id) {
        for (auto code : locks_.codes()) {
            if (code.at("access_code_id").as_string() != id) continue;
            code["status"] = "set";
            code["errors"] = json::array();
            locks_.add_code(code);
        }
        deliver(id, "set_on_device");
    }
    [[nodiscard]] json::array alerts(const std::string& query = "") {
        const auto answer = daemon_.get("/v1/alerts" + query);
        EXPECT_EQ(answer.status, 200U) << answer.body;
        return json::parse(answer.body).at("alerts").as_array();
    }
    [[nodiscard]] Finished command(std::vector<std::string> arguments) const {
        std::vector<std::string> all{oracodectl(), "--api",
                                     "http://127.0.0.1:" + std::to_string(daemon_.api_port()),
                                     "alerts"};
        all.insert(all.end(), arguments.begin(), arguments.end());
        return run(all, {{"TZ", "America/Los_Angeles"}});
    }
    [[nodiscard]] bool metric(const std::string& line) {
        return ("\n" + daemon_.get("/metrics").body).find("\n" + line + "\n") != std::string::npos;
    }
    [[nodiscard]] bool logged(const std::string& words) const {
        return daemon_.log().find(words) != std::string::npos;
    }

    FakeSeam seam_;
    FakeLocks locks_{seam_};
    Daemon daemon_;
};

TEST_F(AlertsOfDaemon, OpenWithTheDeliveryThatBringsTheirCauseAndCloseWithItsEnd) {
    arrive("house", present() - 1h);
    const auto open = alerts("?open=true");
    ASSERT_EQ(open.size(), 1U);
    const auto& alert = open[0].as_object();
    EXPECT_EQ(alert.at("kind"), "not_in_order");
    EXPECT_EQ(alert.at("access_code_id"), "house");
    EXPECT_TRUE(alert.at("closed_at").is_null());
    EXPECT_TRUE(std::string(alert.at("detail").as_string())
                    .starts_with("It is not registered with the lock (setting since "))
        << alert;
    EXPECT_EQ(alert.at("deliveries"), json::array());
    EXPECT_TRUE(metric(R"(oracoded_alerts_open{kind="not_in_order"} 1)"));
    EXPECT_TRUE(metric(R"(oracoded_arrivals_not_in_order{within="started"} 1)"));
    EXPECT_TRUE(eventually([&] { return logged("alert.opened"); })) << daemon_.log();

    become_set("house");
    EXPECT_EQ(alerts("?open=true").size(), 0U);
    const auto closed = alerts("?open=false&kind=not_in_order&access_code_id=house");
    ASSERT_EQ(closed.size(), 1U);
    EXPECT_EQ(closed[0].at("id"), alert.at("id"));
    EXPECT_FALSE(closed[0].at("closed_at").is_null());
    EXPECT_TRUE(metric(R"(oracoded_alerts_open{kind="not_in_order"} 0)"));
    EXPECT_TRUE(metric(R"(oracoded_arrivals_not_in_order{within="started"} 0)"));
    EXPECT_TRUE(eventually([&] { return logged("alert.closed"); })) << daemon_.log();
}

TEST_F(AlertsOfDaemon, OpenToTheSecondWhenACodeComesNearItsStart) {
    const auto starts_at = present() + 1h + 2s;
    arrive("soon", starts_at);
    EXPECT_EQ(alerts().size(), 0U);
    EXPECT_TRUE(metric(R"(oracoded_arrivals_not_in_order{within="4h"} 0)"))
        << "Seam has time to register it";
    ASSERT_TRUE(eventually([&] { return !alerts().empty(); })) << daemon_.log();
    const auto opened_at = parse_rfc3339(alerts()[0].at("opened_at").as_string()).value();
    EXPECT_GE(opened_at, starts_at - 1h);
    EXPECT_LT(opened_at, starts_at - 1h + 1s);
    EXPECT_TRUE(metric(R"(oracoded_arrivals_not_in_order{within="4h"} 1)"));
}

TEST_F(AlertsOfDaemon, AreTheSameAfterACrash) {
    arrive("house", present() - 1h);
    const auto before = alerts();
    daemon_.kill();
    daemon_.start();
    arrive("other", present() - 1h);
    const auto after = alerts();
    ASSERT_EQ(after.size(), 2U);
    EXPECT_EQ(after[1], before.at(0));
    EXPECT_NE(after[0].at("id"), before.at(0).at("id"));
}

TEST_F(AlertsOfDaemon, ComeInPagesAndRefuseWhatTheyDoNotKnow) {
    for (const auto* id : {"a", "b", "c"}) arrive(id, present() - 1h);
    const auto first = json::parse(daemon_.get("/v1/alerts?limit=2").body);
    ASSERT_EQ(first.at("alerts").as_array().size(), 2U);
    EXPECT_EQ(first.at("alerts").at(0).at("access_code_id"), "c");
    const auto second = json::parse(
        daemon_.get("/v1/alerts?limit=2&cursor=" + std::string(first.at("next_cursor").as_string()))
            .body);
    ASSERT_EQ(second.at("alerts").as_array().size(), 1U);
    EXPECT_TRUE(second.at("next_cursor").is_null());
    for (const auto* query :
         {"open=maybe", "kind=flood", "limit=0", "limit=1001", "cursor=x", "x=y"})
        EXPECT_EQ(daemon_.get(std::string("/v1/alerts?") + query).status, 400U) << query;
}

TEST_F(AlertsOfDaemon, AreShownByTheCommandWithinEightyColumns) {
    EXPECT_NE(command({}).output.find("no alert is open"), std::string::npos);
    const std::string id = "6ecb0e69-1b2f-4c0f-9a36-8c4b7a1f2d3e";
    arrive(id, present() - 1h,
           {{{"error_code", "failed_to_set_on_device"}, {"is_access_code_error", true}}});
    const auto shown = command({});
    EXPECT_EQ(shown.exit_code, 0) << shown.output;
    EXPECT_NE(shown.output.find("not_in_order  since 20"), std::string::npos) << shown.output;
    EXPECT_NE(shown.output.find("failed  since 20"), std::string::npos) << shown.output;
    std::istringstream lines(shown.output);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
    EXPECT_EQ(command({"--kind", "disk"}).output.find("not_in_order"), std::string::npos);

    become_set(id);
    EXPECT_NE(command({}).output.find("no alert is open"), std::string::npos);
    EXPECT_NE(command({"--all"}).output.find("  closed 20"), std::string::npos);
    const auto listed = json::parse(command({"--json", "--all"}).output);
    EXPECT_EQ(listed.at("alerts").as_array().size(), 2U);
}

TEST(AlertsAboutTheDaemon, TellOfACertificateThatEndsSoonUntilAnotherIsServed) {
    Daemon daemon({.webhook = "", .sections = "", .tls = true});
    const auto alerts = [&](const std::string& query) {
        return json::parse(daemon.get("/v1/alerts" + query).body).at("alerts").as_array();
    };
    daemon.put_certificate(48h);
    daemon.start();
    ASSERT_TRUE(eventually([&] { return !alerts("?kind=certificate&open=true").empty(); }));
    EXPECT_TRUE(alerts("").at(0).at("access_code_id").is_null());
    EXPECT_NE(daemon.get("/metrics").body.find(R"(oracoded_alerts_open{kind="certificate"} 1)"),
              std::string::npos);
    EXPECT_EQ(daemon.stop(), 0);
    daemon.put_certificate(24h * 90);
    daemon.start();
    EXPECT_TRUE(eventually([&] { return alerts("?open=true").empty(); }));
    EXPECT_EQ(alerts("").size(), 1U);
}

}  // namespace
}  // namespace oracode::test
