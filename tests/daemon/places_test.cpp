// Who keeps a place when all are taken: whoever has shown a valid signature or token.
#include <gtest/gtest.h>

#include "ctl/lifecycle_script.hpp"
#include "support/daemon.hpp"
#include "support/http_client.hpp"

namespace oracode::test {
namespace {

using End = HttpClient::End;

std::string delivery() {
    return as_text(
        signed_delivery(event_json({"access_code.created", "code1", ctl::fresh_uuid()})));
}

std::string forged() {
    auto request = signed_delivery(event_json({"access_code.created", "code1", "event1"}));
    request.body += " ";
    return as_text(request);
}

TEST(PlacesOfDaemon, AreKeptByDeliveriesThatWereAuthentic) {
    Daemon::Options options;
    options.webhook = "max_connections = 3\n";
    Daemon daemon(options);
    daemon.start();
    auto seam = HttpClient::tcp(daemon.webhook_port());
    EXPECT_EQ(seam.ask(delivery()).status, 204);
    auto forger = HttpClient::tcp(daemon.webhook_port());
    EXPECT_EQ(forger.ask(forged()).status, 401);
    auto silent = HttpClient::tcp(daemon.webhook_port());
    std::vector<HttpClient> newcomers;
    for (auto* loser : {&forger, &silent}) {
        EXPECT_EQ(loser->end(std::chrono::milliseconds{0}), End::open);
        newcomers.push_back(HttpClient::tcp(daemon.webhook_port()));
        EXPECT_EQ(newcomers.back().ask(delivery()).status, 204);
        EXPECT_NE(loser->end(), End::open);
    }
    EXPECT_EQ(seam.ask(delivery()).status, 204);
    EXPECT_EQ(daemon.stop(), 0);
}

TEST(PlacesOfDaemon, AreKeptByCallersOfTheApiWithAToken) {
    Daemon::Options options;
    options.api = "max_connections = 2\ntokens = [\"desk:a-token-long-enough-for-anybody\"]\n";
    Daemon daemon(options);
    daemon.start();
    const std::string question = "GET /v1/devices HTTP/1.1\r\nHost: localhost\r\n";
    const auto with_token =
        question + "Authorization: Bearer a-token-long-enough-for-anybody\r\n\r\n";
    auto desk = HttpClient::tcp(daemon.api_port());
    EXPECT_EQ(desk.ask(with_token).status, 200);
    auto stranger = HttpClient::tcp(daemon.api_port());
    EXPECT_EQ(stranger.ask(question + "\r\n").status, 401);
    auto next = HttpClient::tcp(daemon.api_port());
    EXPECT_EQ(next.ask(with_token).status, 200);
    EXPECT_NE(stranger.end(), End::open);
    EXPECT_EQ(desk.ask(with_token).status, 200);
    EXPECT_EQ(daemon.stop(), 0);
}

}  // namespace
}  // namespace oracode::test
