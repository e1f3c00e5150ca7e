#include "seam/client_endpoint.hpp"

#include <charconv>

#include <boost/algorithm/string/case_conv.hpp>
#include <boost/algorithm/string/predicate.hpp>
#include <boost/algorithm/string/trim.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <boost/url/url_view.hpp>
#include <fmt/format.h>
#include <openssl/evp.h>

namespace oracode::seam {
namespace {

namespace urls = boost::urls;

bool is_loopback(const std::string& host) {
    if (boost::iequals(host, "localhost")) return true;
    boost::system::error_code no_address;
    const auto address = boost::asio::ip::make_address(host, no_address);
    return !no_address && address.is_loopback();
}

std::string host_of(const urls::url_view& url) {
    auto host = url.host_address();
    boost::to_lower(host);
    return host;
}

std::string bracketed(const std::string& host) {
    return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

std::string base64(const std::string& text) {
    std::string out((text.size() + 2) / 3 * 4 + 1, '\0');  // EVP writes a closing zero
    const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                       reinterpret_cast<const unsigned char*>(text.data()),
                                       static_cast<int>(text.size()));
    out.resize(static_cast<std::size_t>(length));
    return out;
}

bool exempts(std::string_view entry, const Endpoint& endpoint) {
    if (entry == "*") return true;
    const auto colon = entry.rfind(':');
    // More than one colon and no bracket: an IPv6 address, not a port.
    if (colon != std::string_view::npos && (entry.front() == '[' || entry.find(':') == colon) &&
        entry.back() != ']') {
        if (entry.substr(colon + 1) != std::to_string(endpoint.port)) return false;
        entry = entry.substr(0, colon);
    }
    if (entry.starts_with('[') && entry.ends_with(']')) entry = entry.substr(1, entry.size() - 2);
    if (entry.starts_with("*.")) entry.remove_prefix(1);
    if (entry.starts_with('.')) entry.remove_prefix(1);
    if (entry.empty()) return false;
    return boost::iequals(endpoint.host, entry) ||
           boost::iends_with(endpoint.host, fmt::format(".{}", entry));
}

bool exempted(std::string_view list, const Endpoint& endpoint) {
    while (!list.empty()) {
        const auto comma = list.find(',');
        const auto entry = boost::trim_copy(std::string(list.substr(0, comma)));
        if (!entry.empty() && exempts(entry, endpoint)) return true;
        if (comma == std::string_view::npos) break;
        list.remove_prefix(comma + 1);
    }
    return false;
}

// Boost.URL 1.81 lets a port run over (99999 is 34463) and text follow an empty one (`host:x`).
std::optional<std::uint16_t> port_of(const urls::url_view& url, std::uint16_t usual) {
    const std::string_view path = url.encoded_path();
    if (!path.empty() && path.front() != '/') return std::nullopt;
    const std::string_view text = url.port();
    if (text.empty()) return usual;
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
    return port;
}

std::string encoded(const std::string& text) {
    return urls::encode(text, urls::unreserved_chars);
}

Error refused(std::string detail) {
    return {Errc::invalid_argument, std::move(detail)};
}

}  // namespace

Result<Endpoint> parse_endpoint(std::string_view url) {
    const auto parsed = urls::parse_uri(url);
    if (!parsed || !parsed->has_authority() || parsed->host().empty())
        return refused("not a URL of the form https://host[:port]");
    if (parsed->has_userinfo() || parsed->has_query() || parsed->has_fragment())
        return refused("user, query and fragment have no place here");
    Endpoint endpoint;
    if (parsed->scheme_id() == urls::scheme::http)
        endpoint.tls = false;
    else if (parsed->scheme_id() != urls::scheme::https)
        return refused("the scheme must be https");
    endpoint.host = host_of(*parsed);
    if (!endpoint.tls && !is_loopback(endpoint.host))
        return refused("plain http is allowed to this machine's loopback only");
    const auto port = port_of(*parsed, endpoint.tls ? 443 : 80);
    if (!port) return refused("the port must be 1 to 65535");
    endpoint.port = *port;
    endpoint.path = std::string(parsed->encoded_path());
    while (endpoint.path.ends_with('/')) endpoint.path.pop_back();
    return endpoint;
}

std::string authority(const Endpoint& endpoint) {
    return fmt::format("{}:{}", bracketed(endpoint.host), endpoint.port);
}

std::string host_header(const Endpoint& endpoint) {
    const bool usual = endpoint.port == (endpoint.tls ? 443 : 80);
    return usual ? bracketed(endpoint.host) : authority(endpoint);
}

std::string target_of(const Endpoint& endpoint, std::string_view path, const Query& query) {
    auto target = fmt::format("{}{}", endpoint.path, path);
    char separator = '?';
    for (const auto& [key, value] : query) {
        target += fmt::format("{}{}={}", separator, encoded(key), encoded(value));
        separator = '&';
    }
    return target;
}

Result<std::optional<Proxy>> proxy_for(const Endpoint& endpoint, std::string_view https_proxy,
                                       std::string_view no_proxy) {
    if (https_proxy.empty() || !endpoint.tls || exempted(no_proxy, endpoint))
        return std::optional<Proxy>{};
    std::string url(https_proxy);
    if (url.find("://") == std::string::npos) url = "http://" + url;
    const auto parsed = urls::parse_uri(url);
    if (!parsed || !parsed->has_authority() || parsed->host().empty())
        return refused("HTTPS_PROXY is not a URL of the form http://[user:password@]host[:port]");
    if (parsed->scheme_id() != urls::scheme::http)
        return refused("HTTPS_PROXY: only http:// proxies are supported");
    Proxy proxy;
    proxy.host = host_of(*parsed);
    const auto port = port_of(*parsed, 80);
    if (!port) return refused("HTTPS_PROXY: the port must be 1 to 65535");
    proxy.port = *port;
    if (parsed->has_userinfo())
        proxy.authorization = "Basic " + base64(parsed->user() + ":" + parsed->password());
    return std::optional<Proxy>{std::move(proxy)};
}

}  // namespace oracode::seam
