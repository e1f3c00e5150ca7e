// /metrics of the real program, after it has seen some of everything: judged by Prometheus itself.
#include <regex>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "ctl/lifecycle_script.hpp"
#include "support/daemon.hpp"
#include "support/http_client.hpp"
#include "support/paths.hpp"

namespace oracode::test {
namespace {

class MetricsOf : public testing::Test {
protected:
    void SetUp() override {
        daemon_.start();
        const auto repeated = event_json({"access_code.created", "code1", ctl::fresh_uuid()});
        EXPECT_EQ(daemon_.deliver(repeated), 204U);
        EXPECT_EQ(daemon_.deliver(repeated), 204U);
        EXPECT_EQ(daemon_.deliver("no event"), 202U);
        auto forged = signed_delivery(repeated);
        forged.headers.pop_back();
        EXPECT_EQ(daemon_.webhook_client()->exchange(forged).status, 400U);
        EXPECT_EQ(daemon_.get("/v1/access_codes/code1").status, 200U);
        EXPECT_EQ(daemon_.get("/nowhere").status, 404U);
        EXPECT_EQ(daemon_.get("/v1/access_codes?nonsense=1").status, 400U);
        ctl::HttpRequest strange;
        strange.method = "BREW";
        strange.target = "/v1/access_codes";
        EXPECT_EQ(daemon_.api_client()->exchange(strange).status, 405U);
        text_ = "\n" + daemon_.get("/metrics").body;
    }
    void TearDown() override { EXPECT_EQ(daemon_.stop(), 0); }

    [[nodiscard]] bool has(const std::string& part) const {
        return text_.find(part) != std::string::npos;
    }

    static Daemon::Options options() {
        Daemon::Options options;
        options.tls = true;
        options.sections =
            "[seam]\nendpoint = \"http://127.0.0.1:1\"\napi_key = \"seam_key\"\n"
            "[[notify]]\nname = \"chat\"\nurl = \"http://127.0.0.1:1/\"\nformat = \"slack\"\n";
        return options;
    }

    Daemon daemon_{options()};
    std::string text_;
};

TEST_F(MetricsOf, TheDaemonPleasePromtool) {
    const auto file = daemon_.folder().write("metrics", text_.substr(1));
    const auto judged = run({"/bin/sh", "-c", "promtool check metrics < \"$0\"", file});
    EXPECT_EQ(judged.exit_code, 0) << judged.output;
    EXPECT_EQ(judged.output, "");
}

TEST_F(MetricsOf, TheDaemonHaveTheirNamesTypesAndLabels) {
    for (const auto* line : {
             "# TYPE oracoded_build_info gauge",
             "oracoded_webhook_requests_total{code=\"204\",reason=\"accepted\"} 1",
             "oracoded_webhook_requests_total{code=\"204\",reason=\"duplicate\"} 1",
             "oracoded_webhook_requests_total{code=\"202\",reason=\"quarantined\"} 1",
             "oracoded_webhook_duplicates_total 1",
             "# TYPE oracoded_webhook_commit_duration_seconds histogram",
             "# TYPE oracoded_webhook_delivery_lag_seconds histogram",
             "# TYPE oracoded_webhook_clock_skew_seconds histogram",
             "oracoded_webhook_secret_matches_total{slot=\"0\"} 3",
             "# TYPE oracoded_last_webhook_timestamp_seconds gauge",
             "oracoded_access_codes{status=\"unset\"} 1",
             "oracoded_access_codes_overdue ",
             "oracoded_transitions_total{from=\"none\",source=\"webhook\",to=\"unset\"} 1",
             "oracoded_quarantined_events 1",
             "# TYPE oracoded_poll_requests_total counter",
             "oracoded_poll_last_success_timestamp_seconds 0",
             "# TYPE oracoded_recovered_by_poll_total counter",
             "# TYPE oracoded_backfill_events_total counter",
             "# TYPE oracoded_db_size_bytes gauge",
             "# TYPE oracoded_db_wal_size_bytes gauge",
             "# TYPE oracoded_db_free_bytes gauge",
             "# TYPE oracoded_disk_free_bytes gauge",
             "# TYPE oracoded_tls_certificate_not_after_timestamp_seconds gauge",
             "oracoded_config_last_reload_successful 1",
             "oracoded_store_commit_failures_total 0",
             ("oracoded_http_request_duration_seconds_count{code=\"204\",method=\"POST\","
              "route=\"/webhooks/seam\"} 2"),
             ("oracoded_http_request_duration_seconds_count{code=\"200\",method=\"GET\","
              "route=\"/v1/access_codes/{id}\"} 1"),
             ("oracoded_http_request_duration_seconds_count{code=\"404\",method=\"GET\","
              "route=\"other\"} 1"),
             ("oracoded_http_request_duration_seconds_count{code=\"405\",method=\"other\","
              "route=\"/v1/access_codes\"} 1"),
             "# TYPE oracoded_notifications_pending gauge",
             "oracoded_notifications_total{result=\"failed\",target=\"chat\"} 0",
             "# TYPE process_cpu_seconds_total counter",
             "# TYPE process_resident_memory_bytes gauge",
             "# TYPE process_virtual_memory_bytes gauge",
             "# TYPE process_start_time_seconds gauge",
             "# TYPE process_open_fds gauge",
             "# TYPE process_max_fds gauge",
         })
        EXPECT_TRUE(has(std::string("\n") + line)) << line << " is missing in " << text_;
    for (const auto* secret : {"code1", "device1", daemon_secret})
        EXPECT_FALSE(has(secret)) << secret;
}

// An alert on a metric that is not there never fires.
TEST_F(MetricsOf, TheDaemonAreAllThatAlertsAndDashboardAskFor) {
    const std::regex form(R"(\b(oracoded|process)_[a-z_]+[a-z]\b)");
    for (const auto* file : {"config/prometheus-rules.yml", "config/grafana-dashboard.json"}) {
        const auto asking = contents(source_path(file));
        std::size_t asked = 0;
        for (std::sregex_iterator at(asking.begin(), asking.end(), form), end; at != end; ++at) {
            const auto name = std::regex_replace(at->str(), std::regex("_(bucket|sum|count)$"), "");
            EXPECT_TRUE(has("\n# TYPE " + name + " ")) << file << " asks for " << name;
            ++asked;
        }
        EXPECT_GE(asked, 10U) << file;
    }
}

TEST(MetricsWithout, TlsOrAnApiKeySayNothingOfThem) {
    Daemon daemon;
    daemon.start();
    const auto text = daemon.get("/metrics").body;
    EXPECT_EQ(text.find("\noracoded_tls_certificate_not_after"), std::string::npos);
    EXPECT_EQ(text.find("\noracoded_poll_last_success"), std::string::npos);
    EXPECT_EQ(daemon.stop(), 0);
}

}  // namespace
}  // namespace oracode::test
