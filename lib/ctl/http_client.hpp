// One HTTP/1.1 peer, spoken to synchronously over TCP, TLS or a unix socket, each exchange under
// one deadline. Owned by a command of oracodectl; one thread at a time.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "client/message.hpp"
#include "client/proxy.hpp"
#include "core/time.hpp"
#include "net/url.hpp"

namespace oracode::ctl {

struct HttpSettings {
    std::string
        ca_file{};  // PEM certificates to trust instead of the system's; empty: the system's
    bool insecure = false;                 // any certificate will do; for trying things out only
    std::optional<client::Proxy> proxy{};  // the way out of this network; nullopt: directly
    Duration timeout =
        std::chrono::seconds{10};  // of a whole exchange: name, connection, handshake, answer
};

using HttpRequest = client::Request;
using HttpAnswer = client::Response;
using HttpReceiver = client::Receiver;

class HttpClient {
public:
    // Opens nothing yet. Throws Failure (no_input) if the CA file cannot be used.
    HttpClient(net::Url address, HttpSettings settings);
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    // Sends `request` and waits for the whole answer, whatever its status. The connection is kept;
    // where the peer has closed a kept one meanwhile, the request goes out once more on a new one,
    // so it should be safe to repeat. Throws Failure: unavailable for an unreachable, silent or
    // untrusted peer, protocol for an answer that is not HTTP.
    [[nodiscard]] HttpAnswer exchange(const HttpRequest& request);

    // Sends `request` and hands the answer over piece by piece, on a connection of its own; waits
    // at most `silence` for the head and for each piece. True when the answer came to its end.
    // Throws Failure as `exchange` does, also for an answer that breaks off.
    bool stream(const HttpRequest& request, Duration silence, const HttpReceiver& receiver);

    [[nodiscard]] const net::Url& address() const { return address_; }

private:
    struct Loop;

    net::Url address_;
    HttpSettings settings_;
    std::unique_ptr<Loop> loop_;
};

}  // namespace oracode::ctl
