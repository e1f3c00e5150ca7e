// Listener::stop and abort.
#include <gtest/gtest.h>

#include "support/http_server.hpp"

namespace oracode::http {
namespace {

using test::echo;
using test::HttpClient;
using test::HttpServer;
using End = HttpClient::End;
using namespace std::chrono_literals;

const std::string get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

bool done(std::future<void>& future, std::chrono::milliseconds within = HttpClient::patience) {
    return future.wait_for(within) == std::future_status::ready;
}

// Holds every Reply until told.
class Holding {
public:
    Handler handler() {
        return [this](const Request&, Reply reply) {
            const std::lock_guard lock(mutex_);
            replies_.push_back(std::move(reply));
        };
    }
    bool holds(std::size_t count) {
        return test::eventually([&] {
            const std::lock_guard lock(mutex_);
            return replies_.size() == count;
        });
    }
    void release() {
        const std::lock_guard lock(mutex_);
        for (auto& reply : replies_) reply.send({.status = 204});
        replies_.clear();
    }
    void forget() {
        const std::lock_guard lock(mutex_);
        replies_.clear();
    }

private:
    std::mutex mutex_;
    std::vector<Reply> replies_;
};

class Drain : public testing::TestWithParam<bool> {
protected:
    HttpServer server(Handler handler, Limits limits = {}, bool started = true) {
        return HttpServer({.handler = std::move(handler),
                           .limits = limits,
                           .tls = GetParam(),
                           .started = started});
    }
};
INSTANTIATE_TEST_SUITE_P(Http, Drain, testing::Values(false, true),
                         [](const auto& with) { return with.param ? "Tls" : "Plain"; });

TEST_P(Drain, CompletesAtOnceWithNobodyThere) {
    auto on = server(echo);
    auto stopped = on.stop();
    EXPECT_TRUE(done(stopped));
    EXPECT_THROW(HttpClient::tcp(on.port()), std::runtime_error);
}

TEST_P(Drain, ClosesIdleConnectionsWithoutWaitingForThem) {
    auto on = server(echo);
    auto client = on.connect();
    EXPECT_EQ(client.ask(get).status, 200);
    auto stopped = on.stop();
    EXPECT_TRUE(done(stopped)) << "an idle client that does not close must not hold up the end";
    EXPECT_EQ(client.end(), End::closed);
}

TEST_P(Drain, AnswersTheRequestInFlight) {
    Holding holding;
    auto on = server(holding.handler());
    auto client = on.connect();
    client.send(get);
    ASSERT_TRUE(holding.holds(1));
    auto stopped = on.stop();
    EXPECT_FALSE(done(stopped, 50ms));
    holding.release();
    const auto answer = client.receive();
    EXPECT_EQ(answer.status, 204);
    EXPECT_EQ(answer.header("connection"), "close");
    EXPECT_EQ(client.end(), End::closed);
    client.vanish();
    EXPECT_TRUE(done(stopped));
}

TEST_P(Drain, AnswersTheRequestWhoseHeadHasBegun) {
    auto on = server(echo);
    auto client = on.connect();
    EXPECT_EQ(client.ask(get).status, 200);
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Le");
    auto probe = on.connect();
    EXPECT_EQ(probe.ask(get).status, 200);  // the one I/O thread has been past the bytes above
    auto stopped = on.stop();
    EXPECT_EQ(probe.end(), End::closed);
    const auto answer = client.ask("ngth: 5\r\n\r\nhello");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.header("connection"), "close");
    client.vanish();
    EXPECT_TRUE(done(stopped));
}

TEST_P(Drain, AnswersWhatArrivedUnseen) {
    // One thread accepts and the other is kept busy while requests for it arrive, so that it hears
    // of the end before it hears of them.
    std::promise<void> busy;
    std::promise<void> go_on;
    HttpServer on({.handler =
                       [&](const Request& request, Reply reply) {
                           if (request.path == "/block") {
                               busy.set_value();
                               go_on.get_future().wait();
                           }
                           echo(request, std::move(reply));
                       },
                   .tls = GetParam(),
                   .threads = 2});
    std::vector<HttpClient> clients;
    for (int i = 0; i < 6; ++i) {
        clients.push_back(on.connect());
        EXPECT_EQ(clients.back().ask(get).status, 200);
    }
    auto& blocking = clients[1];
    auto& waiting = clients[3];
    auto& pipelining = clients[5];
    blocking.send("GET /block HTTP/1.1\r\nHost: a\r\n\r\n");
    busy.get_future().wait();
    waiting.send(get);
    pipelining.send(get + get + get);
    auto stopped = on.stop();
    for (const int free : {0, 2, 4})
        EXPECT_EQ(clients[static_cast<std::size_t>(free)].end(), End::closed);
    go_on.set_value();
    EXPECT_EQ(blocking.receive().status, 200);
    EXPECT_EQ(waiting.receive().header("connection"), "close");
    EXPECT_EQ(pipelining.receive().status, 200);
    EXPECT_EQ(pipelining.receive().status, 200);
    EXPECT_EQ(pipelining.receive().header("connection"), "close");
    for (auto* client : {&blocking, &waiting, &pipelining}) EXPECT_EQ(client->end(), End::closed);
    clients.clear();
    EXPECT_TRUE(done(stopped));
}

TEST_P(Drain, ServesTheBacklog) {
    auto on = server(echo, {}, false);
    auto client = HttpClient::tcp(on.port());
    if (!GetParam()) client.send(get);
    auto stopped = on.stop();
    if (GetParam()) client.start_tls().send(get);
    EXPECT_EQ(client.receive().status, 200);
    EXPECT_EQ(client.end(), End::closed);
    client.vanish();
    EXPECT_TRUE(done(stopped));
}

TEST_P(Drain, DoesNotWaitLongForAConnectionThatSaidNothing) {
    auto on = server(echo);
    auto silent = HttpClient::tcp(on.port());
    ASSERT_TRUE(test::eventually([&] { return on.seen().opened == 1; }));
    const auto begun = std::chrono::steady_clock::now();
    auto stopped = on.stop();
    EXPECT_TRUE(done(stopped));
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 4s);
}

