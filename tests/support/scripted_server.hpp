// An HTTP server that answers as the test says, on port 0 of 127.0.0.1 or on a unix socket, plain
// or with TLS. Owned by a test; `handler` runs on the server's thread, everything else belongs to
// the test's until it calls synchronize().
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "support/process.hpp"

namespace oracode::test {

struct Seen {
    std::string method;
    std::string target;
    std::map<std::string, std::string> headers;  // names in lower case
    std::string body;
};

struct Scripted {
    unsigned status = 200;
    std::string body{};
    bool close_unannounced = false;  // end the connection after this answer without having said so
    bool silent = false;             // never answer
    std::map<std::string, std::string> headers{};  // further ones
    bool head_only = false;                        // the body is announced and does not come
};

// A self-signed certificate for localhost and 127.0.0.1 with its key, in files that live as long as
// it.
class Certificate {
public:
    // `names` as OpenSSL writes subjectAltName.
    explicit Certificate(const std::string& names = "DNS:localhost,IP:127.0.0.1");

    [[nodiscard]] std::string certificate() const { return folder_ / "certificate.pem"; }
    [[nodiscard]] std::string key() const { return folder_ / "key.pem"; }

private:
    TemporaryFolder folder_;
};

class ScriptedServer {
public:
    using Handler = std::function<Scripted(const Seen&)>;

    explicit ScriptedServer(Handler handler, const Certificate* certificate = nullptr);
    ScriptedServer(Handler handler, const std::filesystem::path& socket);
    ~ScriptedServer();
    ScriptedServer(const ScriptedServer&) = delete;
    ScriptedServer& operator=(const ScriptedServer&) = delete;

    // Handlers run one at a time, whatever their servers. What one of them has written is seen by
    // the thread that calls this afterwards, and what that thread has written by the handlers that
    // run later: between two processes nothing else tells the threads of each other.
    static void synchronize();

    [[nodiscard]] std::string url() const {
        return url_;
    }                                       // http://127.0.0.1:PORT, https likewise, unix:PATH
    [[nodiscard]] int connections() const;  // accepted so far

private:
    struct State;

    std::shared_ptr<State> state_;
    std::string url_;
    std::thread thread_;
};

}  // namespace oracode::test
