// An HTTP or HTTPS server: accepts on its sockets and spreads the connections over I/O threads that
// share nothing. Owned by the daemon; built before the io_contexts run, destroyed after stop()
// completed or when they no longer run, and before they are.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/time.hpp"
#include "http/forwarded.hpp"
#include "http/limits.hpp"
#include "http/message.hpp"
#include "http/observer.hpp"
#include "http/tls.hpp"
#include "net/listening_socket.hpp"

namespace oracode::http {

class Listener {
public:
    struct Dependencies {
        // One for each I/O thread, each run by exactly one thread. The first also accepts.
        std::vector<boost::asio::io_context*> contexts;
        std::vector<Handler> handlers;  // handlers[i] serves contexts[i], on its thread
        std::vector<net::ListeningSocket> sockets;
        Limits limits;
        std::shared_ptr<tls::Credentials> credentials;  // null: plain HTTP
        Clock clock;                                    // for Date
        TrustedProxies trusted_proxies{};               // any thread may call it; empty: none
        Observer* observer = nullptr;  // outlives the io_contexts; null: no observer
    };

    // Throws std::invalid_argument when the numbers of contexts and handlers differ or are zero.
    explicit Listener(Dependencies deps);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    // Begins to accept. Until then connections wait in the sockets' backlog. Any thread, once.
    void start();

    // Ends in order, any thread, once: takes what waits in the backlog and closes the sockets; idle
    // connections end; requests whose head has begun to arrive are answered, with `Connection:
    // close`; what is left after Limits::drain is cut. Then calls `drained`, on the first context's
    // thread.
    void stop(std::function<void()> drained);
    // Cuts everything now, any thread. A stop() under way completes.
    void abort();
    // Waits until the first context has done what stop() and abort() left it to do, and lets go of
    // it. While that context runs, from another thread, after stop() has called back.
    void close();

    // Whether connections are being taken: between start() and stop(), unless accepting fails (out
    // of descriptors, mostly). Any thread.
    [[nodiscard]] bool accepting() const;

    // Where it listens, in the order of `sockets`, with real ports.
    [[nodiscard]] const std::vector<std::string>& addresses() const { return addresses_; }
    [[nodiscard]] unsigned short port() const { return port_; }  // of the first socket

private:
    class Core;

    std::shared_ptr<Core> core_;
    std::vector<std::string> addresses_;
    unsigned short port_ = 0;
};

}  // namespace oracode::http