TEST_P(Drain, CutsWhatIsLeftAtItsLimit) {
    Limits limits;
    limits.drain = 200ms;
    Holding holding;
    auto on = server(holding.handler(), limits);
    auto client = on.connect();
    client.send(get);
    ASSERT_TRUE(holding.holds(1));
    auto stopped = on.stop();
    EXPECT_TRUE(done(stopped));
    EXPECT_NE(client.end(), End::open);
    holding.release();  // answers no one, and harms no one
    EXPECT_EQ(on.seen().alive(), 0);
}

TEST_P(Drain, AbortEndsEverythingAtOnce) {
    Holding holding;
    auto on = server(holding.handler());
    auto client = on.connect();
    client.send(get);
    ASSERT_TRUE(holding.holds(1));
    auto stopped = on.stop();
    EXPECT_FALSE(done(stopped, 50ms));
    on.listener().abort();
    EXPECT_TRUE(done(stopped));
    EXPECT_NE(client.end(), End::open);
    holding.release();
}

TEST_P(Drain, LeavesNothingBehindWhenTheThreadsJustStop) {
    Holding holding;
    auto on = std::make_unique<HttpServer>(
        HttpServer::Setup{.handler = holding.handler(), .tls = GetParam()});
    auto idle = on->connect();
    auto reading = on->connect();
    reading.send("GET / HT");
    auto asking = on->connect();
    asking.send(get);
    ASSERT_TRUE(holding.holds(1));
    holding.forget();
    on.reset();  // the leak checker looks at the rest
    EXPECT_NE(reading.end(), End::open);
    EXPECT_NE(idle.end(), End::open);
}

}  // namespace
}  // namespace oracode::http
