// Clients that mean harm: what they can make the server do is bounded, and others are served
// meanwhile.
#include <functional>

#include <gtest/gtest.h>

#include "http/transport.hpp"
#include "tests/http/plain_and_tls.hpp"

namespace oracode::http {
namespace {

using test::echo;
using test::HttpClient;
using test::HttpServer;
using End = HttpClient::End;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

const std::string get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const std::string chunked_head =
    "POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

// TLS.

TEST(HostileTls, KeyUpdatesWithoutEndCutTheConnection) {
    HttpServer on({.handler = echo, .tls = true});
    auto client = on.connect();
    auto other = on.connect();
    auto end = End::open;
    for (int i = 0; i < 100 && end == End::open; ++i) end = client.update_keys(100).end(20ms);
    EXPECT_NE(end, End::open);
    EXPECT_EQ(on.seen().last(), "cut:key_updates");
    EXPECT_EQ(other.ask(get).status, 200);
}

TEST(HostileTls, KeyUpdatesCountOverTheLifeOfAConnection) {
    HttpServer on({.handler = echo, .tls = true});
    auto client = on.connect();
    for (int i = 0; i < 32; ++i) EXPECT_EQ(client.update_keys(1).ask(get).status, 200) << i;
    client.update_keys(1).send(get);
    EXPECT_NE(client.end(), End::open);
    EXPECT_EQ(on.seen().last(), "cut:key_updates");
}

TEST(HostileTls, KeyUpdatesDoNotOutliveAWaitingHandler) {
    std::mutex mutex;
    std::optional<Reply> held;
    std::atomic<bool> gone = false;
    HttpServer on({.handler =
                       [&](const Request&, Reply reply) {
                           reply.watch([&](Interruption) { gone = true; });
                           const std::lock_guard lock(mutex);
                           held = std::move(reply);
                       },
                   .tls = true});
    auto client = on.connect();
    client.send(get).update_keys(40);
    EXPECT_TRUE(test::eventually([&] { return gone.load(); }));
    EXPECT_EQ(on.seen().last(), "cut:key_updates");
    const std::lock_guard lock(mutex);
    held->send({.status = 204});
}

TEST(HostileTls, OnlyCheapGroupsAreAgreedOn) {
    HttpServer on({.handler = echo, .tls = true});
    for (const auto* group : {"X25519", "P-256", "P-384"}) {
        auto client = HttpClient::tcp(on.port());
        client.start_tls(TLS1_3_VERSION, TLS1_3_VERSION, group);
        EXPECT_EQ(client.ask(get).status, 200) << group;
    }
    auto older = HttpClient::tcp(on.port());
    older.start_tls(TLS1_2_VERSION, TLS1_2_VERSION, "P-256");
    EXPECT_EQ(older.ask(get).status, 200);
    for (const auto* group : {"X448", "P-521", "ffdhe2048", "ffdhe8192"}) {
        auto client = HttpClient::tcp(on.port());
        EXPECT_THROW(client.start_tls(TLS1_3_VERSION, TLS1_3_VERSION, group), std::runtime_error)
            << group;
    }
    auto finite = HttpClient::tcp(on.port());
    EXPECT_THROW(finite.start_tls(TLS1_2_VERSION, TLS1_2_VERSION, nullptr, "DHE"),
                 std::runtime_error);
    auto forgetful = HttpClient::tcp(on.port());
    EXPECT_THROW(forgetful.start_tls(TLS1_2_VERSION, TLS1_2_VERSION, nullptr, "kRSA"),
                 std::runtime_error);
}

// Turns.

TEST(Transport, EndsItsTurnHoweverMuchHasArrived) {
    int ends[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    const net::Descriptor peer{ends[1]};
    boost::asio::io_context context;
    Transport transport(context, AF_UNIX, ends[0], {});
    std::string flood(1024, 'x');
    std::size_t sent = 0;
    std::size_t received = 0;
    std::array<char, 64> space{};
    const auto refill = [&] {
        for (;;) {
            const auto count = ::send(peer.number(), flood.data(), flood.size(), 0);
            if (count < 0) return;
            sent += static_cast<std::size_t>(count);
        }
    };
    for (int turn = 0; turn < 10; ++turn) {
        refill();
        transport.begin_turn();
        int reads = 0;
        auto outcome = transport.read(space.data(), space.size());
        for (; outcome.state == Transport::State::done; ++reads) {
            received += outcome.bytes;
            outcome = transport.read(space.data(), space.size());
        }
        EXPECT_EQ(outcome.state, Transport::State::yield);
        EXPECT_GT(reads, 0);
        EXPECT_LE(reads, 100);
    }
    EXPECT_LT(received, sent);
}

class Hostile : public PlainAndTls {};
INSTANTIATE_TEST_SUITE_P(Http, Hostile, testing::Values(false, true), PlainAndTls::name);

TEST_P(Hostile, ABodyThatComesWithoutPauseMeetsItsDeadlineAndHoldsUpNobody) {
    Limits limits;
    limits.body = 500ms;
    limits.max_body = limits.max_bodies = 1UL << 40;
    auto on = server(limits);
    std::atomic<bool> done = false;
    std::vector<std::thread> attackers;
    attackers.reserve(3);
    for (int i = 0; i < 3; ++i) {
        attackers.emplace_back([&] {
            auto client = on.connect();
            client.send(chunked_head);
            std::string chunk = "1\r\nx\r\n";
            while (chunk.size() < 60'000) chunk += chunk;
            while (!done && client.end(0ms) == End::open) client.send(chunk);
        });
    }
    const auto begun = Clock::now();
    int served = 0;
    while (on.seen().closed < 3 + served && Clock::now() - begun < 10s) {
        EXPECT_EQ(on.ask(get).status, 200);
        ++served;
    }
    EXPECT_LT(Clock::now() - begun, 5s) << "an attacker outlived the deadline";
    EXPECT_GT(served, 5);
    done = true;
    for (auto& attacker : attackers) attacker.join();
}

TEST_P(Hostile, ChunkExtensionsBeyondAllReasonAreRefused) {
    auto on = server(Limits{});
    auto client = on.connect();
    client.send(chunked_head);
    const auto chunk = "1;x=" + std::string(15'000, 'y') + "\r\nx\r\n";
    for (int i = 0; i < 20; ++i) client.send(chunk);
    EXPECT_EQ(client.receive().status, 400);
    EXPECT_EQ(on.seen().last(), "400:chunk_overhead");
}

// Whoever sends what is refused comes back at once; whoever sends what is not is served meanwhile.
TEST(HostileFlood, OfKeyUpdatesAndChunkExtensionsHoldsUpNobody) {
    Limits limits;
    limits.max_connections = limits.max_connections_per_address = 1'000;
    HttpServer on({.handler = echo, .limits = limits, .tls = true});
    std::atomic<bool> done = false;
    std::atomic<int> cut = 0;
    const auto chunk = "1;x=" + std::string(15'000, 'y') + "\r\nx\r\n";
    const auto attack = [&](const std::function<void(HttpClient&)>& send) {
        while (!done) {
            auto client = on.connect();
            while (!done && client.end(5ms) == End::open) send(client);
            if (!done) ++cut;
        }
    };
    std::vector<std::thread> attackers;
    attackers.emplace_back(attack, [](HttpClient& client) { client.update_keys(20); });
    attackers.emplace_back(attack, [&](HttpClient& client) {
        client.send(chunked_head);
        for (int i = 0; i < 20; ++i) client.send(chunk);
    });
    int served = 0;
    for (; served < 30 || cut < 6; ++served)
        ASSERT_EQ(on.ask(post_head(500) + std::string(500, 'x')).status, 200) << served;
    done = true;
    for (auto& attacker : attackers) attacker.join();
}

// Places.

TEST(Places, GoToANewcomerFromTheOldestThatHasShownNothing) {
    Limits limits;
    limits.max_connections = 3;
    HttpServer on({.handler =
                       [](const Request& request, Reply reply) {
                           if (request.path == "/signed") request.mark_authentic();
                           echo(request, std::move(reply));
                       },
                   .limits = limits});
    const std::string sign = "GET /signed HTTP/1.1\r\nHost: a\r\n\r\n";
    auto known = on.connect();
    EXPECT_EQ(known.ask(sign).status, 200);
    auto oldest = on.connect();
    EXPECT_EQ(oldest.ask(get).status, 200) << "an answer to anybody proves nothing";
    auto silent = on.connect();
    ASSERT_TRUE(test::eventually([&] { return on.seen().opened == 3; }));

    auto second = on.connect();
    EXPECT_EQ(second.ask(sign).status, 200);
    EXPECT_NE(oldest.end(), End::open);
    EXPECT_EQ(on.seen().last(), "cut:evicted");
    EXPECT_EQ(silent.end(10ms), End::open);
    auto third = on.connect();
    EXPECT_EQ(third.ask(sign).status, 200);
    EXPECT_NE(silent.end(), End::open);

    auto refused = on.connect();
    EXPECT_NE(refused.end(), End::open) << "those that have shown a signature keep their places";
    EXPECT_EQ(on.seen().over_all, 1);
    for (auto* kept : {&known, &second, &third}) EXPECT_EQ(kept->ask(get).status, 200);
    known.vanish();
    ASSERT_TRUE(test::eventually([&] { return on.seen().alive() == 2; }));
    EXPECT_EQ(on.ask(get).status, 200);
}

TEST(Places, OfOthersAreNotForAnAddressThatHasAllItsOwn) {
    Limits limits;
    limits.max_connections = 2;
    limits.max_connections_per_address = 1;
    HttpServer on({.handler = echo, .limits = limits, .address = "[::]:0"});
    auto other = HttpClient::tcp(on.port(), "::1");
    EXPECT_EQ(other.ask(get).status, 200);
    auto first = HttpClient::tcp(on.port());
    EXPECT_EQ(first.ask(get).status, 200);
    auto second = HttpClient::tcp(on.port());
    EXPECT_NE(second.end(), End::open);
    EXPECT_EQ(on.seen().over_address, 1);
    EXPECT_EQ(other.ask(get).status, 200);
    EXPECT_EQ(first.ask(get).status, 200);
}

}  // namespace
}  // namespace oracode::http
