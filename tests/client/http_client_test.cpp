// What the Seam client and oracodectl do not need of it, but others will; what they need is tested
// through them (tests/seam/client_*, tests/ctl/http_client_test.cpp).
#include "client/http_client.hpp"

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/tls.hpp"
#include "core/version.hpp"
#include "support/scripted_server.hpp"

namespace oracode::client {
namespace {

using test::Certificate;
using test::Scripted;
using test::ScriptedServer;
using test::Seen;
using testing::HasSubstr;
using namespace std::chrono_literals;
using Kind = Failure::Kind;

Route route_to(const ScriptedServer& server) {
    return {net::parse_url(server.url()).value()};
}

std::string body_of(const Outcome<Response>& answer) {
    return answer ? answer->body : "failed: " + answer.error().detail;
}

// A client with a loop that a test turns by hand.
struct Fixture {
    explicit Fixture(Route route, Options options = {})
        : client(io.get_executor(), std::move(route), std::move(options)) {}

    void turn() {
        io.restart();
        io.run_for(10s);
    }
    Outcome<Response> send(Request request, HttpClient::Manner manner = {}) {
        std::optional<Outcome<Response>> outcome;
        client.send(std::move(request), std::move(manner),
                    [&](Outcome<Response> ended) { outcome = std::move(ended); });
        EXPECT_FALSE(outcome) << "called back from within the call";
        turn();
        EXPECT_TRUE(outcome);
        return outcome ? std::move(*outcome) : Failure{};
    }
    Outcome<bool> stream(Receiver receiver, Duration silence = 5s) {
        std::optional<Outcome<bool>> outcome;
        client.stream({.target = "/stream"}, silence, std::move(receiver),
                      [&](Outcome<bool> ended) { outcome = std::move(ended); });
        turn();
        EXPECT_TRUE(outcome);
        return outcome ? std::move(*outcome) : Failure{};
    }

    boost::asio::io_context io{1};
    HttpClient client;
};

TEST(OutboundClient, PostsOverVerifiedTlsWithTheHeadersItIsGiven) {
    const Certificate certificate;
    Seen seen;
    ScriptedServer server(
        [&](const Seen& request) {
            seen = request;
            return Scripted{.status = 202, .body = "taken"};
        },
        &certificate);
    auto route = route_to(server);
    route.tls = make_tls_context({.ca_file = certificate.certificate()}).value();
    Fixture on(std::move(route));
    const auto answer = on.send({.method = "POST",
                                 .target = "/hook?a=1",
                                 .headers = {{"Content-Type", "application/json"}},
                                 .body = "{}"});
    ScriptedServer::synchronize();
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(answer->status, 202U);
    EXPECT_EQ(answer->body, "taken");
    EXPECT_EQ(seen.method, "POST");
    EXPECT_EQ(seen.target, "/hook?a=1");
    EXPECT_EQ(seen.headers["content-type"], "application/json");
    EXPECT_EQ(seen.headers["content-length"], "2");
    EXPECT_EQ(seen.headers["user-agent"], "oracoded/" + std::string(version()));
    EXPECT_EQ(seen.body, "{}");
}

TEST(OutboundClient, SaysWhetherTheCertificateWasAtFault) {
    const Certificate certificate;
    ScriptedServer server([](const Seen&) { return Scripted{}; }, &certificate);
    auto route = route_to(server);
    route.tls = make_tls_context({}).value();
    Fixture on(std::move(route));
    const auto answer = on.send({});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, Kind::untrusted);
}

TEST(OutboundClient, TakesNoMoreOfAnAnswerThanItIsAllowed) {
    ScriptedServer server([](const Seen&) { return Scripted{.body = std::string(1001, 'x')}; });
    Fixture on(route_to(server), {.max_body = 1000});
    const auto answer = on.send({});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, Kind::too_large);
}

