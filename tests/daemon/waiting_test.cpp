// GET /v1/access_codes/{id}?wait_for=…: the answer is held until there is news of the code.
#include <algorithm>
#include <csignal>
#include <thread>

#include <boost/json.hpp>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "ctl/lifecycle_script.hpp"
#include "support/daemon.hpp"
#include "support/http_client.hpp"

namespace oracode::test {
namespace {

namespace json = boost::json;

class WaitingRequest : public testing::Test {
protected:
    void SetUp() override { daemon_.start(); }

    void tell(const std::string& code, const std::string& type,
              const std::string& at = "2026-03-02T15:00:00.000Z") {
        ASSERT_EQ(daemon_.deliver(event_json({"access_code." + type, code, ctl::fresh_uuid(), at})),
                  204U);
    }
    static std::string request(const std::string& code, const std::string& query,
                               const std::string& headers = "") {
        return "GET /v1/access_codes/" + code + query + " HTTP/1.1\r\nHost: localhost\r\n" +
               headers + "\r\n";
    }
    HttpClient ask(const std::string& code, const std::string& query) {
        auto client = HttpClient::tcp(daemon_.api_port());
        client.send(request(code, query));
        return client;
    }
    // All threads have been past what was sent before.
    void pass_all_threads() {
        const auto threads = std::max(1U, std::thread::hardware_concurrency());
        for (unsigned i = 0; i < 2 * threads; ++i) ASSERT_EQ(daemon_.get("/healthz").status, 200U);
    }
    static std::string status_in(const HttpAnswer& answer) {
        return std::string(json::parse(answer.body).at("status").as_string());
    }
    static bool waits(HttpClient& client) {
        return client.end(std::chrono::milliseconds{50}) == HttpClient::End::open;
    }

    Daemon daemon_;
};

TEST_F(WaitingRequest, IsAnsweredByTheCommitItWaitsForAndNoOther) {
    tell("code1", "created");
    tell("code2", "created");
    auto client = ask("code1", "?wait_for=set,ended&wait=60");
    pass_all_threads();
    tell("code2", "set_on_device");
    tell("code1", "delay_in_setting_on_device");
    ASSERT_TRUE(waits(client));
    tell("code1", "set_on_device", "2026-03-02T15:01:00.000Z");
    const auto answer = client.receive();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(status_in(answer), "set");
    EXPECT_TRUE(answer.has("etag"));
    EXPECT_EQ(client.ask(request("code2", "")).status, 200) << "the connection is kept";
}

TEST_F(WaitingRequest, IsAnsweredAtOnceWhereThereIsNothingToWaitFor) {
    tell("code1", "set_on_device");
    tell("code2", "removed_from_device");
    EXPECT_EQ(status_in(ask("code1", "?wait_for=set&wait=60").receive()), "set");
    EXPECT_EQ(status_in(ask("code1", "?wait_for=removing&wait=0").receive()), "set");
    EXPECT_EQ(status_in(ask("code2", "?wait_for=set,ended&wait=60").receive()), "unset");
    EXPECT_EQ(status_in(ask("code2", "?wait_for=unset&wait=60").receive()), "unset");
    EXPECT_EQ(ask("nobody", "?wait_for=set&wait=60").receive().status, 404);
}

TEST_F(WaitingRequest, TellsTheStatusAsItIsWhenItsTimeIsOver) {
    tell("code1", "created");
    auto client = HttpClient::tcp(daemon_.api_port());
    const auto first = client.ask(request("code1", "?wait_for=set&wait=1"));
    EXPECT_EQ(status_in(first), "unset");
    const auto same = client.ask(request("code1", "?wait_for=set&wait=1",
                                         "If-None-Match: " + first.header("etag") + "\r\n"));
    EXPECT_EQ(same.status, 304);
}

TEST_F(WaitingRequest, RefusesWhatItDoesNotUnderstand) {
    tell("code1", "created");
    for (const auto* query : {"?wait_for=", "?wait_for=ready", "?wait_for=set,", "?wait_for=Set",
                              "?wait=5", "?wait_for=set&wait=61", "?wait_for=set&wait=-1",
                              "?wait_for=set&wait=", "?wait_for=set&wait=1.5",
                              "?wait_for=set&wait=1s", "?wait_for=set&wait_for=set"})
        EXPECT_EQ(daemon_.get(std::string("/v1/access_codes/code1") + query).status, 400U) << query;
}

TEST_F(WaitingRequest, IsAnsweredWithTheStatusAsItIsWhenTheDaemonEnds) {
    tell("code1", "created");
    auto client = ask("code1", "?wait_for=set&wait=60");
    pass_all_threads();
    daemon_.process().signal(SIGTERM);
    const auto answer = client.receive();
    EXPECT_EQ(status_in(answer), "unset");
    EXPECT_EQ(answer.header("connection"), "close");
    client.vanish();
    EXPECT_EQ(daemon_.process().wait(std::chrono::seconds{8}), 0);
}

TEST_F(WaitingRequest, WhoGoesIsForgotten) {
    tell("code1", "created");
    for (int i = 0; i < 20; ++i) {
        auto client = ask("code1", "?wait_for=set&wait=60");
        if (i % 2 == 0) pass_all_threads();
        client.vanish();
    }
    auto staying = ask("code1", "?wait_for=set&wait=60");
    pass_all_threads();
    tell("code1", "set_on_device");
    EXPECT_EQ(status_in(staying.receive()), "set");
    EXPECT_EQ(daemon_.stop(), 0);
}

TEST_F(WaitingRequest, ThousandsWaitForTheirOwnCodeAndForTheSame) {
    rlimit descriptors{};
    ::getrlimit(RLIMIT_NOFILE, &descriptors);
    descriptors.rlim_cur = descriptors.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &descriptors);
    // Half of the descriptors may be the daemon's own limit.
    const auto count = std::min<std::size_t>(10'000, descriptors.rlim_cur * 2 / 5);
    constexpr std::size_t codes = 100;
    daemon_.stop();
    daemon_.start();  // with the higher limit
    for (std::size_t i = 0; i < codes; ++i) tell("code" + std::to_string(i), "created");
    std::vector<HttpClient> clients;
    for (std::size_t i = 0; i < count; ++i)
        clients.push_back(ask("code" + std::to_string(i % codes), "?wait_for=set&wait=60"));
    pass_all_threads();
    tell("code7", "set_on_device");
    for (std::size_t i = 7; i < count; i += codes)
        EXPECT_EQ(status_in(clients[i].receive()), "set");
    EXPECT_TRUE(waits(clients[8]));
    for (std::size_t i = 0; i < codes; ++i) tell("code" + std::to_string(i), "set_on_device");
    for (std::size_t i = 0; i < count; ++i) {
        if (i % codes == 7) continue;
        ASSERT_EQ(status_in(clients[i].receive()), "set") << i;
    }
    clients.clear();
    EXPECT_EQ(daemon_.stop(), 0);
}

}  // namespace
}  // namespace oracode::test
