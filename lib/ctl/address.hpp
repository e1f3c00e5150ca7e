// Where a request goes: an http(s) URL or `unix:PATH`, taken apart. Plain values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace oracode::ctl {

enum class Transport : std::uint8_t { plain, tls, unix_socket };

struct Address {
    Transport transport{};
    std::string
        host;  // a name or a bare IP address, IPv6 without brackets; empty for a unix socket
    std::uint16_t port = 0;
    std::string target;  // path and query as they go on the wire; empty where the URL has none
    std::string socket;  // the unix socket's path

    // For the Host header: brackets around IPv6, the port left out where it is the scheme's own.
    [[nodiscard]] std::string authority() const;
    // For messages to people: "https://localhost:8443", "unix:/run/oracoded/api.sock".
    [[nodiscard]] std::string display() const;
    // True if nothing on the way can listen: loopback or a unix socket.
    [[nodiscard]] bool stays_here() const;

    friend bool operator==(const Address&, const Address&) = default;
};

// `http://HOST[:PORT][/PATH][?QUERY]`, the same with `https`, `unix:/PATH` or `unix:///PATH`. Fails
// with Errc::invalid_argument, the detail saying what is wrong; user names, passwords and fragments
// are refused.
[[nodiscard]] Result<Address> parse_address(std::string_view text);

// `text` as one segment of a URL's path or as a query value: everything but unreserved characters
// is escaped.
[[nodiscard]] std::string escape(std::string_view text);

}  // namespace oracode::ctl
