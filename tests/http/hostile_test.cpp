// Clients that mean harm: what they can make the server do is bounded, and others are served
// meanwhile.
#include <fstream>
#include <new>

#include <gtest/gtest.h>
#include <unistd.h>

#include "http/body_budget.hpp"
#include "http/transport.hpp"
#include "support/http_server.hpp"

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

std::string post_head(std::size_t length) {
    return "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n";
}

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

class Hostile : public testing::TestWithParam<bool> {
protected:
    HttpServer server(const Limits& limits, Handler handler = echo) {
        return HttpServer({.handler = std::move(handler), .limits = limits, .tls = GetParam()});
    }
};
INSTANTIATE_TEST_SUITE_P(Http, Hostile, testing::Values(false, true),
                         [](const auto& with) { return with.param ? "Tls" : "Plain"; });

TEST_P(Hostile, ABodyThatComesWithoutPauseMeetsItsDeadlineAndHoldsUpNobody) {
    Limits limits;
    limits.body = 500ms;
    limits.max_body = limits.max_bodies = 1UL << 40;
    auto on = server(limits);
    std::atomic<bool> done = false;
    std::vector<std::thread> attackers;
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
    auto on = server({});
    auto client = on.connect();
    client.send(chunked_head);
    const auto chunk = "1;x=" + std::string(15'000, 'y') + "\r\nx\r\n";
    for (int i = 0; i < 20; ++i) client.send(chunk);
    EXPECT_EQ(client.receive().status, 400);
    EXPECT_EQ(on.seen().last(), "400:chunk_overhead");
}

// Memory.

TEST(BodyBudget, GrantsWhatIsLeftBeyondEverybodysAllowance) {
    Limits limits;
    limits.max_bodies = 100;
    limits.body_allowance = 10;
    BodyBudget budget(limits);
    BodyBudget::Share first(&budget);
    EXPECT_TRUE(first.grow_to(10));
    EXPECT_EQ(budget.used(), 0U);
    EXPECT_TRUE(first.grow_to(70));
    EXPECT_TRUE(first.grow_to(70));
    EXPECT_EQ(budget.used(), 60U);
    {
        BodyBudget::Share second(&budget);
        EXPECT_FALSE(second.grow_to(51));
        EXPECT_TRUE(second.grow_to(50));
        EXPECT_FALSE(first.grow_to(71));
        EXPECT_EQ(budget.used(), 100U);
    }
    EXPECT_EQ(budget.used(), 60U);
    first.release();
    first.release();
    EXPECT_EQ(budget.used(), 0U);
    EXPECT_TRUE(BodyBudget::Share{nullptr}.grow_to(1UL << 40));
}

TEST_P(Hostile, BodiesBeyondTheBudgetAreRefusedAndOrdinaryOnesAreNot) {
    Limits limits;
    limits.max_bodies = 1024UL * 1024;
    auto on = server(limits);
    std::vector<HttpClient> halves;
    const auto refused = [&] { return on.seen().last() == "503:too_many_bodies"; };
    for (int i = 0; i < 40 && !refused(); ++i) {
        halves.push_back(on.connect());
        halves.back().send(post_head(200'000)).send(std::string(100'000, 'x'));
        test::eventually(refused, 20ms);
    }
    ASSERT_TRUE(refused());
    EXPECT_LT(halves.size(), 25U);
    const auto answer = halves.back().receive();
    EXPECT_EQ(answer.status, 503);
    EXPECT_TRUE(answer.has("retry-after"));
    EXPECT_EQ(on.ask(post_head(4'000) + std::string(4'000, 'x')).status, 200);

    const auto left = static_cast<int>(halves.size());
    halves.clear();
    ASSERT_TRUE(test::eventually([&] { return on.seen().closed >= left; }));
    EXPECT_EQ(on.ask(post_head(200'000) + std::string(200'000, 'x')).status, 200);
}

std::size_t resident_kib() {
    std::size_t size = 0;
    std::size_t resident = 0;
    std::ifstream("/proc/self/statm") >> size >> resident;
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)) / 1024;
}

TEST(Memory, IsGivenBackWhenTheBodiesAreGone) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "the sanitizers keep what was freed";
#endif
    Limits limits;
    limits.max_connections = limits.max_connections_per_address = 500;
    HttpServer on({.handler = echo, .limits = limits});
    EXPECT_EQ(on.ask(get).status, 200);
    const auto before = resident_kib();
    {
        std::vector<HttpClient> halves;
        for (int i = 0; i < 400; ++i) {
            halves.push_back(on.connect());
            halves.back().send(post_head(250'000)).send(std::string(130'000, 'x'));
        }
        EXPECT_TRUE(test::eventually([&] { return resident_kib() > before + 20'000; }));
        EXPECT_LT(resident_kib(), before + 150'000);
    }
    EXPECT_TRUE(test::eventually([&] { return resident_kib() < before + 8'000; }, 10s))
        << before << " KiB became " << resident_kib();
}

TEST_P(Hostile, MemoryThatRunsOutCostsOneAnswerOnly) {
    auto on = server({}, [](const Request& request, Reply reply) {
        if (request.path == "/large") throw std::bad_alloc{};
        echo(request, std::move(reply));
    });
    const auto answer = on.ask("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(answer.status, 503);
    EXPECT_TRUE(answer.has("retry-after"));
    EXPECT_EQ(on.ask(get).status, 200);
}

// Where no handler stands between: in the session and while a connection is taken.
TEST(Memory, MayRunOutOutsideOfHandlersToo) {
    std::atomic<bool> tight = false;
    HttpServer on({.handler = echo, .trusted_proxies = [&](const net::Peer& peer) {
                       if (tight || peer.address == "203.0.113.9") throw std::bad_alloc{};
                       return true;
                   }});
    const auto answer = on.ask("GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n");
    EXPECT_EQ(answer.status, 503);
    EXPECT_TRUE(answer.has("retry-after"));
    EXPECT_EQ(on.seen().last(), "503:out_of_memory");

    tight = true;
    auto unlucky = HttpClient::tcp(on.port());
    EXPECT_NE(unlucky.end(), End::open);
    EXPECT_TRUE(test::eventually([&] { return on.seen().accept_failures == 1; }));
    tight = false;
    EXPECT_EQ(on.ask(get).status, 200);
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
    limits.max_connections = limits.max_connections_per_address = 2;
    HttpServer on({.handler = echo, .limits = limits, .address = "[::]:0"});
    auto other = HttpClient::tcp(on.port(), "::1");
    EXPECT_EQ(other.ask(get).status, 200);
    auto first = HttpClient::tcp(on.port());
    EXPECT_EQ(first.ask(get).status, 200);
    auto second = HttpClient::tcp(on.port());
    EXPECT_EQ(second.ask(get).status, 200) << "the oldest, the other address's, made room";
    EXPECT_NE(other.end(), End::open);
    auto third = HttpClient::tcp(on.port());
    EXPECT_NE(third.end(), End::open);
    EXPECT_EQ(on.seen().over_address, 1);
    EXPECT_EQ(first.ask(get).status, 200);
}

}  // namespace
}  // namespace oracode::http
