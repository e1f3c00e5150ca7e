// Where to listen, whom to trust and which server to ask, as parsed from text. Values; nothing here
// resolves a name or touches the network.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include <boost/asio/ip/address.hpp>

namespace oracode {

struct TcpAddress {
    std::string host;  // an IP literal without brackets; a v6 one may carry a %zone
    std::uint16_t port = 0;

    friend bool operator==(const TcpAddress&, const TcpAddress&) = default;
};

struct UnixPath {
    std::filesystem::path path;

    friend bool operator==(const UnixPath&, const UnixPath&) = default;
};

using ListenAddress = std::variant<TcpAddress, UnixPath>;

// `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080` (which is 127.0.0.1). Port 0 lets the system
// choose.
[[nodiscard]] std::optional<TcpAddress> parse_tcp_address(std::string_view text);
// The same, or `unix:PATH` with at most 107 bytes of path; a relative one starts at `base`.
[[nodiscard]] std::optional<ListenAddress> parse_listen_address(std::string_view text,
                                                                const std::filesystem::path& base);
[[nodiscard]] std::string to_string(const ListenAddress& address);

// 127/8, ::1, ::ffff:127/104 and unix sockets: no other machine can connect.
[[nodiscard]] bool is_local(const ListenAddress& address);
// Whether both cannot be bound at once: the same socket, or the same port where one means every
// address.
[[nodiscard]] bool collide(const ListenAddress& a, const ListenAddress& b);

// A block of addresses. v4 is kept as v4-mapped v6, so a v4 peer on a v6 socket is found too.
class Network {
public:
    // `10.0.0.0/8`, `2001:db8::/32`, or one address. nullopt for anything else, bits beyond the
    // prefix included.
    [[nodiscard]] static std::optional<Network> parse(std::string_view text);

    // Of an address; IPv4 as v4-mapped IPv6.
    using Bytes = std::array<unsigned char, 16>;

    [[nodiscard]] bool contains(const boost::asio::ip::address& address) const;
    [[nodiscard]] bool contains(const Bytes& address) const;

    friend bool operator==(const Network&, const Network&) = default;

private:
    static Bytes mapped(const boost::asio::ip::address& address);

    Bytes bytes_{};
    unsigned prefix_ = 128;
};

// An `http` or `https` server with an optional path in front of everything asked there.
struct HttpUrl {
    bool tls = true;
    std::string host;  // a name or an IP literal without brackets
    std::uint16_t port = 443;
    std::string path;  // empty, or starting but not ending with '/'

    // nullopt for anything else; user names, queries and fragments are not accepted.
    [[nodiscard]] static std::optional<HttpUrl> parse(std::string_view text);
    [[nodiscard]] bool on_loopback() const;

    friend bool operator==(const HttpUrl&, const HttpUrl&) = default;
};

}  // namespace oracode
