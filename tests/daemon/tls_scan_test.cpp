// TLS of the real daemon as sslscan finds it, on both listeners and with both kinds of keys: RSA
// keys would allow key exchanges without forward secrecy.
#include <filesystem>
#include <map>
#include <optional>
#include <sstream>

#include <boost/property_tree/xml_parser.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/daemon.hpp"
#include "support/tls_certificate.hpp"

namespace oracode::test {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* sslscan = "/usr/bin/sslscan";

class TlsScan : public testing::TestWithParam<KeyKind> {
protected:
    void SetUp() override {
        if (!std::filesystem::exists(sslscan)) GTEST_SKIP() << sslscan << " is missing";
        Daemon::Options options;
        options.tls = true;
        options.api = "certificate = \"certificate.pem\"\nprivate_key = \"key.pem\"\n";
        daemon_.emplace(options);
        const auto pair = make_certificate("localhost", std::chrono::hours{24}, GetParam());
        daemon_->folder().write("certificate.pem", pair.certificate);
        daemon_->folder().write("key.pem", pair.private_key);
        daemon_->start();
    }
    void TearDown() override {
        if (!daemon_) return;
        EXPECT_EQ(daemon_->stop(), 0);
    }

    std::optional<Daemon> daemon_;
};
INSTANTIATE_TEST_SUITE_P(Daemon, TlsScan, testing::Values(KeyKind::p256, KeyKind::rsa2048),
                         [](const auto& with) {
                             return with.param == KeyKind::p256 ? "P256" : "Rsa2048";
                         });

void expect_strong(unsigned short port) {
    const auto scan = run({sslscan, "--xml=-", "127.0.0.1:" + std::to_string(port)});
    SCOPED_TRACE(scan.output);
    boost::property_tree::ptree document;
    std::istringstream text(scan.output.substr(scan.output.find("<?xml")));
    read_xml(text, document);
    std::map<std::string, int> found;
    for (const auto& [element, tree] : document.get_child("document.ssltest")) {
        const auto value = [&, &at = tree](const std::string& attribute) {
            return at.get<std::string>("<xmlattr>." + attribute, "");
        };
        ++found[element];
        if (element == "protocol") {
            const bool modern = value("version") == "1.2" || value("version") == "1.3";
            EXPECT_EQ(value("enabled"), modern ? "1" : "0") << value("type") << value("version");
        } else if (element == "renegotiation" || element == "compression") {
            EXPECT_EQ(value("supported"), "0") << element;
        } else if (element == "heartbleed") {
            EXPECT_EQ(value("vulnerable"), "0");
        } else if (element == "cipher") {
            const auto cipher = value("cipher");
            ++found[value("sslversion")];
            EXPECT_THAT(cipher, AnyOf(HasSubstr("GCM"), HasSubstr("CHACHA20"))) << "not AEAD";
            EXPECT_THAT(cipher, AnyOf(StartsWith("ECDHE-"), StartsWith("TLS_")))
                << "without forward secrecy";
        } else if (element == "group") {
            EXPECT_THAT(value("name"),
                        AnyOf(HasSubstr("25519"), HasSubstr("P-256"), HasSubstr("P-384")));
        }
    }
    EXPECT_EQ(found["protocol"], 6);
    EXPECT_EQ(found["renegotiation"], 1);
    EXPECT_GE(found["group"], 3);
    EXPECT_EQ(found["TLSv1.2"], 3);
    EXPECT_EQ(found["TLSv1.3"], 3);
}

TEST_P(TlsScan, FindsNothingWeakOnEitherListener) {
    expect_strong(daemon_->webhook_port());
    expect_strong(daemon_->api_port());
}

}  // namespace
}  // namespace oracode::test
