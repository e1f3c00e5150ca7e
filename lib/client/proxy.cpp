#include "client/proxy.hpp"

#include <algorithm>
#include <cstdlib>

#include <boost/algorithm/string/predicate.hpp>
#include <boost/url/pct_string_view.hpp>
#include <fmt/format.h>

#include "core/base64.hpp"
#include "core/text.hpp"
#include "net/address.hpp"

namespace oracode::client {
namespace {

Error refused(std::string detail) {
    return {Errc::invalid_argument, std::move(detail)};
}

bool exempts(std::string_view entry, const net::Url& server) {
    if (entry == "*") return true;
    const auto parts = net::split_host_and_port(entry);
    if (!parts || (parts->port && *parts->port != std::to_string(server.port))) return false;
    auto name = parts->host;
    if (name.starts_with("*.")) name.remove_prefix(1);
    if (name.starts_with('.')) name.remove_prefix(1);
    if (name.empty()) return false;
    return boost::iequals(server.host, name) ||
           boost::iends_with(server.host, fmt::format(".{}", name));
}

bool exempted(std::string_view list, const net::Url& server) {
    for (const auto part : parts_of(list, ",")) {
        const auto entry = trim(part);
        if (!entry.empty() && exempts(entry, server)) return true;
    }
    return false;
}

std::optional<std::string> decoded(std::string_view text) {
    const auto encoded = boost::urls::make_pct_string_view({text.data(), text.size()});
    if (!encoded) return std::nullopt;
    return encoded->decode();
}

std::string variable(const char* name, const char* other) {
    const char* value = std::getenv(name);             // NOLINT(concurrency-mt-unsafe)
    if (value == nullptr) value = std::getenv(other);  // NOLINT(concurrency-mt-unsafe)
    return value != nullptr ? value : "";
}

}  // namespace

ProxyVariables proxy_variables() {
    return {std::string(trim(variable("HTTPS_PROXY", "https_proxy"))),
            variable("NO_PROXY", "no_proxy")};
}

Result<std::optional<Proxy>> proxy_for(const net::Url& server, std::string_view https_proxy,
                                       std::string_view no_proxy) {
    if (https_proxy.empty() || server.transport != net::Transport::tls ||
        exempted(no_proxy, server))
        return std::optional<Proxy>{};
    std::string url(https_proxy);
    if (url.find("://") == std::string::npos) url = "http://" + url;
    const auto split = net::split_http_url(url);
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

}  // namespace oracode::client
