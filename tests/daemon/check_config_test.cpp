// --check-config against the start itself, and what must not stop a start: asked of the real
// program.
#include <filesystem>
#include <fstream>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "support/daemon.hpp"
#include "support/fake_seam.hpp"
#include "support/paths.hpp"
#include "support/tls_certificate.hpp"

namespace oracode::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

class CheckConfig : public testing::Test {
protected:
    CheckConfig() {
        const auto pair = make_certificate("localhost", std::chrono::hours{24});
        certificate_ = pair.certificate;
        key_ = pair.private_key;
        folder_.write("certificate.pem", certificate_);
        folder_.write("key.pem", key_);
        folder_.write("secrets", std::string(daemon_secret) + "\n");
    }

    std::vector<std::string> command(const std::string& more = {},
                                     const std::string& database = "oracoded.db") {
        const auto text = fmt::format(
            "[webhook]\nlisten = \"127.0.0.1:0\"\ncertificate = \"certificate.pem\"\n"
            "private_key = \"key.pem\"\nsecrets_file = \"secrets\"\n"
            "[api]\nlisten = \"127.0.0.1:0\"\n[store]\ndatabase = \"{}\"\n{}",
            database, more);
        return {oracoded(), "--config", folder_.write("test.toml", text)};
    }
    // Both refuse, and the check says what the start says: `reason`.
    void expect_refusal(const std::string& reason, const std::string& more = {},
                        const std::string& database = "oracoded.db") {
        const auto start = command(more, database);
        auto check = start;
        check.emplace_back("--check-config");
        const auto checked = run(check);
        EXPECT_EQ(checked.exit_code, 78) << reason << checked.output;
        EXPECT_THAT(checked.output, HasSubstr(reason));
        const auto started = run(start);
        EXPECT_GE(started.exit_code, 64) << reason << started.output;
        EXPECT_THAT(started.output, HasSubstr(reason));
    }

    TemporaryFolder folder_;
    std::string certificate_;
    std::string key_;
};

TEST_F(CheckConfig, MakesNothingAndIsFineBesideARunningDaemon) {
    auto check = command();
    check.emplace_back("--check-config");
    EXPECT_EQ(run(check).exit_code, 0) << run(check).output;
    EXPECT_FALSE(fs::exists(folder_ / "oracoded.db"));
    Daemon daemon;
    daemon.start();
    ASSERT_EQ(daemon.deliver(event_json({"access_code.created", "code1", "event1"})), 204U);
    const auto checked = run({oracoded(), "--config", daemon.config(), "--check-config"});
    EXPECT_EQ(checked.exit_code, 0) << checked.output;
    EXPECT_EQ(daemon.stop(), 0);
    EXPECT_EQ(run({oracoded(), "--config", daemon.config(), "--check-config"}).exit_code, 0);
}

TEST_F(CheckConfig, RefusesCertificatesAndKeysAsTheStartDoes) {
    const auto stranger = make_certificate("localhost", std::chrono::hours{24});
    const std::string der = "0\x82\x01\x0a\x02\x82\x01\x01";
    struct Row {
        std::string certificate;
        std::string key;
        std::string reason;
    };
    const Row rows[] = {
        {certificate_, encrypt_key(key_, "passphrase"), "no unencrypted PEM private key"},
        {certificate_, stranger.private_key, "is not the key of the certificate"},
        {der, key_, "no PEM certificate in it"},
        {certificate_, der, "no unencrypted PEM private key"},
        {certificate_, certificate_, "no unencrypted PEM private key"},
        {key_, key_, "no PEM certificate in it"},
        {key_, certificate_, "no PEM certificate in it"},
        {"", key_, "no PEM certificate in it"},
        {certificate_, "", "no unencrypted PEM private key"},
        {certificate_.substr(0, certificate_.size() / 2), key_, "no PEM certificate in it"},
        {certificate_, key_.substr(0, key_.size() / 2), "no unencrypted PEM private key"},
    };
    for (const auto& row : rows) {
        folder_.write("certificate.pem", row.certificate);
        folder_.write("key.pem", row.key);
        expect_refusal(row.reason);
    }
}

TEST_F(CheckConfig, RefusesSecretsAuthoritiesAndDatabasesAsTheStartDoes) {
    // The last letter before the padding carries two bits that belong to no byte.
    folder_.write("secrets", "whsec_AAAAAAAAAAAAAAAAAAAAAB==\n");
    expect_refusal("webhook.secrets");
    folder_.write("secrets", std::string(daemon_secret) + "\n");
    folder_.write("ca.pem", "no certificate\n");
    expect_refusal("seam.ca_file", "[seam]\nca_file = \"ca.pem\"\n");
    folder_.write("none.db", std::string(4096, 'x'));
    expect_refusal("file is not a database", "", "none.db");
    expect_refusal("No such file or directory", "", "no/such/oracoded.db");
    fs::create_directory(folder_ / "folder.db");
    expect_refusal("Is a directory", "", "folder.db");
}

TEST_F(CheckConfig, AByteOrderMarkIsNoPartOfASecret) {
    const std::string mark = "\xEF\xBB\xBF";
    folder_.write("secrets", mark + daemon_secret + "\n");
    folder_.write("tokens", mark + "desk:0123456789abcdef0123456789abcdef\n");
    folder_.write("key.pem", mark + key_);
    folder_.write("certificate.pem", mark + certificate_);
    auto check = command("[seam]\napi_key_file = \"api_key\"\n");
    folder_.write("api_key", mark + "seam_key\r\n");
    check.emplace_back("--check-config");
    const auto checked = run(check, {{"ORACODED_API_TOKENS_FILE", folder_ / "tokens"}});
    EXPECT_EQ(checked.exit_code, 0) << checked.output;
}

