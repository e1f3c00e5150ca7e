#include "core/http_url.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>

#include <arpa/inet.h>

namespace oracode {
namespace {

Error refused(std::string detail) {
    return {Errc::invalid_argument, std::move(detail)};
}

bool alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool hexadecimal(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
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

std::optional<in6_addr> ipv6(std::string_view text) {
    in6_addr address{};
    const std::string bare(text.substr(0, text.find('%')));  // a link-local one's interface
    if (::inet_pton(AF_INET6, bare.c_str(), &address) != 1) return std::nullopt;
    return address;
}

// False for anything but `HOST`, `HOST:PORT`, `[IPV6]` and `[IPV6]:PORT`.
bool take_host_and_port(std::string_view text, SplitUrl& url) {
    const bool bracketed = text.starts_with('[');
    const auto end = std::min(text.size(), bracketed ? text.find(']') : text.find(':'));
    if (bracketed && end == text.size()) return false;
    url.host = text.substr(bracketed ? 1 : 0, bracketed ? end - 1 : end);
    if (bracketed ? !ipv6(url.host) : !is_name(url.host)) return false;
    std::ranges::transform(url.host, url.host.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    auto port = text.substr(bracketed ? end + 1 : end);
    url.port = url.tls ? 443 : 80;
    if (port.empty()) return true;
    if (!port.starts_with(':')) return false;
    port.remove_prefix(1);
    const auto [stop, failed] = std::from_chars(port.data(), port.data() + port.size(), url.port);
    return failed == std::errc{} && stop == port.data() + port.size() && url.port != 0;
}

bool take_scheme(std::string_view& text, std::string_view scheme) {
    if (text.size() < scheme.size() ||
        ::strncasecmp(text.data(), scheme.data(), scheme.size()) != 0)
        return false;
    text.remove_prefix(scheme.size());
    return true;
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

bool is_loopback(std::string_view host) {
    if (host == "localhost") return true;
    in_addr v4{};
    if (::inet_pton(AF_INET, std::string(host).c_str(), &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == 127;
    const auto v6 = ipv6(host);
    if (!v6) return false;
    constexpr std::array<unsigned char, 13> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127};
    return std::memcmp(&*v6, &in6addr_loopback, sizeof *v6) == 0 ||
           std::memcmp(&*v6, mapped.data(), mapped.size()) == 0;
}

}  // namespace oracode
