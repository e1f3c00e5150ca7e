// Where a request goes: an http or https URL or a unix socket, taken apart. By hand, for Boost.URL
// 1.81 takes 127.0.0.1.nip.io for the host 127.0.0.1, the port 65537 for 1, and may read past the
// end of a view. Plain values; nothing here resolves a name.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace oracode::net {

// The parts of an http or https URL, user name and all.
struct SplitUrl {
    bool tls = false;
    std::string_view userinfo;  // before '@', percent-encoded; may be a secret
    std::string host;           // in lower case, an IPv6 address without its brackets
    std::uint16_t port = 0;     // the scheme's own where the URL names none
    std::string_view target;    // path, query and fragment, all as they stand; may be empty
};

// `http[s]://[user@]HOST[:PORT][/PATH][?QUERY][#FRAGMENT]`; the views are into `text`. Fails with
// Errc::invalid_argument; the detail says what is wrong and does not repeat the URL.
[[nodiscard]] Result<SplitUrl> split_http_url(std::string_view text);

enum class Transport : std::uint8_t { plain, tls, unix_socket };

// A URL without user name and fragment.
struct Url {
    Transport transport = Transport::tls;
    std::string host{};  // a name or an IP address, IPv6 without brackets; empty for a unix socket
    std::uint16_t port = 443;
    std::string target{};  // path and query as they go on the wire; may be empty
    std::string socket{};  // the unix socket's path

    // For the Host header: brackets around IPv6, the port left out where it is the scheme's own.
    [[nodiscard]] std::string authority() const;
    // For messages to people, without the target: "https://localhost:8443", "unix:/run/api.sock".
    [[nodiscard]] std::string display() const;
    // Nothing on the way can listen: loopback or a unix socket.
    [[nodiscard]] bool stays_here() const;
    // A secret may be sent there: it is encrypted, or stays on this machine.
    [[nodiscard]] bool is_confidential() const {
        return transport == Transport::tls || stays_here();
    }

    friend bool operator==(const Url&, const Url&) = default;
};

// `http://HOST[:PORT][/PATH][?QUERY]`, the same with `https`, `unix:/PATH` or `unix:///PATH`. Fails
// with Errc::invalid_argument, the detail saying what is wrong; user names, passwords and fragments
// are refused.
[[nodiscard]] Result<Url> parse_url(std::string_view text);

// `http[s]://HOST[:PORT][/PATH]`: a server, and what stands before every path asked for there; the
// target has no slash at its end. Fails with Errc::invalid_argument; the detail does not repeat the
// URL.
[[nodiscard]] Result<Url> parse_server_url(std::string_view text);

// `text` as one segment of a path or as a query's name or value: all but unreserved characters is
// percent-encoded.
[[nodiscard]] std::string percent_encode(std::string_view text);

}  // namespace oracode::net
