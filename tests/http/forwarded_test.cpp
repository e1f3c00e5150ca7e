#include "http/forwarded.hpp"

#include <mutex>

#include <gtest/gtest.h>

#include "support/http_server.hpp"

namespace oracode::http {
namespace {

// Trusts 10.0.0.0/8 and ::1.
bool trusted(const net::Peer& peer) {
    return peer.address.starts_with("10.") || peer.address == "::1";
}

std::string client_of(const std::vector<Header>& headers) {
    const auto client = forwarded_client(headers, trusted);
    return client ? client->address : "nobody";
}

TEST(ForwardedClient, IsTheLastThatIsNoProxyOfOurs) {
    const std::vector<std::pair<const char*, const char*>> rows{
        {"203.0.113.7", "203.0.113.7"},
        {"1.1.1.1, 203.0.113.7", "203.0.113.7"},
        {"1.1.1.1, 203.0.113.7, 10.0.0.3", "203.0.113.7"},
        {"1.1.1.1,203.0.113.7 ,\t10.0.0.3,10.9.9.9", "203.0.113.7"},
        {"10.0.0.3, 10.0.0.4", "10.0.0.3"},
        {"203.0.113.7:4711", "203.0.113.7"},
        {"2001:db8::1", "2001:db8::1"},
        {"[2001:db8::1]:4711", "2001:db8::1"},
        {"[2001:db8::1]", "2001:db8::1"},
        {"2001:db8::1, ::1", "2001:db8::1"},
        {"::ffff:203.0.113.7", "203.0.113.7"},
        {"203.0.113.7, unknown", "nobody"},
        {"203.0.113.7, unknown, 10.0.0.3", "10.0.0.3"},
        {"203.0.113.7, ", "nobody"},
        {"", "nobody"},
        {"localhost", "nobody"},
        {"203.0.113.700", "nobody"},
        {"[2001:db8::1", "nobody"},
        {"203.0.113.7 10.0.0.3", "nobody"},
    };
    for (const auto& [text, client] : rows)
        EXPECT_EQ(client_of({{"x-forwarded-for", text}}), client) << text;
}

TEST(ForwardedClient, IsFoundInForwardedToo) {
    const std::vector<std::pair<const char*, const char*>> rows{
        {"for=203.0.113.7", "203.0.113.7"},
        {"For=\"203.0.113.7:4711\";proto=https;by=10.0.0.3", "203.0.113.7"},
        {"for=1.1.1.1, proto=https; for=\"[2001:db8::1]:4711\" , for=10.0.0.3", "2001:db8::1"},
        {"for=1.1.1.1;host=\"a,b;c\", for=203.0.113.7", "203.0.113.7"},
        {"for=203.0.113.7, for=_hidden", "nobody"},
        {"for=203.0.113.7, proto=https", "nobody"},
        {"203.0.113.7", "nobody"},
    };
    for (const auto& [text, client] : rows)
        EXPECT_EQ(client_of({{"Forwarded", text}}), client) << text;
}

TEST(ForwardedClient, IsReadFromSeveralHeadersAsFromOne) {
    EXPECT_EQ(client_of({{"X-Forwarded-For", "1.1.1.1"},
                         {"Host", "localhost"},
                         {"X-Forwarded-For", "203.0.113.7, 10.0.0.3"},
                         {"X-Forwarded-For", "10.0.0.4"}}),
              "203.0.113.7");
    EXPECT_EQ(client_of({{"Forwarded", "for=1.1.1.1"}, {"X-Forwarded-For", "203.0.113.7"}}),
              "203.0.113.7")
        << "a proxy that writes the one hands on what clients put into the other";
    EXPECT_EQ(client_of({{"Host", "localhost"}}), "nobody");
}

// A handler that keeps its replies until it is told to give them.
class Held {
public:
    void operator()(const Request& request, Reply reply) {
        const std::lock_guard lock(mutex_);
        peers_.emplace_back(request.peer);
        replies_.push_back(std::move(reply));
    }
    std::vector<std::string> peers() {
        const std::lock_guard lock(mutex_);
        return peers_;
    }
    void answer_all() {
        const std::lock_guard lock(mutex_);
        for (auto& reply : replies_) reply.send(Response{.status = 204});
        replies_.clear();
    }

private:
    std::mutex mutex_;
    std::vector<std::string> peers_;
    std::vector<Reply> replies_;
};

TEST(ForwardedClient, HasOnlySoManyRequestsUnderWayWhateverProxyBringsThem) {
    Held held;
    Limits limits;
    limits.max_connections_per_address = 2;
    test::HttpServer on(
        {.handler = [&](const Request& request, Reply reply) { held(request, std::move(reply)); },
         .limits = limits,
         .trusted_proxies = [](const net::Peer& peer) { return peer.address == "127.0.0.1"; }});
    const auto from = [](const std::string& client) {
        return "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: " + client + "\r\n\r\n";
    };
    std::vector<test::HttpClient> connections;
    connections.reserve(4);
    for (int i = 0; i < 4; ++i) connections.push_back(on.connect());
    connections[0].send(from("203.0.113.7"));
    connections[1].send(from("203.0.113.7"));
    ASSERT_TRUE(test::eventually([&] { return held.peers().size() == 2; }));
    EXPECT_EQ(held.peers().front(), "203.0.113.7");

    const auto refused = connections[2].ask(from("203.0.113.7"));
    EXPECT_EQ(refused.status, 503);
    EXPECT_TRUE(refused.has("retry-after"));
    EXPECT_EQ(on.seen().last(), "503:too_many_of_one_address");
    connections[3].send(from("203.0.113.8"));
    ASSERT_TRUE(test::eventually([&] { return held.peers().size() == 3; }))
        << "others are served meanwhile";

    held.answer_all();
    for (const auto i : {0U, 1U, 3U}) EXPECT_EQ(connections[i].receive().status, 204);
    connections[2].send(from("203.0.113.7"));
    ASSERT_TRUE(test::eventually([&] { return held.peers().size() == 4; }))
        << "the connection is the proxy's and lives on; the places are free again";
    held.answer_all();
    EXPECT_EQ(connections[2].receive().status, 204);
}

}  // namespace
}  // namespace oracode::http
