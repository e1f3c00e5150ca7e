// A certificate authority of a test's own, and what it signs. Any thread.
#pragma once

#include <string>

namespace oracode::test {

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
