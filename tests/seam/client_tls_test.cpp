// Whom the client talks to, and through whom.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "seam/client.hpp"
#include "support/fake_seam_caller.hpp"
#include "support/fake_seam_proxy.hpp"

namespace oracode::seam {
namespace {

using test::Caller;
using test::FakeCertificate;
using test::FakeProxy;
using test::FakeSeam;
using test::options_for;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using namespace std::chrono_literals;

const std::string path = "/access_codes/list";

CallError refusal_of(FakeSeam& seam, const ClientOptions& options) {
    seam.always(path, {});
    Caller caller(options);
    const auto result = caller.get(path);
    EXPECT_TRUE(seam.calls().empty()) << "it was told the key";
    EXPECT_FALSE(result);
    return result ? CallError{} : result.error();
}

TEST(ClientTls, RefusesAnotherHostsCertificate) {
    FakeSeam seam({.certificate = FakeCertificate::other_name});
    const auto error = refusal_of(seam, options_for(seam));
    EXPECT_EQ(error.code, Errc::seam_unreachable);
    EXPECT_THAT(error.detail, HasSubstr("certificate refused: hostname mismatch"));
}

TEST(ClientTls, RefusesAnotherAddresssCertificate) {
    FakeSeam seam({.certificate = FakeCertificate::other_name});
    auto options = options_for(seam);
    options.endpoint = "https://127.0.0.1:" + std::to_string(seam.port());
    EXPECT_THAT(refusal_of(seam, options).detail,
                HasSubstr("certificate refused: IP address mismatch"));
}

TEST(ClientTls, RefusesAnExpiredCertificate) {
    FakeSeam seam({.certificate = FakeCertificate::expired});
    EXPECT_THAT(refusal_of(seam, options_for(seam)).detail,
                HasSubstr("certificate refused: certificate has expired"));
}

TEST(ClientTls, RefusesASelfSignedCertificate) {
    FakeSeam seam({.certificate = FakeCertificate::self_signed});
    EXPECT_THAT(refusal_of(seam, options_for(seam)).detail,
                HasSubstr("certificate refused: self-signed certificate"));
}

TEST(ClientTls, RefusesAnAuthorityTheSystemDoesNotKnow) {
    FakeSeam seam;
    auto options = options_for(seam);
    options.ca_file.clear();
    EXPECT_THAT(refusal_of(seam, options).detail, HasSubstr("certificate refused"));
}

TEST(ClientTls, RefusesAServerThatSpeaksNoTls) {
    FakeSeam seam({.tls = false});
    auto options = options_for(seam);
    options.endpoint = "https://127.0.0.1:" + std::to_string(seam.port());
    const auto error = refusal_of(seam, options);
    EXPECT_EQ(error.code, Errc::seam_unreachable);
    EXPECT_THAT(error.detail, HasSubstr("TLS handshake"));
}

TEST(ClientTls, TakesACertificateForTheAddressAndThenSendsNoName) {
    FakeSeam seam;
    seam.always(path, {});
    auto options = options_for(seam);
    options.endpoint = "https://127.0.0.1:" + std::to_string(seam.port());
    Caller caller(options);
    const auto result = caller.get(path);
    ASSERT_TRUE(result) << describe(result.error());
    EXPECT_EQ(seam.calls().at(0).server_name, "");
}

TEST(ClientProxy, ConnectsThroughItAndVerifiesTheEndBehindIt) {
    FakeSeam seam;
    seam.always(path, {});
    const FakeProxy proxy(seam.port());
    auto options = options_for(seam);
    options.endpoint = "https://connect.seam.test";  // a name that only the proxy knows
    options.https_proxy = "http://user:p%40ss@127.0.0.1:" + std::to_string(proxy.port());
    Caller caller(options);

    ASSERT_TRUE(caller.get(path));
    const auto second = caller.get(path);
    ASSERT_TRUE(second) << describe(second.error());

    ASSERT_EQ(proxy.heads().size(), 1U);
    const auto head = proxy.heads().at(0);
    EXPECT_THAT(head, StartsWith("CONNECT connect.seam.test:443 HTTP/1.1\r\n"));
    EXPECT_THAT(head, HasSubstr("Host: connect.seam.test:443\r\n"));
    EXPECT_THAT(head, HasSubstr("Proxy-Authorization: Basic dXNlcjpwQHNz\r\n"));
    EXPECT_THAT(head, Not(HasSubstr("Bearer")));
    EXPECT_EQ(seam.calls().at(0).server_name, "connect.seam.test");
    EXPECT_FALSE(seam.calls().at(0).headers.contains("proxy-authorization"));
}

TEST(ClientProxy, RefusesAnotherHostBehindIt) {
    FakeSeam seam({.certificate = FakeCertificate::other_name});
    const FakeProxy proxy(seam.port());
    auto options = options_for(seam);
    options.endpoint = "https://connect.seam.test";
    options.https_proxy = "127.0.0.1:" + std::to_string(proxy.port());
    EXPECT_THAT(refusal_of(seam, options).detail, HasSubstr("hostname mismatch"));
}

TEST(ClientProxy, SaysThatItRefused) {
    FakeSeam seam;
    const FakeProxy proxy(seam.port(), 407);
    auto options = options_for(seam);
    options.https_proxy = "http://user:secret@127.0.0.1:" + std::to_string(proxy.port());
    const auto error = refusal_of(seam, options);
    EXPECT_EQ(error.code, Errc::seam_unreachable) << "the key is not at fault";
    EXPECT_THAT(error.detail, HasSubstr("proxy"));
    EXPECT_THAT(error.detail, HasSubstr("407"));
    EXPECT_THAT(error.detail, Not(HasSubstr("secret")));
}

TEST(ClientProxy, IsPassedByWhereNoProxySaysSo) {
    FakeSeam seam;
    seam.always(path, {});
    const FakeProxy proxy(seam.port());
    auto options = options_for(seam);
    options.https_proxy = "http://127.0.0.1:" + std::to_string(proxy.port());
    options.no_proxy = "example.com,localhost";
    Caller caller(options);
    ASSERT_TRUE(caller.get(path));
    EXPECT_TRUE(proxy.heads().empty());
}

}  // namespace
}  // namespace oracode::seam
