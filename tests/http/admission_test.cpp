#include "http/admission.hpp"

#include <cstring>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

namespace oracode::http {
namespace {

Peer peer(const char* text) {
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
    return identify(storage);
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
    EXPECT_EQ(identify(unnamed).address, "unix");
    EXPECT_TRUE(identify(unnamed).local);
}

TEST(Turnstile, CountsAnAddressExactly) {
    Limits limits;
    limits.max_connections_per_address = 2;
    const auto turnstile = std::make_shared<Turnstile>(limits);
    auto first = turnstile->admit(peer("203.0.113.7"));
    auto second = turnstile->admit(peer("::ffff:203.0.113.7"));
    ASSERT_TRUE(first.admission && second.admission);
    const auto third = turnstile->admit(peer("203.0.113.7"));
    EXPECT_FALSE(third.admission);
    EXPECT_EQ(third.cap, Observer::Cap::address);
    EXPECT_TRUE(turnstile->admit(peer("203.0.113.8")).admission);
    second.admission.reset();
    EXPECT_TRUE(turnstile->admit(peer("203.0.113.7")).admission);
}

TEST(Turnstile, TakesAnIpv6SiteForOneAddress) {
    Limits limits;
    limits.max_connections_per_address = 1;
    const auto turnstile = std::make_shared<Turnstile>(limits);
    const auto held = turnstile->admit(peer("2001:db8:1:2::1"));
    ASSERT_TRUE(held.admission);
    EXPECT_FALSE(turnstile->admit(peer("2001:db8:1:2:ffff::9")).admission);
    EXPECT_TRUE(turnstile->admit(peer("2001:db8:1:3::1")).admission);
}

TEST(Turnstile, CountsAllTogether) {
    Limits limits;
    limits.max_connections = 2;
    limits.max_connections_per_address = 1;
    const auto turnstile = std::make_shared<Turnstile>(limits);
    sockaddr_storage unnamed{};
    unnamed.ss_family = AF_UNIX;
    const auto first = turnstile->admit(identify(unnamed));
    auto second = turnstile->admit(identify(unnamed));
    ASSERT_TRUE(first.admission && second.admission) << "unix sockets have no address to count";
    const auto third = turnstile->admit(peer("203.0.113.7"));
    EXPECT_FALSE(third.admission);
    EXPECT_EQ(third.cap, Observer::Cap::all);
    second.admission->release();
    second.admission->release();
    const auto fourth = turnstile->admit(peer("203.0.113.7"));
    EXPECT_TRUE(fourth.admission);
    EXPECT_FALSE(turnstile->admit(peer("203.0.113.8")).admission) << "a place was given back twice";
}

TEST(Turnstile, GivesANewcomerThePlaceThatWasOfferedFirst) {
    Limits limits;
    limits.max_connections = 2;
    limits.max_connections_per_address = 1;
    const auto turnstile = std::make_shared<Turnstile>(limits);
    std::string evicted;
    auto first = std::move(turnstile->admit(peer("203.0.113.1")).admission.value());
    auto second = std::move(turnstile->admit(peer("203.0.113.2")).admission.value());
    EXPECT_FALSE(turnstile->admit(peer("203.0.113.3")).admission) << "nothing is on offer yet";
    EXPECT_TRUE(turnstile->admit(peer("203.0.113.1")).cap == Observer::Cap::address);
    first.offer([&] { evicted += "first"; });
    second.offer([&] { evicted += "second"; });
    EXPECT_TRUE(first.secure());
    EXPECT_TRUE(first.secure());

    auto third = turnstile->admit(peer("203.0.113.3"));
    ASSERT_TRUE(third.admission);
    EXPECT_TRUE(third.evicted);
    EXPECT_EQ(evicted, "second");
    EXPECT_FALSE(second.secure());
    EXPECT_FALSE(turnstile->admit(peer("203.0.113.4")).admission);
    second.release();
    EXPECT_FALSE(turnstile->admit(peer("203.0.113.4")).admission)
        << "the evicted place was given back twice";
    third.admission.reset();
    EXPECT_TRUE(turnstile->admit(peer("203.0.113.2")).admission)
        << "an evicted connection still counts for its address";
    EXPECT_EQ(evicted, "second");
}

}  // namespace
}  // namespace oracode::http
