// Whose request it is that a proxy passes on. Pure.
#pragma once

#include <functional>
#include <optional>
#include <span>

#include "http/message.hpp"
#include "net/peer.hpp"

namespace oracode::http {

// Whether what this peer says of its clients is to be believed. Empty: none.
using TrustedProxies = std::function<bool(const net::Peer&)>;

// The client of a request that came from a trusted proxy: the last address in X-Forwarded-For that
// is not itself a trusted proxy, as everything before it may be the client's own invention; without
// such a header the same of Forwarded (RFC 7239). nullopt where the headers name no client; an
// entry that is not an address ("unknown", "_hidden") hides all before it.
[[nodiscard]] std::optional<net::Peer> forwarded_client(std::span<const Header> headers,
                                                        const TrustedProxies& trusted);

}  // namespace oracode::http
