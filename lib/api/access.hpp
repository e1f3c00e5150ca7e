// Who may ask what. Owned by the daemon's App; any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/digest.hpp"
#include "core/result.hpp"
#include "http/message.hpp"

namespace oracode::api {

enum class Permission : std::uint8_t { read, write };

// A bearer token as configured.
struct Credential {
    std::string name;
    std::string token;
    Permission permission = Permission::write;
};

class Access {
public:
    // Keeps only the tokens' SHA-256.
    explicit Access(const std::vector<Credential>& credentials) { replace(credentials); }

    // Other tokens, for requests from now on.
    void replace(const std::vector<Credential>& credentials);

    // A bearer token decides where one is sent. Without one, callers on loopback or a unix socket
    // may write, unless a foreign web page has their browser call or Host is a name that somebody
    // else can make lead here, and all others are refused.
    // Fails with Errc::unauthenticated; the time it takes does not depend on how much of a token is
    // right.
    [[nodiscard]] Result<Permission> permission(const http::Request& request) const;

private:
    struct Known {
        Digest digest;
        Permission permission;
    };

    std::atomic<std::shared_ptr<const std::vector<Known>>> known_;
};

// 401 with the challenge that HTTP asks for.
[[nodiscard]] http::Response unauthenticated(const http::Request& request);
// 403 for a token that may only read.
[[nodiscard]] http::Response forbidden(const http::Request& request);

}  // namespace oracode::api
