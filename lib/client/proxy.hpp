// Which way leads to a server: directly, or through the proxy that the environment names. Any
// thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "net/url.hpp"

namespace oracode::client {

struct Proxy {
    std::string host;
    std::uint16_t port = 0;
    std::string authorization;  // of Proxy-Authorization, a secret; empty: none

    friend bool operator==(const Proxy&, const Proxy&) = default;
};

// Pure. The proxy for `server` by what HTTPS_PROXY and NO_PROXY hold (empty: unset). Plain HTTP and
// unix sockets never take one. `http://[user:password@]host[:port]`, the scheme may be missing; the
// port is 80 by default. NO_PROXY is a comma list of names (their subdomains included, with or
// without a leading dot), addresses, either with `:port`, and `*`. Fails with
// Errc::invalid_argument for another kind of proxy; the detail does not repeat the URL.
[[nodiscard]] Result<std::optional<Proxy>> proxy_for(const net::Url& server,
                                                     std::string_view https_proxy,
                                                     std::string_view no_proxy);

struct ProxyVariables {
    std::string https_proxy;  // blank says nothing and is empty here
    std::string no_proxy;
};

// What the process's environment says: HTTPS_PROXY and NO_PROXY, else their older lower-case names.
// Not while another thread sets variables.
[[nodiscard]] ProxyVariables proxy_variables();

}  // namespace oracode::client
