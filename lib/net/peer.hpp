// Who is at the other end of an accepted socket. A value.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <sys/socket.h>

namespace oracode::net {

struct Peer {
    std::string address;  // without port; an IPv4 address that came in over a dual-stack socket is
                          // written as IPv4
    bool local = false;   // loopback or unix socket
    bool unix_socket = false;
    bool trusted_proxy = false;            // its connections carry the requests of many
    std::array<std::uint8_t, 16> bytes{};  // of the address; IPv4 as v4-mapped IPv6
    // What counts as one address for the cap: the IPv4 address, or the /64 that an IPv6 site hands
    // out as it likes.
    std::array<std::uint8_t, 16> key{};
};

// `address` as accept(2) filled it in.
[[nodiscard]] Peer identify(const sockaddr_storage& address);
// An IP address as text, without port or brackets; nullopt for anything else.
[[nodiscard]] std::optional<Peer> parse_peer(std::string_view text);

}  // namespace oracode::net
