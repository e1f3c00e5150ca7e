// The webhook listener behind a proxy: who counts as the sender.
#include <gtest/gtest.h>

#include "ctl/lifecycle_script.hpp"
#include "support/daemon.hpp"
#include "support/http_client.hpp"

namespace oracode::test {
namespace {

std::string delivery(const std::string& code, const std::string& headers, bool forged = false) {
    auto request = signed_delivery(event_json({"access_code.created", code, ctl::fresh_uuid()}));
    if (forged) request.body += ' ';
    std::string text = "POST " + request.target + " HTTP/1.1\r\nHost: localhost\r\n" + headers;
    for (const auto& [name, value] : request.headers)
        text.append(name).append(": ").append(value).append("\r\n");
    return text + "Content-Length: " + std::to_string(request.body.size()) + "\r\n\r\n" +
           request.body;
}

std::string forwarded_for(const std::string& client) {
    return "X-Forwarded-For: " + client + "\r\n";
}

bool logged(const Daemon& daemon, const std::string& text) {
    return eventually([&] { return daemon.log().find(text) != std::string::npos; });
}

Daemon::Options behind_a_proxy(const std::string& proxies) {
    Daemon::Options options;
    options.webhook = "trusted_proxies = [" + proxies + "]\nmax_connections_per_address = 2\n";
    return options;
}

TEST(Proxy, ATrustedOnesClientIsTheOneInTheLog) {
    Daemon daemon(behind_a_proxy("\"127.0.0.0/8\""));
    daemon.start();
    auto proxy = HttpClient::tcp(daemon.webhook_port());
    EXPECT_EQ(proxy.ask(delivery("c", forwarded_for("1.1.1.1, 203.0.113.7"), true)).status, 401);
    EXPECT_TRUE(logged(daemon, "peer=203.0.113.7")) << daemon.log();
    EXPECT_EQ(daemon.log().find("1.1.1.1"), std::string::npos) << "anybody can claim that";
    EXPECT_EQ(daemon.stop(), 0);
}

TEST(Proxy, AnUntrustedOnesWordCountsForNothing) {
    Daemon daemon(behind_a_proxy("\"10.0.0.0/8\""));
    daemon.start();
    auto client = HttpClient::tcp(daemon.webhook_port());
    EXPECT_EQ(client.ask(delivery("c", forwarded_for("203.0.113.7"), true)).status, 401);
    EXPECT_TRUE(logged(daemon, "peer=127.0.0.1")) << daemon.log();
    EXPECT_EQ(daemon.log().find("203.0.113.7"), std::string::npos);
    auto second = HttpClient::tcp(daemon.webhook_port());
    EXPECT_EQ(second.ask(delivery("c", forwarded_for("203.0.113.8"))).status, 204);
    auto third = HttpClient::tcp(daemon.webhook_port());
    EXPECT_EQ(third.end(), HttpClient::End::closed) << "its own address is full";
    EXPECT_EQ(daemon.stop(), 0);
}

TEST(Proxy, IsNotHeldToTheCapOfOneAddress) {
    Daemon daemon(behind_a_proxy("\"10.0.0.0/8\", \"127.0.0.1\""));
    daemon.start();
    std::vector<HttpClient> connections;
    connections.reserve(6);
    for (int i = 0; i < 6; ++i) connections.push_back(HttpClient::tcp(daemon.webhook_port()));
    for (auto& connection : connections)
        EXPECT_EQ(connection.ask(delivery("c", forwarded_for("203.0.113.7"))).status, 204);
    EXPECT_EQ(daemon.stop(), 0);
}

}  // namespace
}  // namespace oracode::test
