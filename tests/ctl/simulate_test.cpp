// `oracodectl simulate`: the built binary delivers to a server that checks.
#include <sstream>

#include <boost/json.hpp>

#include "tests/ctl/oracodectl_fixture.hpp"
#include "webhook/signature.hpp"

namespace oracode::ctl {
namespace {

namespace json = boost::json;

class Simulate : public OracodectlTest {
protected:
    static constexpr const char* secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    // Takes deliveries as a listener does, answering `status`.
    Scripted listen(const Seen& request) {
        deliveries_.push_back(request);
        return {.status = status_};
    }

    std::string command(const std::string& url) const {
        return "simulate --url " + url + "/webhooks/seam --secret-file " + secret_file_ + " ";
    }

    bool genuine(const Seen& delivery) const {
        const std::vector<webhook::Secret> secrets{webhook::Secret::parse(secret).value()};
        webhook::Verifier verifier(secrets, std::chrono::minutes{5});
        webhook::SignatureHeaders headers;
        headers.id = delivery.headers.at("svix-id");
        headers.timestamp = delivery.headers.at("svix-timestamp");
        headers.signature = delivery.headers.at("svix-signature");
        const auto now =
            std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
        return verifier.verify(headers, delivery.body, now).accepted();
    }

    std::vector<std::string> types() const {
        std::vector<std::string> types;
        for (const auto& delivery : deliveries_)
            types.push_back(
                json::value_to<std::string>(json::parse(delivery.body).at("event_type")));
        return types;
    }

    std::vector<Seen> deliveries_;
    unsigned status_ = 204;
    std::string secret_file_ = file_with("secret", std::string(secret) + "\n");
};

TEST_F(Simulate, DeliversASignedLifecycleOverTls) {
    const Certificate certificate;
    ScriptedServer server([this](const Seen& request) { return listen(request); }, &certificate);
    const auto outcome = run(command(server.url()) + "--code code-1 --device lock-1 --ca " +
                             certificate.certificate());
    EXPECT_EQ(outcome.exit, 0) << outcome.err;
    EXPECT_EQ(types(), (std::vector<std::string>{
                           "access_code.created", "access_code.scheduled_on_device",
                           "access_code.delay_in_setting_on_device", "access_code.set_on_device"}));
    for (const auto& delivery : deliveries_) {
        EXPECT_EQ(delivery.method, "POST");
        EXPECT_EQ(delivery.target, "/webhooks/seam");
        EXPECT_TRUE(genuine(delivery));
        EXPECT_EQ(json::parse(delivery.body).at("access_code_id"), "code-1");
        EXPECT_EQ(json::parse(delivery.body).at("device_id"), "lock-1");
        EXPECT_HAS(outcome.out, delivery.headers.at("svix-id") + "  204  ");
    }
}

TEST_F(Simulate, ChecksTheCertificateUnlessInsecure) {
    const Certificate certificate;
    ScriptedServer server([this](const Seen& request) { return listen(request); }, &certificate);
    EXPECT_EQ(run(command(server.url())).exit, 69);
    EXPECT_TRUE(deliveries_.empty());
    EXPECT_EQ(run(command(server.url()) + "--insecure").exit, 0);
    EXPECT_EQ(deliveries_.size(), 4U);
    EXPECT_EQ(run(command(server.url()) + "--insecure --ca " + certificate.certificate()).exit, 64);
}

TEST_F(Simulate, StopsAtTheFirstRefusal) {
    ScriptedServer server([this](const Seen& request) { return listen(request); });
    const std::pair<unsigned, int> rows[] = {{401, 1}, {404, 1}, {413, 1}, {302, 1}, {503, 69}};
    for (const auto& [status, code] : rows) {
        deliveries_.clear();
        status_ = status;
        const auto outcome = run(command(server.url()));
        EXPECT_EQ(outcome.exit, code) << status;
        EXPECT_HAS(outcome.err, "not accepted");
        EXPECT_EQ(deliveries_.size(), 1U);
    }
    status_ = 202;
    EXPECT_EQ(run(command(server.url())).exit, 0);
}

TEST_F(Simulate, DuplicatesRepeatMessageAndEventUnderAFreshSignature) {
    ScriptedServer server([this](const Seen& request) { return listen(request); });
    EXPECT_EQ(run(command(server.url()) + "--events created,set_on_device --duplicates").exit, 0);
    ASSERT_EQ(deliveries_.size(), 4U);
    for (const std::size_t i : {0U, 2U}) {
        EXPECT_EQ(deliveries_[i].headers.at("svix-id"), deliveries_[i + 1].headers.at("svix-id"));
        EXPECT_EQ(deliveries_[i].body, deliveries_[i + 1].body);
    }
    EXPECT_NE(deliveries_[0].headers.at("svix-id"), deliveries_[2].headers.at("svix-id"));
    for (const auto& delivery : deliveries_) EXPECT_TRUE(genuine(delivery));
}

TEST_F(Simulate, ShuffledItStillDeliversEverythingOnce) {
    ScriptedServer server([this](const Seen& request) { return listen(request); });
    EXPECT_EQ(run(command(server.url()) + "--shuffle --interval 1ms").exit, 0);
    auto sorted = types();
    std::ranges::sort(sorted);
    EXPECT_EQ(sorted, (std::vector<std::string>{
                          "access_code.created", "access_code.delay_in_setting_on_device",
                          "access_code.scheduled_on_device", "access_code.set_on_device"}));
}

TEST_F(Simulate, TakesTheSecretFromTheEnvironmentAndNeverRepeatsIt) {
    ScriptedServer server([this](const Seen& request) { return listen(request); });
    const std::string url = "simulate --json --url " + server.url() + "/webhooks/seam";
    const auto outcome = run(url, std::string("SEAM_WEBHOOK_SECRET=") + secret);
    EXPECT_EQ(outcome.exit, 0) << outcome.err;
    EXPECT_EQ(deliveries_.size(), 4U);
    std::istringstream lines(outcome.out);
    std::size_t count = 0;
    for (std::string line; std::getline(lines, line); ++count)
        EXPECT_EQ(json::parse(line).at("status"), 204);
    EXPECT_EQ(count, 4U);

    const auto bad = run(url, "SEAM_WEBHOOK_SECRET=whsec_not*base64");
    EXPECT_EQ(bad.exit, 65);
    EXPECT_EQ(bad.err.find("not*base64"), std::string::npos) << bad.err;
    EXPECT_EQ(run(url + " --secret-file /nowhere/secret").exit, 66);
}

}  // namespace
}  // namespace oracode::ctl
