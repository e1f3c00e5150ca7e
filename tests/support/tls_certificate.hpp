// Certificates made when a test runs. Any thread.
#pragma once

#include <chrono>
#include <string>

namespace oracode::test {

struct PemPair {
    std::string certificate;
    std::string private_key;
};

enum class KeyKind { p256, rsa2048 };

// A self-signed pair for localhost, 127.0.0.1 and ::1.
[[nodiscard]] PemPair make_certificate(const std::string& common_name, std::chrono::hours lifetime,
                                       KeyKind kind = KeyKind::p256);
[[nodiscard]] std::string encrypt_key(const std::string& private_key,
                                      const std::string& passphrase);

// What a certificate authority of the test's own signs.
enum class FakeCertificate {
    valid,        // for localhost, 127.0.0.1, ::1 and connect.seam.test
    other_name,   // for elsewhere.test only
    expired,      // yesterday
    self_signed,  // not by the authority
};

struct FakeIdentity {
    std::string authority;    // PEM, for the client to trust
    std::string certificate;  // PEM, for the server to show
    std::string private_key;
};

[[nodiscard]] FakeIdentity make_fake_identity(FakeCertificate kind);

}  // namespace oracode::test
