// What clients send is held in memory within a budget, and an allocation that fails
// costs one answer.
#include <list>
#include <new>

#include <gtest/gtest.h>

#include "http/body_budget.hpp"
#include "tests/http/plain_and_tls.hpp"

namespace oracode::http {
namespace {

using test::echo;
using test::HttpClient;
using test::HttpServer;
using End = HttpClient::End;
using namespace std::chrono_literals;

const std::string get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

class Memory : public PlainAndTls {};
INSTANTIATE_TEST_SUITE_P(Http, Memory, testing::Values(false, true), PlainAndTls::name);

TEST(BodyBudget, KeepsHalfOfItForTheBeginningOfEachRequest) {
    Limits limits;
    limits.max_bodies = 100;
    limits.body_allowance = 10;
    BodyBudget budget(limits);
    BodyBudget::Share first(&budget);
    EXPECT_TRUE(first.grow_to(30));
    EXPECT_TRUE(first.grow_to(30));
    EXPECT_TRUE(first.grow_to(20));
    EXPECT_EQ(budget.used(), 30U);
    {
        BodyBudget::Share second(&budget);
        EXPECT_FALSE(second.grow_to(21));
        EXPECT_TRUE(second.grow_to(20));
        EXPECT_FALSE(first.grow_to(31));
        std::list<BodyBudget::Share> small;
        for (int i = 0; i < 5; ++i) EXPECT_TRUE(small.emplace_back(&budget).grow_to(10)) << i;
        EXPECT_EQ(budget.used(), 100U);
        EXPECT_FALSE(small.emplace_back(&budget).grow_to(1)) << "not even the smallest beyond all";
    }
    EXPECT_EQ(budget.used(), 30U);
    first.release();
    first.release();
    EXPECT_EQ(budget.used(), 0U);
    EXPECT_TRUE(BodyBudget::Share{nullptr}.grow_to(1UL << 40));
}

TEST_P(Memory, BodiesBeyondTheBudgetAreRefusedAndOrdinaryOnesAreNot) {
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

// However many connections there are, as the API has 16,384: small requests count as well, and so
// do heads that never end.
TEST_P(Memory, ManySmallHalvesAreBoundedTogether) {
    Limits limits;
    limits.max_bodies = 256UL * 1024;
    limits.max_connections_per_address = 1'000;
    auto on = server(limits);
    const std::string half_head = "GET / HTTP/1.1\r\nX: " + std::string(10'000, 'x');
    const std::string half_body = post_head(10'000) + std::string(9'000, 'x');
    const auto refused = [&] { return on.seen().last() == "503:too_many_bodies"; };
    for (const auto& half : {half_head, half_body}) {
        const auto closed = on.seen().closed.load();
        std::vector<HttpClient> halves;
        for (int i = 0; i < 60 && !refused(); ++i) {
            halves.push_back(on.connect());
            halves.back().send(half);
            test::eventually(refused, 5ms);
        }
        ASSERT_TRUE(test::eventually(refused));
        const auto held = static_cast<int>(halves.size());
        halves.clear();
        ASSERT_TRUE(test::eventually([&] { return on.seen().closed >= closed + held; }));
        EXPECT_EQ(on.ask(half_body + std::string(1'000, 'x')).status, 200);
        EXPECT_EQ(on.ask("GET\r\n\r\n").status, 400) << "so that the last is another";
    }
}

TEST_P(Memory, ThatRunsOutCostsOneAnswerOnly) {
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
TEST(MemoryShortage, IsMetOutsideOfHandlersToo) {
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

}  // namespace
}  // namespace oracode::http
