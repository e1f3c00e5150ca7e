#include "settings/address.hpp"

#include <charconv>

#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>
#include <sys/un.h>

#include "core/http_url.hpp"

namespace oracode {
namespace {

namespace ip = boost::asio::ip;

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

std::optional<ip::address> parse_address(std::string_view text) {
    boost::system::error_code error;
    const auto address = ip::make_address(std::string(text), error);
    if (error) return std::nullopt;
    return address;
}

}  // namespace

std::optional<TcpAddress> parse_tcp_address(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto port = parse_number<std::uint16_t>(text.substr(colon + 1));
    auto host = text.substr(0, colon);
    if (!port || host.empty()) return std::nullopt;
    if (host == "localhost") return TcpAddress{"127.0.0.1", *port};
    const bool bracketed = host.front() == '[' && host.back() == ']' && host.size() > 2;
    if (bracketed) host = host.substr(1, host.size() - 2);
    const auto address = parse_address(host);
    if (!address || address->is_v6() != bracketed) return std::nullopt;
    return TcpAddress{address->to_string(), *port};
}

std::optional<ListenAddress> parse_listen_address(std::string_view text,
                                                  const std::filesystem::path& base) {
    constexpr std::string_view scheme = "unix:";
    if (!text.starts_with(scheme)) {
        if (auto address = parse_tcp_address(text)) return ListenAddress{*std::move(address)};
        return std::nullopt;
    }
    text.remove_prefix(scheme.size());
    if (text.empty() || text.ends_with('/')) return std::nullopt;
    auto path = (base / text).lexically_normal();
    if (path.native().size() >= sizeof(sockaddr_un::sun_path)) return std::nullopt;
    return ListenAddress{UnixPath{std::move(path)}};
}

std::string to_string(const ListenAddress& address) {
    if (const auto* socket = std::get_if<UnixPath>(&address))
        return "unix:" + socket->path.native();
    const auto& tcp = std::get<TcpAddress>(address);
    const bool v6 = tcp.host.find(':') != std::string::npos;
    return v6 ? fmt::format("[{}]:{}", tcp.host, tcp.port)
              : fmt::format("{}:{}", tcp.host, tcp.port);
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

std::optional<HttpUrl> HttpUrl::parse(std::string_view text) {
    const auto url = split_http_url(text);
    if (!url || !url->userinfo.empty()) return std::nullopt;
    if (url->target.find_first_of("?#") != std::string_view::npos) return std::nullopt;
    HttpUrl result{url->tls, url->host, url->port, std::string(url->target)};
    while (result.path.ends_with('/')) result.path.pop_back();
    return result;
}

bool HttpUrl::on_loopback() const {
    return is_loopback(host);
}

}  // namespace oracode
