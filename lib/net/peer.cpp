#include "net/peer.hpp"

#include <algorithm>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>

namespace oracode::net {
namespace {

Peer of_v4(const in_addr& address) {
    Peer peer;
    std::array<char, INET_ADDRSTRLEN> text{};
    peer.address = inet_ntop(AF_INET, &address, text.data(), text.size());
    peer.local = (ntohl(address.s_addr) >> 24) == 127;
    peer.key[10] = peer.key[11] = 0xff;
    std::memcpy(peer.key.data() + 12, &address, 4);
    peer.bytes = peer.key;
    return peer;
}

Peer of_v6(const in6_addr& address) {
    if (IN6_IS_ADDR_V4MAPPED(&address)) {
        in_addr v4{};
        std::memcpy(&v4, address.s6_addr + 12, 4);
        return of_v4(v4);
    }
    Peer peer;
    std::array<char, INET6_ADDRSTRLEN> text{};
    peer.address = inet_ntop(AF_INET6, &address, text.data(), text.size());
    peer.local = IN6_IS_ADDR_LOOPBACK(&address) != 0;
    std::copy_n(address.s6_addr, 8, peer.key.begin());
    std::copy_n(address.s6_addr, 16, peer.bytes.begin());
    return peer;
}

}  // namespace

Peer identify(const sockaddr_storage& address) {
    if (address.ss_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &address, sizeof v4);
        return of_v4(v4.sin_addr);
    }
    if (address.ss_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, &address, sizeof v6);
        return of_v6(v6.sin6_addr);
    }
    Peer peer;
    peer.address = "unix";
    peer.local = true;
    peer.unix_socket = true;
    return peer;
}

std::optional<Peer> parse_peer(std::string_view text) {
    std::array<char, INET6_ADDRSTRLEN> terminated{};
    if (text.size() >= terminated.size()) return std::nullopt;
    std::ranges::copy(text, terminated.begin());
    in_addr v4{};
    if (inet_pton(AF_INET, terminated.data(), &v4) == 1) return of_v4(v4);
    in6_addr v6{};
    if (inet_pton(AF_INET6, terminated.data(), &v6) == 1) return of_v6(v6);
    return std::nullopt;
}

}  // namespace oracode::net
