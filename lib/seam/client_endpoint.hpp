// Where Seam is and which way leads there: the endpoint's URL and the proxy's. Pure; may be called
// from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.hpp"

namespace oracode::seam {

struct Endpoint {
    bool tls = true;
    std::string host;  // a name, or an address without brackets
    std::uint16_t port = 443;
    std::string path;  // before each call's own path; no slash at its end

    friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

// Takes `https://host[:port][/path]`; `http` only where host is this machine's loopback. Fails with
// Errc::invalid_argument for anything else, user, query and fragment included; the detail does not
// repeat the URL.
[[nodiscard]] Result<Endpoint> parse_endpoint(std::string_view url);

// `host:port` as CONNECT wants it, an IPv6 address in brackets.
[[nodiscard]] std::string authority(const Endpoint& endpoint);
// As the Host header wants it: without the scheme's own port.
[[nodiscard]] std::string host_header(const Endpoint& endpoint);

// A call's parameters in the order given; a list repeats its name.
using Query = std::vector<std::pair<std::string, std::string>>;

// The endpoint's path, `path` and `query` as one request target, percent-encoded.
[[nodiscard]] std::string target_of(const Endpoint& endpoint, std::string_view path,
                                    const Query& query);

struct Proxy {
    std::string host;
    std::uint16_t port = 0;
    std::string authorization;  // of Proxy-Authorization, a secret; empty: none

    friend bool operator==(const Proxy&, const Proxy&) = default;
};

// The proxy for `endpoint` by what HTTPS_PROXY and NO_PROXY hold (empty: unset). Plain HTTP, which
// stays on this machine, never takes one. `http://[user:password@]host[:port]`, the scheme may be
// missing; the port is 80 by default. NO_PROXY is a comma list of names (their subdomains included,
// with or without a leading dot), addresses, either with `:port`, and `*`. Fails with
// Errc::invalid_argument for another kind of proxy; the detail does not repeat the URL.
[[nodiscard]] Result<std::optional<Proxy>> proxy_for(const Endpoint& endpoint,
                                                     std::string_view https_proxy,
                                                     std::string_view no_proxy);

}  // namespace oracode::seam
