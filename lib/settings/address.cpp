#include "settings/address.hpp"

#include <charconv>

#include <boost/asio/ip/address.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <fmt/format.h>
#include <sys/un.h>

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

bool is_loopback(const ip::address& address) {
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        return ip::make_address_v4(ip::v4_mapped, address.to_v6()).is_loopback();
    return address.is_loopback();
}

bool is_loopback_name(std::string_view host) {
    if (host == "localhost") return true;
    const auto address = parse_address(host);
    return address && is_loopback(*address);
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
    return tcp == nullptr || is_loopback_name(tcp->host);
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
    const auto other = mapped(address);
    for (unsigned bit = 0; bit < prefix_; ++bit)
        if ((bytes_.at(bit / 8) ^ other.at(bit / 8)) & (0x80U >> (bit % 8))) return false;
    return true;
}

std::optional<HttpUrl> HttpUrl::parse(std::string_view text) {
    const auto parsed = boost::urls::parse_uri({text.data(), text.size()});
    if (!parsed) return std::nullopt;
    const auto& url = *parsed;
    HttpUrl result;
    result.tls = url.scheme_id() == boost::urls::scheme::https;
    if (!result.tls && url.scheme_id() != boost::urls::scheme::http) return std::nullopt;
    if (!url.has_authority() || url.has_userinfo() || url.has_query() || url.has_fragment())
        return std::nullopt;
    result.host = url.host_address();
    if (result.host.empty()) return std::nullopt;
    result.port = result.tls ? 443 : 80;
    if (url.has_port()) {
        const auto port = parse_number<std::uint16_t>({url.port().data(), url.port().size()});
        if (!port || *port == 0) return std::nullopt;
        result.port = *port;
    }
    result.path = std::string(url.encoded_path().data(), url.encoded_path().size());
    while (result.path.ends_with('/')) result.path.pop_back();
    return result;
}

bool HttpUrl::on_loopback() const {
    return is_loopback_name(host);
}

}  // namespace oracode
