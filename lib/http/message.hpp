// One HTTP exchange as handlers see it: no sockets, no Beast.
#pragma once

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

// A complete request. Everything is a view into the session, valid until its Reply was sent.
struct Request {
    std::string_view method;
    std::string_view target;  // as sent
    std::string_view path;    // up to '?', still percent-encoded
    std::string_view query;   // after '?'
    std::span<const Header> headers;
    std::string_view body;        // the raw bytes, only freed from chunked coding
    std::string_view peer;        // address without port; "unix" for a unix socket
    std::string_view request_id;  // the sender's X-Request-Id where it is sane, else one of ours
    bool local = false;           // the peer is on loopback or a unix socket

    // The value of the first header of this name (any case), or nullopt.
    [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
};

struct Response {
    unsigned status = 200;
    std::string content_type;  // empty: none is sent
    std::string body;
    std::vector<std::pair<std::string, std::string>>
        headers;         // beside Date, Server, Content-Type/-Length, X-Request-Id
    bool close = false;  // end the connection after this answer
};

// What stands behind a Reply; implemented by the session.
class Exchange {
public:
    virtual void send(Response&& response) = 0;
    [[nodiscard]] virtual boost::asio::io_context& context() = 0;

protected:
    ~Exchange() = default;
};

// The one answer that a request gets. Movable, kept as long as the answer takes. `send` is called
// once, on the thread of `context()`; a Reply destroyed unsent answers 500.
class Reply {
public:
    explicit Reply(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}
    Reply(Reply&&) noexcept = default;
    Reply& operator=(Reply&&) noexcept = default;
    ~Reply();

    void send(Response&& response);
    [[nodiscard]] boost::asio::io_context& context() const { return exchange_->context(); }

private:
    std::shared_ptr<Exchange> exchange_;
};

// Called on an I/O thread; must not block. May be called from several I/O threads at once.
using Handler = std::function<void(const Request&, Reply)>;

}  // namespace oracode::http
