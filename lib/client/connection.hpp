// One HTTP/1.1 connection to a server, perhaps through a proxy: opened once, then used for one
// exchange after the other. Held by a shared_ptr by whatever waits for it; used on the one thread
// that runs its executor.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "client/message.hpp"
#include "client/proxy.hpp"
#include "core/version.hpp"
#include "net/resolve.hpp"
#include "net/url.hpp"

namespace boost::asio::ssl {
class context;
}

namespace oracode::client {

// Where connections lead, and what they use on the way.
struct Route {
    net::Url server;
    std::optional<Proxy> proxy{};
    std::shared_ptr<boost::asio::ssl::context> tls{};  // needed where the server speaks TLS
    bool plain_on_loopback_only = true;                // whatever its name resolves to
    std::string user_agent = "oracoded/" + std::string(version());
};

class Connection {
public:
    // `route` and `resolver` outlive this.
    [[nodiscard]] static std::shared_ptr<Connection> make(
        const boost::asio::any_io_executor& executor, const Route& route, net::Resolver& resolver);
    virtual ~Connection() = default;

    // Resolves, connects, goes through the proxy, shakes hands with the certificate verified for
    // the server's name. Resolving ends by `deadline`, and an address that does not react leaves
    // time for the next; for the whole the caller keeps the time and calls `abort`.
    virtual boost::asio::awaitable<Outcome<void>> open(
        std::chrono::steady_clock::time_point deadline) = 0;

    struct Handling {
        Receiver receiver;
        std::optional<std::uint64_t> max_body{};  // bytes; none: no limit
        std::function<void()> progress{};         // something was sent or has come
    };
    // Sends one request and hands over its answer. Only on an open connection, one at a time. False
    // where the receiver ended it; the connection is closed then, and after every failure.
    virtual boost::asio::awaitable<Outcome<bool>> exchange(const Request& request,
                                                           const Handling& handling) = 0;
    // Closes at once: what is under way ends with a failure.
    virtual void abort() = 0;
    // Open, idle, kept alive by both sides, and not closed by the peer as far as this side knows.
    [[nodiscard]] virtual bool reusable() = 0;
    // What it is at: "resolving connect.getseam.com"; for the detail of a timeout.
    [[nodiscard]] virtual const std::string& activity() const = 0;
};

}  // namespace oracode::client
