// The one way out: calls one server over HTTP/1.1 with kept-alive connections, for Seam, for
// oracodectl, and for whatever else the daemon has to say to others. Owned by its user; used on the
// one thread that runs its io_context, and destroyed before it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include <boost/asio/any_io_executor.hpp>

#include "client/connection.hpp"
#include "client/message.hpp"
#include "core/time.hpp"
#include "net/resolve.hpp"

namespace oracode::client {

struct Options {
    Duration timeout = std::chrono::seconds{30};       // of a call, its time in the queue included
    std::uint64_t max_body = std::uint64_t{32} << 20;  // bytes of an answer that is not streamed
    std::size_t connections = 1;                       // at most, at the same time
    std::size_t max_waiting = 1000;                    // calls that no connection has taken yet
    net::Lookup lookup = net::system_lookup();
};

class HttpClient {
public:
    // Opens nothing yet.
    HttpClient(boost::asio::any_io_executor executor, Route route, Options options);
    // As `abandon`.
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    struct Manner {
        // May be sent a second time where a connection kept alive turns out closed. All else goes
        // over a new connection, so that no such doubt arises, and never twice.
        bool repeatable = false;
        // Called right before each sending; what it puts into the request is sent.
        std::function<void(Request&)> before_sending{};
    };
    using Done = std::function<void(Outcome<Response>)>;
    using Ended = std::function<void(Outcome<bool>)>;

    // Each calls its callback exactly once on the executor, never from within the call, and not
    // later than `timeout` from now. Calls are sent in the order made; redirects are not followed,
    // and an encoding that was not asked for is not undone. The callback may make further calls,
    // but must not destroy the client.
    void send(Request request, Manner manner, Done done);
    // Hands the answer over piece by piece, without a limit of its size. Once the request is on its
    // way, the time is up where nothing happens for `silence`. Ends with false where the receiver
    // ended it.
    void stream(Request request, Duration silence, Receiver receiver, Ended ended);

    // Ends all calls at once with Failure::Kind::shut_down; later ones end so, too.
    void shutdown();
    // The same, but no callback is called.
    void abandon();

    [[nodiscard]] const net::Url& server() const;

private:
    struct Core;
    std::shared_ptr<Core> core_;
};

}  // namespace oracode::client