TEST(OutboundClient, SendsWhatMayNotBeRepeatedOverANewConnectionEachTime) {
    ScriptedServer server([](const Seen&) { return Scripted{}; });
    Fixture on(route_to(server));
    for (int i = 0; i < 2; ++i) EXPECT_TRUE(on.send({.method = "POST"}));
    EXPECT_EQ(server.connections(), 2);
    for (int i = 0; i < 2; ++i) EXPECT_TRUE(on.send({}, {.repeatable = true}));
    EXPECT_EQ(server.connections(), 2);
}

TEST(OutboundClient, AsksForWhatIsToBeSentBeforeEachSending) {
    int answers = 0;
    ScriptedServer server([&](const Seen& request) {
        return Scripted{.body = request.headers.at("x-number"),
                        .close_unannounced = ++answers == 1};
    });
    Fixture on(route_to(server));
    int sendings = 0;
    const HttpClient::Manner manner{
        .repeatable = true, .before_sending = [&](Request& request) {
            request.headers = {{"X-Number", std::to_string(++sendings)}};
        }};
    EXPECT_EQ(body_of(on.send({}, manner)), "1");
    const auto second = body_of(on.send({}, manner));
    EXPECT_EQ(second, std::to_string(sendings));
}

TEST(OutboundClient, HandsAStreamOverAndEndsItWhereTheReceiverDoes) {
    ScriptedServer server([](const Seen&) { return Scripted{.body = std::string(100'000, 'x')}; });
    Fixture on(route_to(server), {.max_body = 10});
    std::size_t size = 0;
    unsigned status = 0;
    const auto begin = [&](const Response& head) {
        status = head.status;
        return true;
    };
    const auto all = on.stream({begin, [&](std::string_view piece) {
                                    size += piece.size();
                                    return true;
                                }});
    ASSERT_TRUE(all) << all.error().detail;
    EXPECT_TRUE(*all);
    EXPECT_EQ(status, 200U);
    EXPECT_EQ(size, 100'000U);
    const auto cut = on.stream({begin, [](std::string_view) { return false; }});
    ASSERT_TRUE(cut);
    EXPECT_FALSE(*cut);
}

TEST(OutboundClient, GivesAStreamUpWhereItFallsSilent) {
    ScriptedServer server([](const Seen&) { return Scripted{.silent = true}; });
    Fixture on(route_to(server));
    const auto take = [](auto&&) { return true; };
    const auto begun = std::chrono::steady_clock::now();
    const auto ended = on.stream({take, take}, 150ms);
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().kind, Kind::timed_out);
    EXPECT_EQ(ended.error().after, 150ms);
    EXPECT_THAT(ended.error().detail, HasSubstr("timed out after 150ms waiting for the answer"));
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
}

TEST(OutboundClient, GoesOnAfterAReceiverThatThrew) {
    ScriptedServer server([](const Seen&) { return Scripted{.body = "body"}; });
    Fixture on(route_to(server));
    bool ended = false;
    on.client.stream({}, 5s,
                     {[](const Response&) { return true; },
                      [](std::string_view) -> bool { throw std::runtime_error("disk full"); }},
                     [&](const Outcome<bool>&) { ended = true; });
    EXPECT_THROW(on.turn(), std::runtime_error);
    EXPECT_EQ(body_of(on.send({})), "body");
    EXPECT_FALSE(ended);
}

TEST(OutboundClient, PlainHttpLeavesThisMachineOnlyWhereItMay) {
    Route route{net::parse_url("http://hook.example").value()};
    Options options{.timeout = 300ms};
    options.lookup = [](const auto&, auto port, auto&) {
        return net::Addresses{{boost::asio::ip::make_address("192.0.2.1"), port}};
    };
    Fixture kept(route, options);
    const auto refused = kept.send({});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().detail, HasSubstr("not an address of loopback"));
    route.plain_on_loopback_only = false;
    Fixture free(route, options);
    const auto tried = free.send({});
    ASSERT_FALSE(tried);
    EXPECT_THAT(tried.error().detail, HasSubstr("192.0.2.1:80"));
}

}  // namespace
}  // namespace oracode::client
