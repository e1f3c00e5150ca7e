// Certificates and the server's TLS settings. One Credentials is shared by the daemon, which
// reloads it, and the I/O threads, which take a connection from it; any thread.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "core/result.hpp"
#include "core/time.hpp"

struct ssl_st;
struct ssl_ctx_st;

namespace oracode::http::tls {

struct FreeConnection {
    void operator()(ssl_st* connection) const noexcept;
};
struct FreeContext {
    void operator()(ssl_ctx_st* context) const noexcept;
};
using Connection = std::unique_ptr<ssl_st, FreeConnection>;
using Context = std::unique_ptr<ssl_ctx_st, FreeContext>;

// PEM files: the leaf certificate followed by its chain, and the leaf's unencrypted private key.
struct Files {
    std::string certificate;
    std::string private_key;
};

class Credentials {
public:
    // Fails with Errc::invalid_argument and a sentence that names the file: missing, unreadable, no
    // PEM, not a pair. TLS 1.2 and 1.3 with forward-secret AEAD suites over X25519, P-256 and P-384
    // (a hello that asks for ffdhe8192 would cost 136 ms), no renegotiation, no compression,
    // stateless tickets, ALPN http/1.1. Reads files: not on an I/O thread.
    [[nodiscard]] static Result<std::shared_ptr<Credentials>> load(const Files& files);

    // Serves with the pair of `fresh` from now on. Connections that exist keep what they began
    // with.
    void adopt(Credentials&& fresh);

    // A server connection under the current pair. Throws std::bad_alloc when OpenSSL is out of
    // memory.
    [[nodiscard]] Connection connection() const;
    // When the leaf certificate expires.
    [[nodiscard]] Timestamp not_after() const;

private:
    struct Pair {
        Context context;
        Timestamp not_after;
    };
    Credentials() = default;

    mutable std::mutex mutex_;
    Pair pair_;
};

}  // namespace oracode::http::tls
