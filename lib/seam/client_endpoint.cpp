#include "seam/client_endpoint.hpp"

#include <algorithm>

#include <boost/algorithm/string/predicate.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/pct_string_view.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <fmt/format.h>

#include "core/base64.hpp"
#include "core/http_url.hpp"
#include "core/text.hpp"

namespace oracode::seam {
namespace {

namespace urls = boost::urls;

std::string bracketed(const std::string& host) {
    return host.find(':') == std::string::npos ? host : "[" + host + "]";
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
        const auto entry = trim(list.substr(0, comma));
        if (!entry.empty() && exempts(entry, endpoint)) return true;
        if (comma == std::string_view::npos) break;
        list.remove_prefix(comma + 1);
    }
    return false;
}

std::string encoded(const std::string& text) {
    return urls::encode(text, urls::unreserved_chars);
}

std::optional<std::string> decoded(std::string_view text) {
    const auto encoded = urls::make_pct_string_view({text.data(), text.size()});
    if (!encoded) return std::nullopt;
    return encoded->decode();
}

Error refused(std::string detail) {
    return {Errc::invalid_argument, std::move(detail)};
}

}  // namespace

Result<Endpoint> parse_endpoint(std::string_view url) {
    const auto split = split_http_url(url);
    if (!split)
        return refused("not a URL of the form https://host[:port]: it " + split.error().detail);
    if (!split->userinfo.empty() || split->target.find_first_of("?#") != std::string_view::npos)
        return refused("user, query and fragment have no place here");
    if (!split->tls && !is_loopback(split->host))
        return refused("plain http is allowed to this machine's loopback only");
    Endpoint endpoint{split->tls, split->host, split->port, std::string(split->target)};
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
    const auto split = split_http_url(url);
    if (!split) {
        return refused(
            "HTTPS_PROXY is not a URL of the form http://[user:password@]host[:port]: it " +
            split.error().detail);
    }
    if (split->tls) return refused("HTTPS_PROXY: only http:// proxies are supported");
    Proxy proxy{split->host, split->port, {}};
    if (!split->userinfo.empty()) {
        const auto colon = std::min(split->userinfo.find(':'), split->userinfo.size());
        const auto user = decoded(split->userinfo.substr(0, colon));
        const auto password =
            decoded(split->userinfo.substr(std::min(colon + 1, split->userinfo.size())));
        if (!user || !password) return refused("HTTPS_PROXY: the user is not percent-encoded");
        proxy.authorization = "Basic " + base64(*user + ":" + *password);
    }
    return std::optional<Proxy>{std::move(proxy)};
}

}  // namespace oracode::seam
