#include "net/url.hpp"

#include <algorithm>

#include <boost/algorithm/string/predicate.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <fmt/format.h>

#include "core/text.hpp"
#include "net/address.hpp"

namespace oracode::net {
namespace {

Error refused(std::string detail) {
    return {Errc::invalid_argument, std::move(detail)};
}

Error refused(std::string_view text, std::string_view why) {
    return refused(fmt::format("'{}' {}", text, why));
}

bool alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c);
}

bool hexadecimal(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_name(std::string_view host) {
    return !host.empty() && std::ranges::all_of(host, [](char c) {
        return alphanumeric(c) || c == '.' || c == '-' || c == '_';
    });
}

// Only what RFC 3986 lets stand behind the authority.
bool is_target(std::string_view text) {
    constexpr std::string_view others = "-._~!$&'()*+,;=:@/?#";
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%') {
            if (i + 2 >= text.size() || !hexadecimal(text[i + 1]) || !hexadecimal(text[i + 2]))
                return false;
            i += 2;
        } else if (!alphanumeric(text[i]) && others.find(text[i]) == std::string_view::npos) {
            return false;
        }
    }
    return true;
}

// False for anything but `HOST`, `HOST:PORT`, `[IPV6]` and `[IPV6]:PORT`.
bool take_host_and_port(std::string_view text, SplitUrl& url) {
    const auto parts = split_host_and_port(text);
    if (!parts) return false;
    if (parts->bracketed ? !is_ipv6(parts->host) : !is_name(parts->host)) return false;
    url.host = parts->host;
    std::ranges::transform(url.host, url.host.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    url.port = url.tls ? 443 : 80;
    if (!parts->port) return true;
    const auto port = parse_port(*parts->port);
    url.port = port.value_or(0);
    return url.port != 0;
}

bool take_scheme(std::string_view& text, std::string_view scheme) {
    if (!boost::algorithm::istarts_with(text, scheme)) return false;
    text.remove_prefix(scheme.size());
    return true;
}

Result<Url> parse_unix(std::string_view text) {
    auto path = text.substr(unix_scheme.size());
    if (path.starts_with("//")) path.remove_prefix(2);
    if (!path.starts_with('/'))
        return refused(text, "needs an absolute path, as unix:/run/oracoded/api.sock");
    if (path.size() > longest_socket_path)
        return refused(text, fmt::format("is too long for a unix socket ({} characters at most)",
                                         longest_socket_path));
    return Url{Transport::unix_socket, "", 0, "", std::string(path)};
}

Url url_of(SplitUrl split) {
    return {split.tls ? Transport::tls : Transport::plain, std::move(split.host), split.port,
            std::string(split.target)};
}

}  // namespace

Result<SplitUrl> split_http_url(std::string_view text) {
    SplitUrl url;
    url.tls = take_scheme(text, "https://");
    if (!url.tls && !take_scheme(text, "http://"))
        return refused("should begin with http:// or https://");
    auto authority = text.substr(0, text.find_first_of("/?#"));
    url.target = text.substr(authority.size());
    if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
        url.userinfo = authority.substr(0, at);
        authority.remove_prefix(at + 1);
    }
    if (!take_host_and_port(authority, url)) return refused("names no usable host and port");
    if (!is_target(url.target))
        return refused("has characters behind the host that no URL may have");
    return url;
}

std::string Url::authority() const {
    if (transport == Transport::unix_socket) return "localhost";
    const bool usual = port == (transport == Transport::tls ? 443 : 80);
    return usual ? in_brackets(host) : host_and_port(host, port);
}

std::string Url::display() const {
    if (transport == Transport::unix_socket) return std::string(unix_scheme) + socket;
    return (transport == Transport::tls ? "https://" : "http://") + authority();
}

bool Url::stays_here() const {
    return transport == Transport::unix_socket || is_loopback(host);
}

Result<Url> parse_url(std::string_view text) {
    if (text.starts_with(unix_scheme)) return parse_unix(text);
    if (!text.starts_with("http://") && !text.starts_with("https://"))
        return refused(text, "should begin with http://, https:// or unix:");
    auto split = split_http_url(text);
    if (!split) return refused(text, split.error().detail);
    if (!split->userinfo.empty()) return refused(text, "must not carry a user name or password");
    if (split->target.find('#') != std::string_view::npos)
        return refused(text, "must not carry a fragment (#…)");
    auto url = url_of(std::move(*split));
    if (url.target.starts_with('?')) url.target.insert(0, "/");
    return url;
}

Result<Url> parse_server_url(std::string_view text) {
    auto split = split_http_url(text);
    if (!split) return split.error();
    if (!split->userinfo.empty() || split->target.find_first_of("?#") != std::string_view::npos)
        return refused("must not carry a user name, a query or a fragment");
    auto url = url_of(std::move(*split));
    while (url.target.ends_with('/')) url.target.pop_back();
    return url;
}

std::string percent_encode(std::string_view text) {
    return boost::urls::encode(text, boost::urls::unreserved_chars);
}

}  // namespace oracode::net