TEST_F(CheckConfig, APathThatMayNotBeListenedOnEndsWithTheCodeOfPermission) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root to give a right away";
    fs::create_directory(folder_ / "sealed");
    fs::permissions(folder_ / "sealed", fs::perms::owner_read | fs::perms::owner_exec);
    auto start = command();
    start.insert(start.end(),
                 {"--api-listen", "unix:" + (folder_ / "sealed" / "api.sock").string()});
    start.insert(start.begin(),
                 {"/usr/bin/env", "setpriv", "--bounding-set=-dac_override,-dac_read_search",
                  "--inh-caps=-dac_override,-dac_read_search"});
    const auto refused = run(start);
    EXPECT_EQ(refused.exit_code, 77) << refused.output;
    EXPECT_THAT(refused.output, HasSubstr("api.sock"));
}

TEST_F(CheckConfig, APortBelow1024WithoutTheRightEndsWithTheCodeOfPermission) {
    int first = 0;
    std::ifstream("/proc/sys/net/ipv4/ip_unprivileged_port_start") >> first;
    if (::geteuid() != 0 || first <= 443) GTEST_SKIP() << "here everybody may listen on port 443";
    auto start = command();
    start.insert(start.end(), {"--webhook-listen", "127.0.0.1:443"});
    start.insert(start.begin(), {"/usr/bin/env", "setpriv", "--bounding-set=-net_bind_service",
                                 "--inh-caps=-net_bind_service"});
    const auto refused = run(start);
    EXPECT_EQ(refused.exit_code, 77) << refused.output;
    EXPECT_THAT(refused.output, HasSubstr("oracoded.socket"));
}

TEST(StartAnyway, WithTheVariablesThatKubernetesSetsForAService) {
    Daemon::Options options;
    options.environment = {{"ORACODED_SERVICE_HOST", "10.96.0.12"},
                           {"ORACODED_SERVICE_PORT", "8443"},
                           {"ORACODED_SERVICE_PORT_HTTPS", "8443"},
                           {"ORACODED_PORT", "tcp://10.96.0.12:8443"},
                           {"ORACODED_PORT_8443_TCP", "tcp://10.96.0.12:8443"},
                           {"ORACODED_PORT_8443_TCP_PROTO", "tcp"},
                           {"ORACODED_PORT_8443_TCP_PORT", "8443"},
                           {"ORACODED_PORT_8443_TCP_ADDR", "10.96.0.12"},
                           {"ORACODED_API_PORT", "tcp://10.96.0.13:8080"}};
    Daemon daemon(options);
    daemon.start();
    EXPECT_EQ(daemon.stop(), 0);
}

TEST(StartAnyway, WithAProxyThatCannotBeUsed) {
    for (const std::string proxy : {"socks5://127.0.0.1:1080", "https://proxy.example:3128"}) {
        FakeSeam seam;
        Daemon::Options options;
        options.environment = {{"HTTPS_PROXY", proxy}};
        options.sections = fmt::format(
            "[seam]\nendpoint = \"{}\"\nca_file = \"{}\"\napi_key = \"seam_test_key\"\n",
            seam.url(), seam.ca_file());
        Daemon daemon(options);
        daemon.start();
        EXPECT_EQ(daemon.deliver(event_json({"access_code.created", "code1", "event1"})), 204U);
        const auto ready = daemon.get("/readyz");
        EXPECT_EQ(ready.status, 200U) << ready.body;
        EXPECT_THAT(ready.body, HasSubstr("Seam cannot be asked: HTTPS_PROXY"));
        EXPECT_THAT(daemon.log(), HasSubstr("seam.cannot_be_asked"));
        EXPECT_TRUE(seam.calls().empty());
        EXPECT_EQ(daemon.stop(), 0);
        const auto checked = run({oracoded(), "--config", daemon.config(), "--check-config"},
                                 {{"HTTPS_PROXY", proxy}});
        EXPECT_EQ(checked.exit_code, 0);
        EXPECT_THAT(checked.output, HasSubstr("warning: Seam cannot be asked: HTTPS_PROXY"));
    }
}

TEST(StartAnyway, ABlankProxyIsNone) {
    FakeSeam seam;
    Daemon::Options options;
    options.environment = {{"HTTPS_PROXY", " "}};
    options.sections =
        fmt::format("[seam]\nendpoint = \"{}\"\nca_file = \"{}\"\napi_key = \"seam_test_key\"\n",
                    seam.url(), seam.ca_file());
    Daemon daemon(options);
    daemon.start();
    EXPECT_TRUE(seam.wait_for_calls(1)) << daemon.log();
    EXPECT_THAT(daemon.get("/readyz").body, Not(HasSubstr("cannot be asked")));
    EXPECT_EQ(daemon.stop(), 0);
}

TEST(DeliveryLag, AnEventThatDoesNotTellWhenItWasMadeIsNotLateSince1970) {
    Daemon daemon;
    daemon.start();
    ASSERT_EQ(daemon.deliver(R"({"event_id":"event1","event_type":"access_code.created",)"
                             R"("access_code_id":"code1"})"),
              204U);
    const auto metrics = daemon.get("/metrics").body;
    EXPECT_THAT(metrics, HasSubstr("oracoded_webhook_delivery_lag_seconds_count 0"));
    EXPECT_THAT(metrics, HasSubstr("oracoded_webhook_clock_skew_seconds_count 1"));
    EXPECT_EQ(boost::json::parse(daemon.get("/v1/stats").body)
                  .at("deliveries")
                  .at("lag_last_hour")
                  .at("count"),
              0);
    EXPECT_EQ(daemon.stop(), 0);
}

}  // namespace
}  // namespace oracode::test
