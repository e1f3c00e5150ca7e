// Addresses as text and back: where to listen, whom to trust. Values; nothing here resolves a name
// or touches the network.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include <boost/asio/ip/address.hpp>

namespace oracode::net {

inline constexpr std::string_view unix_scheme = "unix:";
inline constexpr std::size_t longest_socket_path = 107;  // what sockaddr_un holds, less the NUL

// `HOST`, `HOST:PORT`, `[IPV6]`, `[IPV6]:PORT`, and an IPv6 address without brackets, which cannot
// have a port. Whether the host is one is not looked at.
struct HostAndPort {
    std::string_view host;  // without brackets
    bool bracketed = false;
    std::optional<std::string_view> port;  // behind the colon; may be empty
};
// nullopt where a bracket is not closed, or something else than a port stands behind it.
[[nodiscard]] std::optional<HostAndPort> split_host_and_port(std::string_view text);

// Digits up to 65535.
[[nodiscard]] std::optional<std::uint16_t> parse_port(std::string_view text);

// An IPv6 address in brackets, any other host as it is; the same with the port behind it.
[[nodiscard]] std::string in_brackets(const std::string& host);
[[nodiscard]] std::string host_and_port(const std::string& host, std::uint16_t port);

// An IPv6 address as text, perhaps with a link-local one's %interface.
[[nodiscard]] bool is_ipv6(std::string_view text);

// Whether `host` is this machine to itself: `localhost`, 127/8, ::1 and ::ffff:127/104.
[[nodiscard]] bool is_loopback(std::string_view host);

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

}  // namespace oracode::net
