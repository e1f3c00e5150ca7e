// Whom outbound connections trust. Pure but for reading certificate files; any thread.
#pragma once

#include <memory>
#include <string>

#include <openssl/types.h>

#include "core/result.hpp"

namespace boost::asio::ssl {
class context;
}

namespace oracode::client {

struct Trust {
    // PEM; trusted instead of the system's authorities. A server's own certificate in it is trusted
    // without its issuer. Empty: the system's.
    std::string ca_file{};
    bool any_certificate = false;  // for trying things out only
};

// TLS 1.2 and up. Fails with Errc::invalid_argument where the file cannot be used.
[[nodiscard]] Result<std::shared_ptr<boost::asio::ssl::context>> make_tls_context(
    const Trust& trust);

// Makes the handshake succeed only with a certificate for `host`, a name or an address, and says
// the server the name (SNI, which is for names only: RFC 6066). False where OpenSSL takes it for
// neither; then nothing would be verified and no handshake must follow.
[[nodiscard]] bool expect_name(SSL* session, const std::string& host);

// Why a failed handshake's certificate was refused; empty where that was not the reason.
[[nodiscard]] std::string certificate_refusal(SSL* session);

}  // namespace oracode::client
