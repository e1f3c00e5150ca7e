// What one listener allows its clients. A plain value: set before the listener starts, then only
// read.
#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string_view>

namespace oracode::http {

struct Limits {
    using Time = std::chrono::milliseconds;

    // Each is measured from the start of its phase, not from the last byte: a client that trickles
    // gains nothing.
    Time handshake{10'000};  // TCP accept to the end of the TLS handshake
    Time header{10'000};   // first byte of a request head to its last; also a new connection's wait
                           // for that first byte
    Time body{15'000};     // end of the head to the end of the body
    Time idle{60'000};     // end of an answer to the first byte of the next request
    Time write{30'000};    // one answer; a large one gets another second for each 16 KiB
    Time shutdown{5'000};  // closing: TLS close_notify and waiting for the client to close
    Time drain{10'000};    // Listener::stop until what is left is cut off

    std::size_t max_header = 16UL * 1024;  // bytes of a head, its closing empty line included (431)
    std::size_t max_fields = 64;           // header lines (431)
    std::size_t max_body = 256UL * 1024;   // bytes after chunked coding is taken off (413)

    // Headers of which a request may have one at most (400), because whoever reads them must not
    // have to choose; `reason` is what the Observer is given. Static, at most 64, in lower case.
    struct SingleHeaders {
        std::span<const std::string_view> names{};
        std::string_view reason{};
    };
    SingleHeaders single_headers{};

    // All heads that are half received and all bodies that are being received or handled, together:
    // more is not held, whoever sends it (503). Half of it is kept for the first `body_allowance`
    // bytes of each request, so that what Seam sends gets through while others send much. That is
    // enough for 4096 of them, as many as there are connections.
    std::size_t max_bodies = 128UL * 1024 * 1024;
    std::size_t body_allowance = 16UL * 1024;

    // When all are taken, a newcomer gets the place of the oldest connection that has not shown a
    // valid signature or token yet.
    std::size_t max_connections = 4096;
    // Of one IPv4 address or one IPv6 /64; unix sockets have none. High enough for a reverse proxy
    // or a load generator on one address, and still one address alone cannot take all of
    // max_connections.
    std::size_t max_connections_per_address = 256;
};

}  // namespace oracode::http
