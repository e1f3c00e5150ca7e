// Seam as tests need it: an HTTPS server on port 0 that answers by script, misbehaves on demand,
// and keeps what it was asked. Owned by a test; handlers run on the server's thread, everything
// else may be called from the test's.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support/tls_certificate.hpp"

namespace oracode::test {

struct FakeCall {
    std::string method;
    std::string path;
    std::vector<std::pair<std::string, std::string>> query;  // decoded
    std::map<std::string, std::string> headers;              // names in lower case
    std::string body;
    std::string server_name;     // SNI
    std::size_t connection = 0;  // 1 for the first accepted, and so on

    // All values of `key` in the query or in the body's JSON, in order.
    [[nodiscard]] std::vector<std::string> all(const std::string& key) const;
};

inline constexpr auto fake_workspace = "workspace1";

enum class Conduct {
    answer,            // as HTTP has it
    close_after,       // answer, then close without having announced it
    close_midway,      // the head and half of the body, then close
    close_unanswered,  // close at once
    hang,              // say nothing
    raw,               // `body` is all that is sent, then close
};

struct FakeAnswer {
    unsigned status = 200;
    std::string body = R"({"ok":true})";
    std::vector<std::pair<std::string, std::string>> headers = {};
    Conduct conduct = Conduct::answer;
};

// Seam's form of an error.
[[nodiscard]] FakeAnswer fake_error(unsigned status, const std::string& type,
                                    const std::string& message);

class FakeSeam {
public:
    using Handler = std::function<FakeAnswer(const FakeCall&)>;
    struct Options {
        bool tls = true;
        FakeCertificate certificate = FakeCertificate::valid;
    };

    FakeSeam();  // with TLS and a valid certificate
    explicit FakeSeam(Options options);
    ~FakeSeam();
    FakeSeam(const FakeSeam&) = delete;
    FakeSeam& operator=(const FakeSeam&) = delete;

    [[nodiscard]] std::string url() const;  // https://localhost:PORT or http://127.0.0.1:PORT
    [[nodiscard]] std::uint16_t port() const;
    [[nodiscard]] std::string ca_file() const;  // PEM, gone with this object

    // What `path` answers from now on. Where nothing is said the key is of `fake_workspace`, there
    // are neither devices nor unmanaged codes, and all else is 404.
    void always(const std::string& path, FakeAnswer answer);
    void respond(const std::string& path, Handler handler);
    // The next call of `path` alone; several are used in order, before what holds always.
    void once(const std::string& path, FakeAnswer answer);

    [[nodiscard]] std::vector<FakeCall> calls() const;
    [[nodiscard]] std::size_t connections() const;  // accepted so far
    // False where fewer than `count` calls have come within `patience`.
    [[nodiscard]] bool wait_for_calls(std::size_t count,
                                      std::chrono::milliseconds patience = std::chrono::seconds{
                                          10}) const;
    // Closes all connections, as a server does with those idle too long. Done when it returns.
    void close_connections();

    // How the calls so far offended against Seam's published schema.
    [[nodiscard]] std::vector<std::string> violations() const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace oracode::test
