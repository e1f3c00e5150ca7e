// SIGTERM in the middle of things: what was accepted is finished.
#include <csignal>
#include <filesystem>
#include <string>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "ctl/lifecycle_script.hpp"
#include "seam/decode.hpp"
#include "store/store.hpp"
#include "support/daemon.hpp"
#include "support/http_client.hpp"

namespace oracode::test {
namespace {

std::string head_of(const ctl::HttpRequest& request) {
    const auto text = as_text(request);
    return text.substr(0, text.size() - request.body.size());
}

TEST(Shutdown, ADeliveryWhoseHeadHasArrivedIsAnsweredAndKept) {
    Daemon daemon;
    daemon.start();
    const auto request =
        signed_delivery(event_json({"access_code.created", "code1", ctl::fresh_uuid()}));
    auto client = HttpClient::tcp(daemon.webhook_port());
    client.send(head_of(request));
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

// A code with a history that takes long to read and to write down.
void record_long_history(const std::string& database) {
    store::StoreOptions options;
    options.path = database;
    options.clock = [] { return Timestamp{std::chrono::hours{480'000}}; };
    store::Store store(std::move(options));
    store.start({});
    boost::asio::io_context home;
    for (int i = 0; i < 3'000; ++i) {
        const auto body =
            event_json({"access_code.set_on_device", "code1", "event" + std::to_string(i)});
        store.record(seam::decode_event(body, Timestamp{}, lifecycle::Source::webhook).value(),
                     body, home, [](const auto& recorded) { EXPECT_TRUE(recorded); });
    }
    home.run();
    store.stop();
}

class LongHistories : public testing::Test {
protected:
    void SetUp() override {
        record_long_history(daemon_.database());
        daemon_.start();
        for (int i = 0; i < 150; ++i)
            clients_.emplace_back(HttpClient::tcp(daemon_.api_port())).send(question);
    }
    static constexpr const char* question =
        "GET /v1/access_codes/code1/history HTTP/1.1\r\nHost: localhost\r\n\r\n";

    Daemon daemon_;
    std::vector<HttpClient> clients_;
};

TEST_F(LongHistories, HoldUpNeitherMetricsNorTheEnd) {
    EXPECT_EQ(daemon_.get("/metrics").status, 200U);
    EXPECT_EQ(daemon_.get("/readyz").status, 200U);
    daemon_.process().signal(SIGTERM);
    EXPECT_EQ(daemon_.process().wait(std::chrono::seconds{15}), 0) << "ten are the limit";
}

TEST_F(LongHistories, AreNotReadWhereNobodyWaitsForThem) {
    clients_.clear();
    auto next = HttpClient::tcp(daemon_.api_port());
    EXPECT_EQ(next.ask(question).status, 200);
    EXPECT_EQ(daemon_.stop(), 0);
}

TEST(Shutdown, SignalsUntilItIsGoneDoNotChangeItsExitCode) {
    Daemon daemon;
    for (int i = 0; i < 3; ++i) {
        daemon.start();
        while (!daemon.process().exit_code()) daemon.process().signal(SIGTERM);
        EXPECT_EQ(daemon.process().exit_code(), 0) << daemon.log_of_this_run();
    }
}

// A thread that is in the middle of something is not the one that takes it.
TEST(Shutdown, SignalsAreLeftToTheMainThread) {
    Daemon daemon;
    daemon.start();
    const auto pid = daemon.process().pid();
    const auto blocks = [](const std::filesystem::path& task, int signal) {
        const auto status = contents(task / "status");
        const std::string name = "SigBlk:";
        const auto mask = std::stoull(status.substr(status.find(name) + name.size()), nullptr, 16);
        return (mask >> (signal - 1) & 1U) != 0;
    };
    int threads = 0;
    for (const auto& task :
         std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task")) {
        const bool is_main = task.path().filename() == std::to_string(pid);
        for (const int signal : {SIGTERM, SIGINT, SIGHUP})
            EXPECT_EQ(blocks(task.path(), signal), !is_main)
                << contents(task.path() / "comm") << " " << signal;
        ++threads;
    }
    EXPECT_GT(threads, 5);
    EXPECT_EQ(daemon.stop(), 0);
}

TEST(Shutdown, ASecondSignalEndsItAtOnce) {
    Daemon daemon;
    daemon.start();
    auto client = HttpClient::tcp(daemon.webhook_port());
    client.send(head_of(signed_delivery("{}")));
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
