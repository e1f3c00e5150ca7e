#include "http/connection_limiter.hpp"

#include <cstring>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

namespace oracode::http {
namespace {

net::Peer peer(const char* text) {
    sockaddr_storage storage{};
    if (std::strchr(text, ':') != nullptr) {
        sockaddr_in6 v6{};
        v6.sin6_family = AF_INET6;
        EXPECT_EQ(::inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
        std::memcpy(&storage, &v6, sizeof v6);
    } else {
        sockaddr_in v4{};
        v4.sin_family = AF_INET;
        EXPECT_EQ(::inet_pton(AF_INET, text, &v4.sin_addr), 1);
        std::memcpy(&storage, &v4, sizeof v4);
    }
    return net::identify(storage);
}

TEST(Peer, IsWrittenAsPeopleWriteIt) {
    const std::vector<std::tuple<const char*, const char*, bool>> rows{
        {"127.0.0.1", "127.0.0.1", true},
        {"127.9.9.9", "127.9.9.9", true},
        {"203.0.113.7", "203.0.113.7", false},
        {"::1", "::1", true},
        {"2001:db8::1", "2001:db8::1", false},
        {"::ffff:127.0.0.1", "127.0.0.1", true},
        {"::ffff:203.0.113.7", "203.0.113.7", false},
    };
    for (const auto& [text, address, local] : rows) {
        EXPECT_EQ(peer(text).address, address);
        EXPECT_EQ(peer(text).local, local) << text;
    }
    sockaddr_storage unnamed{};
    unnamed.ss_family = AF_UNIX;
    EXPECT_EQ(net::identify(unnamed).address, "unix");
    EXPECT_TRUE(net::identify(unnamed).local);
}

TEST(ConnectionLimiter, CountsAnAddressExactly) {
    Limits limits;
    limits.max_connections_per_address = 2;
    const auto limiter = std::make_shared<ConnectionLimiter>(limits);
    auto first = limiter->acquire(peer("203.0.113.7"));
    auto second = limiter->acquire(peer("::ffff:203.0.113.7"));
    ASSERT_TRUE(first.slot && second.slot);
    const auto third = limiter->acquire(peer("203.0.113.7"));
    EXPECT_FALSE(third.slot);
    EXPECT_EQ(third.cap, Observer::Cap::address);
    EXPECT_TRUE(limiter->acquire(peer("203.0.113.8")).slot);
    second.slot.reset();
    EXPECT_TRUE(limiter->acquire(peer("203.0.113.7")).slot);
}

TEST(ConnectionLimiter, TakesAnIpv6SiteForOneAddress) {
    Limits limits;
    limits.max_connections_per_address = 1;
    const auto limiter = std::make_shared<ConnectionLimiter>(limits);
    const auto held = limiter->acquire(peer("2001:db8:1:2::1"));
    ASSERT_TRUE(held.slot);
    EXPECT_FALSE(limiter->acquire(peer("2001:db8:1:2:ffff::9")).slot);
    EXPECT_TRUE(limiter->acquire(peer("2001:db8:1:3::1")).slot);
}

TEST(ConnectionLimiter, CountsAllTogether) {
    Limits limits;
    limits.max_connections = 2;
    limits.max_connections_per_address = 1;
    const auto limiter = std::make_shared<ConnectionLimiter>(limits);
    sockaddr_storage unnamed{};
    unnamed.ss_family = AF_UNIX;
    const auto first = limiter->acquire(net::identify(unnamed));
    auto second = limiter->acquire(net::identify(unnamed));
    ASSERT_TRUE(first.slot && second.slot) << "unix sockets have no address to count";
    const auto third = limiter->acquire(peer("203.0.113.7"));
    EXPECT_FALSE(third.slot);
    EXPECT_EQ(third.cap, Observer::Cap::all);
    second.slot->release();
    second.slot->release();
    const auto fourth = limiter->acquire(peer("203.0.113.7"));
    EXPECT_TRUE(fourth.slot);
    EXPECT_FALSE(limiter->acquire(peer("203.0.113.8")).slot) << "a place was given back twice";
}

TEST(ConnectionLimiter, GivesANewcomerThePlaceThatWasOfferedFirst) {
    Limits limits;
    limits.max_connections = 2;
    limits.max_connections_per_address = 1;
    const auto limiter = std::make_shared<ConnectionLimiter>(limits);
    std::string evicted;
    auto first = std::move(limiter->acquire(peer("203.0.113.1")).slot.value());
    auto second = std::move(limiter->acquire(peer("203.0.113.2")).slot.value());
    EXPECT_FALSE(limiter->acquire(peer("203.0.113.3")).slot) << "nothing is on offer yet";
    EXPECT_TRUE(limiter->acquire(peer("203.0.113.1")).cap == Observer::Cap::address);
    first.offer([&] { evicted += "first"; });
    second.offer([&] { evicted += "second"; });
    EXPECT_TRUE(first.secure());
    EXPECT_TRUE(first.secure());

    auto third = limiter->acquire(peer("203.0.113.3"));
    ASSERT_TRUE(third.slot);
    EXPECT_TRUE(third.evicted);
    EXPECT_EQ(evicted, "second");
    EXPECT_FALSE(second.secure());
    EXPECT_FALSE(limiter->acquire(peer("203.0.113.4")).slot);
    second.release();
    EXPECT_FALSE(limiter->acquire(peer("203.0.113.4")).slot)
        << "the evicted place was given back twice";
    third.slot.reset();
    EXPECT_TRUE(limiter->acquire(peer("203.0.113.2")).slot)
        << "an evicted connection still counts for its address";
    EXPECT_EQ(evicted, "second");
}

}  // namespace
}  // namespace oracode::http
