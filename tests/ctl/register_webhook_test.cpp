// oracodectl register-webhook against a scripted Seam.
#include <gtest/gtest.h>

#include "support/fake_seam.hpp"
#include "support/fake_seam_proxy.hpp"
#include "support/paths.hpp"
#include "support/process.hpp"

namespace oracode::test {
namespace {

constexpr const char* url = "https://locks.example:8443/webhooks/seam";

Finished register_webhook(const FakeSeam& seam, const std::vector<std::string>& more = {}) {
    std::vector<std::string> command{oracodectl(), "--ca",       seam.ca_file(), "register-webhook",
                                     url,          "--endpoint", seam.url()};
    command.insert(command.end(), more.begin(), more.end());
    return run(command, {{"SEAM_API_KEY", "seam_test_key"}});
}

TEST(RegisterWebhook, CreatesItForAllTypesAndSaysWhereTheSecretGoes) {
    FakeSeam seam;
    seam.always("/webhooks/list", {.body = R"({"webhooks":[],"ok":true})"});
    seam.always("/webhooks/create",
                {.body = std::string(R"({"webhook":{"webhook_id":"w1","url":")") + url +
                         R"(","secret":"whsec_abc"},"ok":true})"});
    const TemporaryFolder folder;
    const auto kept = folder.write("secrets", "whsec_old\n");
    const auto done = register_webhook(seam, {"--secret-file", kept});
    EXPECT_EQ(done.exit_code, 0) << done.output;
    EXPECT_NE(done.output.find("webhook.secrets_file"), std::string::npos) << done.output;
    EXPECT_EQ(contents(kept), "whsec_old\nwhsec_abc\n");
    EXPECT_TRUE(seam.violations().empty()) << seam.violations().front();
    const auto calls = seam.calls();
    EXPECT_EQ(calls.back().body.find("event_types"), std::string::npos)
        << "a list would be closed to the types of tomorrow";
    EXPECT_EQ(calls.back().headers.at("authorization"), "Bearer seam_test_key");
    EXPECT_NE(register_webhook(seam).output.find("whsec_abc"), std::string::npos);
}

TEST(RegisterWebhook, LeavesOneThatExistsAlone) {
    FakeSeam seam;
    seam.always("/webhooks/list",
                {.body = std::string(R"({"webhooks":[{"webhook_id":"w1","url":")") + url +
                         R"("}],"ok":true})"});
    const auto done = register_webhook(seam);
    EXPECT_EQ(done.exit_code, 0) << done.output;
    EXPECT_NE(done.output.find("registered already"), std::string::npos) << done.output;
    EXPECT_EQ(seam.calls().size(), 1U);
    EXPECT_EQ(done.output.find("subscribed"), std::string::npos) << done.output;
    seam.always("/webhooks/list",
                {.body = std::string(R"({"webhooks":[{"webhook_id":"w1","url":")") + url +
                         R"(","event_types":["access_code.created"]}],"ok":true})"});
    EXPECT_NE(register_webhook(seam).output.find("later will not be delivered"), std::string::npos);
}

TEST(RegisterWebhook, GoesThroughTheProxyOfTheEnvironment) {
    FakeSeam seam;
    seam.always("/webhooks/list",
                {.body = std::string(R"({"webhooks":[{"webhook_id":"w1","url":")") + url +
                         R"("}],"ok":true})"});
    const auto port = seam.url().substr(seam.url().rfind(':') + 1);
    FakeProxy proxy(static_cast<std::uint16_t>(std::stoi(port)));
    const auto by_proxy = [&](const std::string& https_proxy, const std::string& no_proxy) {
        return run({oracodectl(), "--ca", seam.ca_file(), "register-webhook", url, "--endpoint",
                    seam.url()},
                   {{"SEAM_API_KEY", "seam_test_key"},
                    {"HTTPS_PROXY", https_proxy},
                    {"NO_PROXY", no_proxy}})
            .exit_code;
    };
    const auto address = "http://127.0.0.1:" + std::to_string(proxy.port());
    EXPECT_EQ(by_proxy(address, "*"), 0);
    EXPECT_TRUE(proxy.heads().empty());
    EXPECT_EQ(by_proxy(address, ""), 0);
    ASSERT_EQ(proxy.heads().size(), 1U);
    EXPECT_TRUE(proxy.heads().front().starts_with("CONNECT ")) << proxy.heads().front();
    EXPECT_EQ(proxy.heads().front().find("seam_test_key"), std::string::npos);
    EXPECT_EQ(by_proxy("socks5://127.0.0.1:1", ""), 64);
}

TEST(RegisterWebhook, SaysWhatIsWrong) {
    FakeSeam seam;
    seam.always("/webhooks/list", fake_error(401, "unauthorized", "bad key"));
    const auto refused = register_webhook(seam);
    EXPECT_EQ(refused.exit_code, 77);
    EXPECT_NE(refused.output.find("unauthorized: bad key"), std::string::npos) << refused.output;
    seam.always("/webhooks/list", {.body = R"({"webhooks":[],"ok":true})"});
    auto taken = fake_error(400, "invalid_url", "seam_test_key may not use this URL");
    taken.headers = {{"seam-request-id", "seam-7"}};
    seam.always("/webhooks/create", taken);
    const auto failed = register_webhook(seam);
    EXPECT_NE(failed.output.find("invalid_url: *** may not use this URL (seam-request-id seam-7)"),
              std::string::npos)
        << failed.output;
    EXPECT_EQ(
        run({oracodectl(), "register-webhook", "http://locks.example/"}, {{"SEAM_API_KEY", "k"}})
            .exit_code,
        64);
    EXPECT_EQ(run({oracodectl(), "register-webhook", url}).exit_code, 64);
}

}  // namespace
}  // namespace oracode::test
