// What the cookie of a signed-in browser holds in place of the bearer token: until when, and an
// HMAC of that which only holders of the token's SHA-256 can make. Nothing is stored, so a session
// survives a restart, and it ends with its token. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/sha256.hpp"
#include "core/time.hpp"
#include "http/message.hpp"

namespace oracode::api {

inline constexpr std::string_view session_cookie = "oracoded_session";

// The cookie's value for the token of this digest; `until` in whole seconds.
[[nodiscard]] std::string session_token(const Digest& token, Timestamp until);

// Until when `value` is good, as it says itself; nullopt where it cannot be read or that is over.
[[nodiscard]] std::optional<Timestamp> session_end(std::string_view value, Timestamp now);

// Whether `value` was made of this digest. The time it takes depends on lengths alone.
[[nodiscard]] bool is_session_of(std::string_view value, const Digest& token, Timestamp until);

// The value of the first session cookie of the request; nullopt without one.
[[nodiscard]] std::optional<std::string_view> presented_session(const http::Request& request);

// Whether the page that a browser sent this for is one of the same origin. A request that changes
// something has to show it; of others it is enough that nothing speaks against it.
[[nodiscard]] bool is_from_own_page(const http::Request& request);

}  // namespace oracode::api
