// Files that change under the running program: taken as a whole, or not at all.
#include <csignal>
#include <filesystem>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ctl/lifecycle_script.hpp"
#include "support/daemon.hpp"

namespace oracode::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr const char* other_secret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

class Reload : public testing::Test {
protected:
    static Daemon::Options options() {
        Daemon::Options options;
        options.bare = options.tls = true;
        options.webhook =
            "certificate = \"certificate.pem\"\nprivate_key = \"key.pem\"\n"
            "secrets_file = \"secrets\"\n";
        options.api = "tokens_file = \"tokens\"\n";
        options.store = "database = \"oracoded.db\"\n";
        return options;
    }
    void SetUp() override {
        put("secrets", other_secret);
        put("tokens", first_token_ + ":read");
        daemon_.start();
    }

    // As careful programs write: a new file takes the old one's name.
    void put(const std::string& name, const std::string& text) {
        daemon_.folder().write(name + ".new", text + "\n");
        fs::rename(daemon_.folder() / (name + ".new"), daemon_.folder() / name);
    }
    unsigned deliver() {
        return daemon_.deliver(event_json({"access_code.created", "code1", ctl::fresh_uuid()}));
    }
    unsigned list(const std::string& token) {
        ctl::HttpRequest request;
        request.target = "/v1/access_codes";
        request.headers = {{"Authorization", "Bearer " + token}};
        return daemon_.api_client()->exchange(request).status;
    }
    std::string metric(const std::string& name) {
        ctl::HttpRequest request;
        request.target = "/metrics";
        request.headers = {{"Authorization", "Bearer first-token-of-the-test"}};
        const auto text = daemon_.api_client()->exchange(request).body;
        const auto at = text.find("\n" + name + " ");
        return at == std::string::npos
                   ? "absent"
                   : text.substr(at + name.size() + 2,
                                 text.find('\n', at + 1) - at - name.size() - 2);
    }
    boost::json::value config_check() {
        const auto ready = daemon_.get("/readyz");
        EXPECT_EQ(ready.status, 200U) << ready.body;
        return boost::json::parse(ready.body).at("checks").at("config");
    }
    bool logged(const std::string& text, std::size_t times = 1) {
        return eventually([&] {
            const auto log = daemon_.log();
            std::size_t found = 0;
            for (auto at = log.find(text); at != std::string::npos; at = log.find(text, at + 1))
                ++found;
            return found >= times;
        });
    }

    const std::string first_token_ = "first:first-token-of-the-test";
    const std::string successful_ = "oracoded_config_last_reload_successful";
    Daemon daemon_{options()};
};

TEST_F(Reload, ANewSecretIsTakenFromItsFileOnItsOwn) {
    EXPECT_EQ(deliver(), 401U);
    put("secrets", daemon_secret);
    EXPECT_TRUE(logged("config.reloaded trigger=\"changed files\"")) << daemon_.log();
    EXPECT_EQ(deliver(), 204U);
    EXPECT_EQ(daemon_.stop(), 0);
}

TEST_F(Reload, NewTokensAreTakenFromTheirFileOnItsOwn) {
    EXPECT_EQ(list("first-token-of-the-test"), 200U);
    put("tokens", "second:second-token-of-the-test:read");
    EXPECT_TRUE(logged("config.reloaded"));
    EXPECT_EQ(list("first-token-of-the-test"), 401U);
    EXPECT_EQ(list("second-token-of-the-test"), 200U);
    EXPECT_EQ(daemon_.stop(), 0);
}

TEST_F(Reload, ANewCertificateIsServedAndOpenConnectionsLiveOn) {
    const auto name = "oracoded_tls_certificate_not_after_timestamp_seconds";
    const auto open = daemon_.webhook_client();
    const auto ask = [&] { return open->exchange(signed_delivery("{}")).status; };
    EXPECT_EQ(ask(), 401U);
    const auto before = metric(name);
    daemon_.put_certificate(std::chrono::hours{240});
    EXPECT_TRUE(eventually([&] { return metric(name) != before; }));
    EXPECT_EQ(metric(successful_), "1");
    EXPECT_EQ(ask(), 401U);
    EXPECT_EQ(deliver(), 401U);
    EXPECT_EQ(daemon_.stop(), 0);
}

TEST_F(Reload, ABadPairKeepsTheOldOneAndEverybodyHearsOfIt) {
    put("certificate.pem", "garbage");
    EXPECT_TRUE(logged("config.reload_refused"));
    EXPECT_EQ(metric(successful_), "0");
    auto check = config_check();
    EXPECT_EQ(check.at("ok"), false);
    EXPECT_THAT(std::string(check.at("why").as_string()), HasSubstr("certificate.pem"));
    EXPECT_EQ(deliver(), 401U) << "the listener goes on with the old pair";

    daemon_.put_certificate(std::chrono::hours{48});
    EXPECT_TRUE(logged("config.reloaded"));
    EXPECT_TRUE(eventually([&] { return metric(successful_) == "1"; }));
    EXPECT_EQ(config_check().at("ok"), true);
    EXPECT_EQ(daemon_.stop(), 0);
}

TEST_F(Reload, OneBadFileKeepsAllTheOthersFromBeingTaken) {
    put("tokens", "no token at all");
    EXPECT_TRUE(logged("config.reload_refused"));
    put("secrets", daemon_secret);
    EXPECT_TRUE(logged("config.reload_refused", 2));
    EXPECT_EQ(deliver(), 401U);
    EXPECT_EQ(list("first-token-of-the-test"), 200U);
    put("tokens", first_token_ + ":read");
    EXPECT_TRUE(logged("config.reloaded"));
    EXPECT_EQ(deliver(), 204U);
    EXPECT_EQ(daemon_.log().find(daemon_secret), std::string::npos);
    EXPECT_EQ(daemon_.stop(), 0);
}

TEST_F(Reload, TheSettingsFileIsTakenOnItsOwnAndBySignal) {
    const auto text = contents(daemon_.config());
    auto quiet = text;
    quiet.replace(quiet.find("\"debug\""), 7, "\"error\"");
    put("oracoded.toml", "[webhok]\n" + text);
    EXPECT_TRUE(logged("config.reload_refused"));
    daemon_.process().signal(SIGHUP);
    EXPECT_TRUE(logged("config.reload_refused trigger=signal"));
    put("oracoded.toml", quiet);
    EXPECT_TRUE(eventually([&] { return metric(successful_) == "1"; }));
    const auto before = daemon_.log().size();
    EXPECT_EQ(deliver(), 401U);
    EXPECT_EQ(daemon_.stop(), 0);
    EXPECT_EQ(daemon_.log().substr(before).find("webhook.refused"), std::string::npos)
        << "it is a warning, and only errors are wanted now";
}

}  // namespace
}  // namespace oracode::test
