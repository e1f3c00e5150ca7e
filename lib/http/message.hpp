// One HTTP exchange as handlers see it: no sockets, no Beast.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace oracode::http {

struct Header {
    std::string_view name;
    std::string_view value;
};

// A complete request. Everything is a view into the session, valid until its Reply was sent or
// destroyed.
struct Request {
    std::string_view method;
    std::string_view target;  // as sent; may be absolute-form
    std::string_view
        path;  // up to '?', still percent-encoded; "*" of OPTIONS, else beginning with '/'
    std::string_view query;  // after '?'
    std::span<const Header> headers;
    std::string_view body;        // the raw bytes, only freed from chunked coding
    std::string_view peer;        // address without port; "unix" for a unix socket
    std::string_view request_id;  // the sender's X-Request-Id where it is sane, else one of ours
    bool local = false;           // the peer is on loopback or a unix socket
    bool* authentic = nullptr;    // see mark_authentic

    // Called by the handler that has found the request's signature or token valid, during the
    // handler's call: where connections run out, this one is kept before those that have shown
    // nothing.
    void mark_authentic() const {
        if (authentic != nullptr) *authentic = true;
    }
    // The value of the first header of this name (any case), or nullopt.
    [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
};

struct Response {
    unsigned status = 200;       // 200-599; 204 and 304 go without body
    std::string content_type{};  // empty: none is sent
    std::string body{};          // an error without body or type gets a plain problem document
    // Beside Date, Server, Connection, Content-Type, Content-Length and X-Request-Id, which the
    // session writes. One that would break the framing of the answer (a line break in it) is left
    // out.
    std::vector<std::pair<std::string, std::string>> headers{};
    bool close = false;  // end the connection after this answer
};

// The body of an answer that is made while it is sent. Owned by the session once the answer has
// begun, and destroyed on its thread when the answer is complete or the client is gone.
class Body {
public:
    enum class State {
        more,     // there is something in `out`, and there may be more
        waiting,  // nothing to send before the Waker is used
        end,      // what is in `out` is the last of it
        broken,   // it cannot go on: the connection is cut, so that it is not taken for complete
    };

    virtual ~Body() = default;
    // Appends what is to be sent next to `out`. It is asked again only once that was taken off, so
    // a slow client holds back only its own source; one that takes nothing for Limits::write is cut
    // off. Appending up to 64 KiB at a time keeps it cheap.
    virtual State next(std::string& out) = 0;
    // True for a body without an end of its own: it ends as soon as the daemon is to end.
    [[nodiscard]] virtual bool endless() const { return false; }
};

// What can happen to a connection while its client waits for the answer.
enum class Interruption {
    client_gone,  // the answer will not be read
    draining,     // the daemon ends: answer now
};
using Watch = std::function<void(Interruption)>;

// What stands behind a Reply; implemented by the session.
class Exchange {
public:
    virtual void send(Response&& response) = 0;
    // The Reply was destroyed unsent.
    virtual void abandon() { send({.status = 500, .close = true}); }
    // The request is one for the route of this pattern, which outlives the exchange.
    virtual void matched(std::string_view /*pattern*/) {}
    virtual void stream(Response&& head, std::optional<std::uint64_t> length,
                        std::unique_ptr<Body> body) = 0;
    virtual void wake() = 0;
    virtual void watch(Watch notify) = 0;
    [[nodiscard]] virtual boost::asio::io_context& context() = 0;

protected:
    ~Exchange() = default;
};

// Says that a Body which was `waiting` has something again. Any thread; harmless once the answer is
// complete. Copyable; does not keep the connection.
class Waker {
public:
    Waker() = default;
    explicit Waker(const std::shared_ptr<Exchange>& exchange) : exchange_(exchange) {}

    void wake() const {
        if (const auto exchange = exchange_.lock()) exchange->wake();
    }

private:
    std::weak_ptr<Exchange> exchange_;
};

// The one answer that a request gets. Movable, kept as long as the answer takes. `send` is called
// once, from the handler or later; on the thread of `context()` it goes out at once, from any other
// it is handed over. A Reply destroyed unsent answers 500. Harmless once the client is gone. Must
// not outlive `context()`.
class Reply {
public:
    explicit Reply(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}
    Reply(Reply&&) noexcept = default;
    Reply& operator=(Reply&& other) noexcept;
    ~Reply() { abandon(); }

    void send(Response&& response);
    // For the router, which reports what it found for the sake of metrics.
    void matched(std::string_view pattern) const { exchange_->matched(pattern); }
    // In place of `send`, on the thread of `context()`: status, type and headers of `head`, then
    // what `body` gives, chunked or, where it is known, of this `length` in bytes.
    void stream(Response&& head, std::unique_ptr<Body> body,
                std::optional<std::uint64_t> length = std::nullopt);
    // For the Body that `stream` is going to send.
    [[nodiscard]] Waker waker() const { return Waker{exchange_}; }
    // For an answer that takes long, on the thread of `context()`, where `notify` is called too:
    // never from within this call nor after the answer, and also of what had happened before. A
    // connection that is watched costs nothing while nothing happens.
    void watch(Watch notify) { exchange_->watch(std::move(notify)); }
    [[nodiscard]] boost::asio::io_context& context() const { return exchange_->context(); }

private:
    void abandon() noexcept;

    std::shared_ptr<Exchange> exchange_;
};

// Called on an I/O thread; must not block. May be called from several I/O threads at once.
using Handler = std::function<void(const Request&, Reply)>;

}  // namespace oracode::http
