// Slow and silent clients. The limits are small here; the sweep follows them.
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "tests/http/plain_and_tls.hpp"

namespace oracode::http {
namespace {

using test::echo;
using test::HttpClient;
using test::HttpServer;
using End = HttpClient::End;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto soon = 200ms;
constexpr auto never = 60'000ms;

Limits patient() {
    Limits limits;
    limits.handshake = limits.header = limits.body = limits.idle = limits.write = limits.drain =
        never;
    limits.shutdown = soon;
    return limits;
}

class Deadline : public PlainAndTls {};
INSTANTIATE_TEST_SUITE_P(Http, Deadline, testing::Values(false, true), PlainAndTls::name);

TEST_P(Deadline, EndsASlowHead) {
    auto limits = patient();
    limits.header = soon;
    auto on = server(limits);
    auto client = on.connect();
    const auto begun = Clock::now();
    const auto answer = client.ask("POST /p HTTP/1.1\r\nHost: a\r\nX: ");
    EXPECT_EQ(answer.status, 408);
    EXPECT_EQ(answer.header("content-type"), "application/problem+json");
    EXPECT_GE(Clock::now() - begun, soon - 50ms);
    EXPECT_EQ(client.end(), End::closed);
    EXPECT_EQ(on.seen().last(), "408:slow_head");
}

TEST_P(Deadline, DoesNotStartAgainWithEveryByte) {
    auto limits = patient();
    limits.header = soon;
    auto on = server(limits);
    auto client = on.connect();
    client.send("GET / HTTP/1.1\r\n");
    const auto begun = Clock::now();
    // One byte every 20 ms would go on for 2 s.
    auto next = begun;
    int sent = 0;
    while (sent < 100 && client.end(5ms) == End::open) {
        if (Clock::now() < next) continue;
        client.send("x");
        ++sent;
        next += 20ms;
    }
    EXPECT_LT(sent, 60);
    EXPECT_LT(Clock::now() - begun, 1500ms);
}

TEST_P(Deadline, EndsASlowBody) {
    auto limits = patient();
    limits.body = soon;
    auto on = server(limits);
    auto client = on.connect();
    EXPECT_EQ(client.ask("POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe").status, 408);
    EXPECT_EQ(client.end(), End::closed);
    EXPECT_EQ(on.seen().last(), "408:slow_body");
    auto chunked = on.connect();
    EXPECT_EQ(
        chunked
            .ask("POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
            .status,
        408);
}

TEST_P(Deadline, EndsAnIdleConnectionWithoutAWord) {
    auto limits = patient();
    limits.idle = soon;
    auto on = server(limits);
    auto client = on.connect();
    EXPECT_EQ(client.ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n").status, 200);
    EXPECT_THROW(client.receive(), std::runtime_error)
        << "a 408 would be taken for the next answer";
    EXPECT_EQ(client.end(), End::closed);
}

TEST_P(Deadline, EndsAConnectionThatNeverAsks) {
    auto limits = patient();
    limits.header = soon;
    auto on = server(limits);
    auto client = on.connect();
    EXPECT_EQ(client.end(), End::closed);
}

TEST_P(Deadline, LeavesAWorkingHandlerAlone) {
    auto limits = patient();
    limits.header = limits.body = limits.idle = limits.write = soon;
    std::mutex mutex;
    std::optional<Reply> held;
    auto on = server(limits, [&](const Request&, Reply reply) {
        const std::lock_guard lock(mutex);
        held = std::move(reply);
    });
    auto client = on.connect();
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(client.end(4 * soon), End::open);
    const std::lock_guard lock(mutex);
    held->send({.status = 204});
    EXPECT_EQ(client.receive().status, 204);
}

TEST_P(Deadline, CutsAClientThatDoesNotRead) {
    auto limits = patient();
    limits.write = soon;
    auto on = server(limits, [](const Request&, Reply reply) {
        Response response;
        response.body.assign(8'000, 'x');  // small enough that the size adds no time
        reply.send(std::move(response));
    });
    auto client = on.connect();
    std::string burst;
    for (int i = 0; i < 2'000; ++i) burst += "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    client.send(burst);
    EXPECT_TRUE(test::eventually([&] { return on.seen().closed == 1; }));
}

TEST_P(Deadline, DoesNotWaitForeverForTheOtherSideToClose) {
    const auto limits = patient();
    auto on = server(limits);
    auto client = on.connect();
    EXPECT_EQ(client.ask("GET / HTTP/1.0\r\n\r\n").status, 200);
    EXPECT_TRUE(test::eventually([&] { return on.seen().alive() == 0; }))
        << "the client never closed";
}

TEST(HandshakeDeadline, EndsASilentClient) {
    auto limits = patient();
    limits.handshake = soon;
    HttpServer on({.handler = echo, .limits = limits, .tls = true});
    auto silent = HttpClient::tcp(on.port());
    EXPECT_NE(silent.end(), End::open);
    EXPECT_EQ(on.seen().last(), "handshake:timeout");
    auto slow = HttpClient::tcp(on.port());
    using namespace std::string_literals;
    slow.send_raw("\x16\x03\x01\x02\x00\x01\x00"s);
    EXPECT_NE(slow.end(), End::open);
}

TEST(Sweeper, RestsWhileThereIsNobody) {
    boost::asio::io_context context;
    Listener::Dependencies deps;
    deps.contexts = {&context};
    deps.handlers = {echo};
    deps.sockets.push_back(net::ListeningSocket::open("127.0.0.1:0").value());
    deps.limits = patient();
    deps.clock = [] { return Timestamp{}; };
    test::HttpRecorder recorder;
    deps.observer = &recorder;
    Listener listener(std::move(deps));
    listener.start();
    std::thread client([&] {
        auto connection = HttpClient::tcp(listener.port());
        EXPECT_EQ(connection.ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n").status, 200);
    });
    while (recorder.closed == 0) context.run_one();
    client.join();
    context.poll();
    EXPECT_EQ(context.run_for(1'500ms), 0U) << "something woke the thread up";
}

}  // namespace
}  // namespace oracode::http
