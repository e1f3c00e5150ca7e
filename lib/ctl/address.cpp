#include "ctl/address.hpp"

#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <sys/un.h>

#include "core/http_url.hpp"

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
    return transport == Transport::unix_socket || is_loopback(host);
}

Result<Address> parse_address(std::string_view text) {
    if (text.starts_with("unix:")) return parse_unix(text);
    if (!text.starts_with("http://") && !text.starts_with("https://"))
        return invalid(text, "should begin with http://, https:// or unix:");
    const auto url = split_http_url(text);
    if (!url) return invalid(text, url.error().detail);
    if (!url->userinfo.empty()) return invalid(text, "must not carry a user name or password");
    if (url->target.find('#') != std::string_view::npos)
        return invalid(text, "must not carry a fragment (#…)");
    Address address;
    address.transport = url->tls ? Transport::tls : Transport::plain;
    address.host = url->host;
    address.port = url->port;
    address.target = url->target.starts_with('?') ? "/" : "";
    address.target += url->target;
    return address;
}

std::string escape(std::string_view text) {
    return boost::urls::encode(text, boost::urls::unreserved_chars);
}

}  // namespace oracode::ctl
