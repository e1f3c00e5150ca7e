// SIGTERM in the middle of things: what was accepted is finished.
#include <csignal>

#include <gtest/gtest.h>

#include "ctl/lifecycle_script.hpp"
#include "support/daemon.hpp"
#include "support/http_client.hpp"

namespace oracode::test {
namespace {

std::string as_text(const ctl::HttpRequest& request) {
    std::string text = request.method + " " + request.target + " HTTP/1.1\r\nHost: localhost\r\n";
    for (const auto& [name, value] : request.headers) text += name + ": " + value + "\r\n";
    return text + "Content-Length: " + std::to_string(request.body.size()) + "\r\n\r\n";
}

TEST(Shutdown, ADeliveryWhoseHeadHasArrivedIsAnsweredAndKept) {
    Daemon daemon;
    daemon.start();
    const auto request =
        signed_delivery(event_json({"access_code.created", "code1", ctl::fresh_uuid()}));
    auto client = HttpClient::tcp(daemon.webhook_port());
    client.send(as_text(request));
    // A second connection's answer shows that the first one's head has been read as well: same
    // loop, later request.
    EXPECT_EQ(daemon.deliver(event_json({"access_code.created", "code2", ctl::fresh_uuid()})),
              204U);
    EXPECT_EQ(daemon.deliver(event_json({"access_code.created", "code3", ctl::fresh_uuid()})),
              204U);
    daemon.process().signal(SIGTERM);
    ASSERT_TRUE(
        eventually([&] { return daemon.log().find("daemon.stopping") != std::string::npos; }));
    client.send(request.body);
    const auto answer = client.receive();
    EXPECT_EQ(answer.status, 204);
    EXPECT_EQ(answer.header("connection"), "close");
    EXPECT_EQ(daemon.process().wait(), 0);
    daemon.start();
    EXPECT_EQ(daemon.get("/v1/access_codes/code1").status, 200U);
    EXPECT_EQ(daemon.stop(), 0);
}

TEST(Shutdown, IdleConnectionsDoNotHoldItUp) {
    Daemon daemon;
    daemon.start();
    auto idle = HttpClient::tcp(daemon.webhook_port());
    const auto kept = daemon.webhook_client();
    EXPECT_EQ(kept->exchange(signed_delivery(
                                 event_json({"access_code.created", "code1", ctl::fresh_uuid()})))
                  .status,
              204U);
    EXPECT_EQ(daemon.stop(), 0);
}

TEST(Shutdown, ASecondSignalEndsItAtOnce) {
    Daemon daemon;
    daemon.start();
    auto client = HttpClient::tcp(daemon.webhook_port());
    client.send(as_text(signed_delivery("{}")));
    EXPECT_EQ(daemon.deliver(event_json({"access_code.created", "code2", ctl::fresh_uuid()})),
              204U);
    daemon.process().signal(SIGTERM);
    ASSERT_TRUE(
        eventually([&] { return daemon.log().find("daemon.stopping") != std::string::npos; }));
    EXPECT_FALSE(daemon.process().exit_code());
    daemon.process().signal(SIGINT);
    EXPECT_EQ(daemon.process().wait(std::chrono::seconds{5}), 0);
}

}  // namespace
}  // namespace oracode::test
