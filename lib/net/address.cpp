#include "net/address.hpp"

#include <cstring>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/un.h>

#include "core/text.hpp"

namespace oracode::net {
namespace {

namespace ip = boost::asio::ip;

static_assert(longest_socket_path == sizeof(sockaddr_un::sun_path) - 1);

std::optional<ip::address> parse_address(std::string_view text) {
    boost::system::error_code error;
    const auto address = ip::make_address(std::string(text), error);
    if (error) return std::nullopt;
    return address;
}

std::optional<in6_addr> parse_ipv6(std::string_view text) {
    in6_addr address{};
    const std::string bare(text.substr(0, text.find('%')));
    if (::inet_pton(AF_INET6, bare.c_str(), &address) != 1) return std::nullopt;
    return address;
}

}  // namespace

std::optional<HostAndPort> split_host_and_port(std::string_view text) {
    HostAndPort parts{text, text.starts_with('['), std::nullopt};
    auto behind = std::string_view{};
    if (parts.bracketed) {
        const auto end = text.find(']');
        if (end == std::string_view::npos) return std::nullopt;
        parts.host = text.substr(1, end - 1);
        behind = text.substr(end + 1);
        if (!behind.empty() && behind.front() != ':') return std::nullopt;
    } else if (const auto colon = text.find(':'); colon == text.rfind(':')) {
        parts.host = text.substr(0, colon);
        behind = text.substr(parts.host.size());
    }
    if (!behind.empty()) parts.port = behind.substr(1);
    return parts;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
    return parse_number<std::uint16_t>(text);
}

std::string in_brackets(const std::string& host) {
    return host.find(':') == std::string::npos ? host : fmt::format("[{}]", host);
}

std::string host_and_port(const std::string& host, std::uint16_t port) {
    return fmt::format("{}:{}", in_brackets(host), port);
}

bool is_ipv6(std::string_view text) {
    return parse_ipv6(text).has_value();
}

bool is_loopback(std::string_view host) {
    if (host == "localhost") return true;
    in_addr v4{};
    if (::inet_pton(AF_INET, std::string(host).c_str(), &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == 127;
    const auto v6 = parse_ipv6(host);
    if (!v6) return false;
    constexpr std::array<unsigned char, 13> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127};
    return std::memcmp(&*v6, &in6addr_loopback, sizeof *v6) == 0 ||
           std::memcmp(&*v6, mapped.data(), mapped.size()) == 0;
}

std::optional<TcpAddress> parse_tcp_address(std::string_view text) {
    const auto parts = split_host_and_port(text);
    const auto port = parts && parts->port ? parse_port(*parts->port) : std::nullopt;
    if (!port) return std::nullopt;
    if (text.starts_with("localhost:")) return TcpAddress{"127.0.0.1", *port};
    const auto address = parse_address(parts->host);
    if (!address || address->is_v6() != parts->bracketed) return std::nullopt;
    return TcpAddress{address->to_string(), *port};
}

std::optional<ListenAddress> parse_listen_address(std::string_view text,
                                                  const std::filesystem::path& base) {
    if (!text.starts_with(unix_scheme)) {
        if (auto address = parse_tcp_address(text)) return ListenAddress{*std::move(address)};
        return std::nullopt;
    }
    text.remove_prefix(unix_scheme.size());
    // The system would take what stands before a NUL.
    if (text.empty() || text.find('\0') != std::string_view::npos) return std::nullopt;
    auto path = (base / text).lexically_normal();
    if (!path.has_filename() || path.native().size() > longest_socket_path) return std::nullopt;
    return ListenAddress{UnixPath{std::move(path)}};
}

std::string to_string(const ListenAddress& address) {
    if (const auto* socket = std::get_if<UnixPath>(&address))
        return std::string(unix_scheme) + socket->path.native();
    const auto& tcp = std::get<TcpAddress>(address);
    return host_and_port(tcp.host, tcp.port);
}

bool is_local(const ListenAddress& address) {
    const auto* tcp = std::get_if<TcpAddress>(&address);
    return tcp == nullptr || is_loopback(tcp->host);
}

bool collide(const ListenAddress& a, const ListenAddress& b) {
    const auto* first = std::get_if<TcpAddress>(&a);
    const auto* second = std::get_if<TcpAddress>(&b);
    if (first == nullptr || second == nullptr) return a == b;
    if (first->port != second->port || first->port == 0) return false;
    const auto every = [](const TcpAddress& tcp) {
        return tcp.host == "0.0.0.0" || tcp.host == "::";
    };
    return first->host == second->host || every(*first) || every(*second);
}

Network::Bytes Network::mapped(const ip::address& address) {
    return address.is_v6() ? address.to_v6().to_bytes()
                           : ip::make_address_v6(ip::v4_mapped, address.to_v4()).to_bytes();
}

std::optional<Network> Network::parse(std::string_view text) {
    const auto slash = text.find('/');
    const auto address = parse_address(text.substr(0, slash));
    if (!address || (address->is_v6() && address->to_v6().scope_id() != 0)) return std::nullopt;
    Network network;
    network.bytes_ = mapped(*address);
    if (slash == std::string_view::npos) return network;
    const auto prefix = parse_number<unsigned>(text.substr(slash + 1));
    const unsigned longest = address->is_v4() ? 32 : 128;
    if (!prefix || *prefix > longest) return std::nullopt;
    network.prefix_ = 128 - longest + *prefix;
    for (unsigned bit = network.prefix_; bit < 128; ++bit)
        if (network.bytes_.at(bit / 8) & (0x80U >> (bit % 8))) return std::nullopt;
    return network;
}

bool Network::contains(const ip::address& address) const {
    return contains(mapped(address));
}

bool Network::contains(const Bytes& other) const {
    for (unsigned bit = 0; bit < prefix_; ++bit)
        if ((bytes_.at(bit / 8) ^ other.at(bit / 8)) & (0x80U >> (bit % 8))) return false;
    return true;
}

}  // namespace oracode::net
