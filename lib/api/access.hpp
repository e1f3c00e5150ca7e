// Who may ask what. Owned by the daemon's App; any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "core/sha256.hpp"
#include "core/time.hpp"
#include "http/message.hpp"

namespace oracode::api {

enum class Permission : std::uint8_t { read, write };

// A bearer token as configured.
struct Credential {
    std::string name;
    std::string token;
    Permission permission = Permission::write;
};

// Who sent a request, as far as it shows.
struct Caller {
    std::string name;  // of the token; "local" or "unix" for those who need none
    Permission permission = Permission::read;
    std::optional<Timestamp> signed_in_until{};  // by the cookie of a session
};

class Access {
public:
    // Keeps only the tokens' SHA-256. `now` says which sessions are over.
    Access(const std::vector<Credential>& credentials, Clock now) : now_(std::move(now)) {
        replace(credentials);
    }

    // Other tokens, for requests from now on.
    void replace(const std::vector<Credential>& credentials);

    // A bearer token decides where one is sent, else the cookie of a session of one, which counts
    // only for requests of the daemon's own page. Without either, callers on a unix socket may
    // write, and where no token is configured those on loopback; but nothing that came through a
    // proxy, which makes everybody a local caller, or that a foreign web page has a browser send.
    // Fails with Errc::unauthenticated, the detail being a sentence for the caller that says the
    // remedy; the time it takes does not depend on how much of a token is right.
    [[nodiscard]] Result<Caller> caller(const http::Request& request) const;

    // The cookie's value for a browser that sent a bearer token: it stands for that token until
    // `until`, or until the token is not one of those configured any more. Fails with
    // Errc::unauthenticated without a token in the request.
    [[nodiscard]] Result<std::string> session(const http::Request& request, Timestamp until) const;

    // Figures without a name or a PIN in them are for every direct caller on this machine too.
    [[nodiscard]] bool may_measure(const http::Request& request) const;

private:
    struct Known {
        Digest digest;
        std::string name;
        Permission permission;
    };
    using Tokens = std::vector<Known>;

    [[nodiscard]] static const Known* bearer(const Tokens& tokens, const http::Request& request);
    [[nodiscard]] std::optional<Caller> caller_by_session(const Tokens& tokens,
                                                          const http::Request& request) const;
    [[nodiscard]] static Result<Caller> caller_without_token(const http::Request& request,
                                                             bool token_needed);

    [[nodiscard]] std::shared_ptr<const Tokens> known() const;

    // Not std::atomic<std::shared_ptr>: that of g++ 12 reads without an order to what is written
    // next.
    mutable std::mutex mutex_;
    std::shared_ptr<const Tokens> known_;
    Clock now_;
};

// 401 with the challenge that HTTP asks for, and `detail` for people.
[[nodiscard]] http::Response unauthenticated(const http::Request& request,
                                             std::string_view detail = {});
// 403 for a token that may only read.
[[nodiscard]] http::Response forbidden(const http::Request& request);

}  // namespace oracode::api
