#include "ctl/http_client.hpp"

#include <gtest/gtest.h>

#include "ctl/failure.hpp"
#include "support/scripted_server.hpp"

namespace oracode::ctl {
namespace {

using test::Certificate;
using test::Scripted;
using test::ScriptedServer;
using test::Seen;

HttpClient client_of(const std::string& url, HttpSettings settings = {}) {
    return {net::parse_url(url).value(), std::move(settings)};
}

HttpRequest get(std::string target) {
    return {.target = std::move(target)};
}

// What `act` throws, as its exit code and its sentence.
template <class Act>
Failure failure_of(Act act) {
    try {
        act();
    } catch (const Failure& failure) {
        return failure;
    }
    return {ExitCode::success, "nothing failed"};
}

#define EXPECT_SAYS(failure, words) \
    EXPECT_NE(std::string((failure).what()).find(words), std::string::npos) << (failure).what()

TEST(HttpClient, SendsWhatItIsGivenAndReturnsTheAnswer) {
    Seen seen;
    ScriptedServer server([&](const Seen& request) {
        seen = request;
        return Scripted{.status = 418, .body = "{\"a\":1}"};
    });
    auto client = client_of(server.url());
    const auto answer = client.exchange({.method = "POST",
                                         .target = "/x?y=1",
                                         .headers = {{"X-Test", "1"}},
                                         .body = std::string("a\0b", 3)});
    EXPECT_EQ(answer.status, 418U);
    EXPECT_EQ(answer.body, "{\"a\":1}");
    EXPECT_EQ(answer.header("CONTENT-type"), "application/json");
    EXPECT_EQ(answer.header("absent"), std::nullopt);
    EXPECT_EQ(seen.method, "POST");
    EXPECT_EQ(seen.target, "/x?y=1");
    EXPECT_EQ(seen.headers["x-test"], "1");
    EXPECT_EQ("http://" + seen.headers["host"], server.url());
    EXPECT_EQ(seen.body, std::string("a\0b", 3));
}

TEST(HttpClient, KeepsItsConnection) {
    ScriptedServer server([](const Seen&) { return Scripted{.status = 204}; });
    auto client = client_of(server.url());
    for (int i = 0; i < 3; ++i) EXPECT_EQ(client.exchange(get("/")).status, 204U);
    EXPECT_EQ(server.connections(), 1);
}

TEST(HttpClient, ConnectsAnewWhereTheKeptConnectionWasClosed) {
    ScriptedServer server([](const Seen&) { return Scripted{.close_unannounced = true}; });
    auto client = client_of(server.url());
    for (int i = 0; i < 3; ++i) EXPECT_EQ(client.exchange(get("/")).status, 200U);
    EXPECT_EQ(server.connections(), 3);
}

TEST(HttpClient, ReachesUnixSockets) {
    const auto path =
        std::filesystem::path(testing::TempDir()) / ("ctl-" + std::to_string(getpid()) + ".sock");
    std::filesystem::remove(path);
    ScriptedServer server([](const Seen& request) { return Scripted{.body = request.target}; },
                          path);
    EXPECT_EQ(client_of(server.url()).exchange(get("/v1")).body, "/v1");
    std::filesystem::remove(path);
}

TEST(HttpClient, TrustsTheGivenCertificateForItsNamesOnly) {
    const Certificate certificate;
    ScriptedServer server([](const Seen&) { return Scripted{}; }, &certificate);
    auto by_address = client_of(server.url(), {.ca_file = certificate.certificate()});
    EXPECT_EQ(by_address.exchange(get("/")).status, 200U);

    auto port = server.url().substr(server.url().rfind(':'));
    auto by_name = client_of("https://localhost" + port, {.ca_file = certificate.certificate()});
    EXPECT_EQ(by_name.exchange(get("/")).status, 200U);
}

TEST(HttpClient, RefusesATrustedCertificateOfAnother) {
    const Certificate certificate("DNS:elsewhere.example,IP:127.0.0.9");
    ScriptedServer server([](const Seen&) { return Scripted{}; }, &certificate);
    const auto port = server.url().substr(server.url().rfind(':'));
    for (const auto* host : {"localhost", "127.0.0.1"}) {
        auto client = client_of("https://" + (host + port), {.ca_file = certificate.certificate()});
        const auto failure = failure_of([&] { (void)client.exchange(get("/")); });
        EXPECT_EQ(failure.exit, ExitCode::unavailable);
        EXPECT_SAYS(failure, "mismatch");
    }
}

TEST(HttpClient, RefusesACertificateThatNobodyVouchesFor) {
    const Certificate certificate;
    const Certificate other;
    int requests = 0;
    ScriptedServer server(
        [&](const Seen&) {
            ++requests;
            return Scripted{};
        },
        &certificate);
    for (const auto& settings : {HttpSettings{}, HttpSettings{.ca_file = other.certificate()}}) {
        auto client = client_of(server.url(), settings);
        const auto failure = failure_of([&] { (void)client.exchange(get("/")); });
        EXPECT_EQ(failure.exit, ExitCode::unavailable);
        EXPECT_SAYS(failure, "is not trusted");
    }
    EXPECT_EQ(requests, 0);
    auto careless = client_of(server.url(), {.insecure = true});
    EXPECT_EQ(careless.exchange(get("/")).status, 200U);
}

TEST(HttpClient, GivesUpOnASilentPeerWhenItsTimeIsOver) {
    ScriptedServer server([](const Seen&) { return Scripted{.silent = true}; });
    auto client = client_of(server.url(), {.timeout = std::chrono::milliseconds{150}});
    const auto begun = std::chrono::steady_clock::now();
    const auto failure = failure_of([&] { (void)client.exchange(get("/")); });
    EXPECT_EQ(failure.exit, ExitCode::unavailable);
    EXPECT_SAYS(failure, "no answer within 150ms");
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds{5});
}

TEST(HttpClient, SaysWhomItCouldNotReach) {
    auto refused = client_of("http://127.0.0.1:1");
    const auto failure = failure_of([&] { (void)refused.exchange(get("/")); });
    EXPECT_EQ(failure.exit, ExitCode::unavailable);
    EXPECT_SAYS(failure, "http://127.0.0.1:1:");
    EXPECT_SAYS(failure, "is oracoded running");

    auto no_socket = client_of("unix:/nowhere/api.sock");
    EXPECT_SAYS(failure_of([&] { (void)no_socket.exchange(get("/")); }), "unix:/nowhere/api.sock");
}

TEST(HttpClient, NeedsAReadableCaFile) {
    EXPECT_EQ(failure_of([] { client_of("https://localhost", {.ca_file = "/nowhere.pem"}); }).exit,
              ExitCode::no_input);
}

}  // namespace
}  // namespace oracode::ctl
