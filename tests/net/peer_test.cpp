#include "net/peer.hpp"

#include <cstring>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/un.h>

namespace oracode::net {
namespace {

sockaddr_storage v4(const char* text) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    inet_pton(AF_INET, text, &address.sin_addr);
    sockaddr_storage storage{};
    std::memcpy(&storage, &address, sizeof address);
    return storage;
}

sockaddr_storage v6(const char* text) {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    inet_pton(AF_INET6, text, &address.sin6_addr);
    sockaddr_storage storage{};
    std::memcpy(&storage, &address, sizeof address);
    return storage;
}

TEST(Peer, IsNamedWithoutPortAndIsLocalOnLoopback) {
    const std::tuple<sockaddr_storage, const char*, bool> rows[] = {
        {v4("192.0.2.7"), "192.0.2.7", false},
        {v4("127.0.0.1"), "127.0.0.1", true},
        {v4("127.9.9.9"), "127.9.9.9", true},
        {v6("2001:db8::7"), "2001:db8::7", false},
        {v6("::1"), "::1", true},
        {v6("::ffff:192.0.2.7"), "192.0.2.7", false},
        {v6("::ffff:127.0.0.1"), "127.0.0.1", true},
    };
    for (const auto& [address, text, local] : rows) {
        const auto peer = identify(address);
        EXPECT_EQ(peer.address, text);
        EXPECT_EQ(peer.local, local) << text;
        EXPECT_FALSE(peer.unix_socket) << text;
    }
}

TEST(Peer, OfAUnixSocketIsLocal) {
    sockaddr_storage storage{};
    storage.ss_family = AF_UNIX;
    const auto peer = identify(storage);
    EXPECT_TRUE(peer.local);
    EXPECT_TRUE(peer.unix_socket);
    EXPECT_EQ(peer.address, "unix");
}

TEST(Peer, CountsAnIpv6SiteAsOneAddress) {
    EXPECT_EQ(identify(v6("2001:db8:1:2::1")).key, identify(v6("2001:db8:1:2:f:f:f:f")).key);
    EXPECT_NE(identify(v6("2001:db8:1:2::1")).key, identify(v6("2001:db8:1:3::1")).key);
    EXPECT_NE(identify(v4("192.0.2.7")).key, identify(v4("192.0.2.8")).key);
    EXPECT_EQ(identify(v4("192.0.2.7")).key, identify(v6("::ffff:192.0.2.7")).key);
    EXPECT_NE(identify(v6("2001:db8:1:2::1")).bytes, identify(v6("2001:db8:1:2::2")).bytes);
}

TEST(Peer, ATextIsAnAddressOrNothing) {
    EXPECT_EQ(parse_peer("192.0.2.7")->key, identify(v4("192.0.2.7")).key);
    EXPECT_EQ(parse_peer("2001:db8::7")->address, "2001:db8::7");
    for (const auto* text : {"", "192.0.2", "192.0.2.7:443", "[2001:db8::7]", "host", "1.2.3.4 "})
        EXPECT_FALSE(parse_peer(text)) << text;
}

}  // namespace
}  // namespace oracode::net
