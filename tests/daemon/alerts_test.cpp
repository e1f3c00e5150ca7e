// /v1/alerts, `oracodectl alerts`, their metrics and log lines against the real daemon.
#include <sstream>

#include "tests/daemon/guests_fixture.hpp"

namespace oracode::test {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

class AlertsOfDaemon : public DaemonWithGuests {
protected:
    AlertsOfDaemon() : DaemonWithGuests("[alerts]\nbefore = \"1h\"\n") {}

    // It is set at Seam, and a webhook says so.
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
        return list("alerts", query);
    }
    [[nodiscard]] Finished command(std::vector<std::string> arguments) {
        return DaemonWithGuests::command("alerts", std::move(arguments),
                                         {{"TZ", "America/Los_Angeles"}});
    }
    [[nodiscard]] bool metric(const std::string& line) {
        return ("\n" + daemon_.get("/metrics").body).find("\n" + line + "\n") != std::string::npos;
    }
    [[nodiscard]] bool logged(const std::string& words) const {
        return daemon_.log().find(words) != std::string::npos;
    }
};

TEST_F(AlertsOfDaemon, OpenWithTheDeliveryThatBringsTheirCauseAndCloseWithItsEnd) {
    arrive({"house", present() - 1h});
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
    arrive({"soon", starts_at});
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
    arrive({"house", present() - 1h});
    const auto before = alerts();
    daemon_.kill();
    daemon_.start();
    arrive({"other", present() - 1h});
    const auto after = alerts();
    ASSERT_EQ(after.size(), 2U);
    EXPECT_EQ(after[1], before.at(0));
    EXPECT_NE(after[0].at("id"), before.at(0).at("id"));
}

TEST_F(AlertsOfDaemon, ComeInPagesAndRefuseWhatTheyDoNotKnow) {
    for (const auto* id : {"a", "b", "c"}) arrive({id, present() - 1h});
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
    arrive({id,
            present() - 1h,
            "setting",
            {{{"error_code", "failed_to_set_on_device"}, {"is_access_code_error", true}}}});
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
