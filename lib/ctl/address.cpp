#include "ctl/address.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

#include <boost/asio/ip/address.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <sys/un.h>

namespace oracode::ctl {
namespace {

constexpr std::size_t longest_socket_path = sizeof(sockaddr_un::sun_path) - 1;

Error invalid(std::string_view text, std::string_view why) {
    return Error{Errc::invalid_argument, "'" + std::string(text) + "' " + std::string(why)};
}

std::uint16_t usual_port(Transport transport) {
    return transport == Transport::tls ? 443 : 80;
}

bool is_ipv6(const std::string& host) {
    return host.find(':') != std::string::npos;
}

Result<Address> parse_unix(std::string_view text) {
    std::string_view path = text.substr(std::string_view("unix:").size());
    if (path.starts_with("//")) path.remove_prefix(2);
    if (!path.starts_with('/'))
        return invalid(text, "needs an absolute path, as unix:/run/oracoded/api.sock");
    if (path.size() > longest_socket_path)
        return invalid(text, "is too long for a unix socket (107 characters at most)");
    Address address;
    address.transport = Transport::unix_socket;
    address.socket = path;
    return address;
}

bool is_name(std::string_view host) {
    return !host.empty() && std::ranges::all_of(host, [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_';
    });
}

// By hand, for Boost.URL 1.81 takes 127.0.0.1.nip.io for the host 127.0.0.1 and the port 65537
// for 1.
bool take_authority(std::string_view text, Address& address) {
    const bool bracketed = text.starts_with('[');
    const auto end = bracketed ? text.find(']') : text.find(':');
    if (bracketed && end == std::string_view::npos) return false;
    address.host = text.substr(bracketed ? 1 : 0, bracketed ? end - 1 : end);
    boost::system::error_code error;
    if (bracketed) boost::asio::ip::make_address_v6(address.host, error);
    if (error || (!bracketed && !is_name(address.host))) return false;

    auto port = text.substr(std::min(text.size(), bracketed ? end + 1 : end));
    address.port = usual_port(address.transport);
    if (port.empty()) return true;
    if (!port.starts_with(':')) return false;
    port.remove_prefix(1);
    const auto [stop, failed] =
        std::from_chars(port.data(), port.data() + port.size(), address.port);
    return failed == std::errc{} && stop == port.data() + port.size() && address.port != 0;
}

}  // namespace

std::string Address::authority() const {
    if (transport == Transport::unix_socket) return "localhost";
    std::string text = is_ipv6(host) ? "[" + host + "]" : host;
    if (port != usual_port(transport)) text += ":" + std::to_string(port);
    return text;
}

std::string Address::display() const {
    switch (transport) {
        case Transport::plain:
            return "http://" + authority();
        case Transport::tls:
            return "https://" + authority();
        case Transport::unix_socket:
            return "unix:" + socket;
    }
    return {};
}

bool Address::stays_here() const {
    if (transport == Transport::unix_socket || host == "localhost") return true;
    boost::system::error_code error;
    const auto ip = boost::asio::ip::make_address(host, error);
    return !error && ip.is_loopback();
}

Result<Address> parse_address(std::string_view text) {
    if (text.starts_with("unix:")) return parse_unix(text);
    Address address;
    std::string_view rest = text;
    if (rest.starts_with("http://")) {
        address.transport = Transport::plain;
    } else if (rest.starts_with("https://")) {
        address.transport = Transport::tls;
    } else {
        return invalid(text, "should begin with http://, https:// or unix:");
    }
    rest.remove_prefix(rest.find("//") + 2);
    const auto authority = rest.substr(0, rest.find_first_of("/?#"));
    rest.remove_prefix(authority.size());
    if (authority.find('@') != std::string_view::npos)
        return invalid(text, "must not carry a user name or password");
    if (rest.find('#') != std::string_view::npos)
        return invalid(text, "must not carry a fragment (#…)");
    if (!take_authority(authority, address)) return invalid(text, "names no usable host and port");
    address.target = rest.starts_with('?') ? "/" + std::string(rest) : std::string(rest);
    if (!address.target.empty() && !boost::urls::parse_origin_form(address.target))
        return invalid(text, "has a path with characters that no URL may have");
    return address;
}

std::string escape(std::string_view text) {
    return boost::urls::encode(text, boost::urls::unreserved_chars);
}

}  // namespace oracode::ctl
