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

// What stands behind a Reply; implemented by the session.
class Exchange {
public:
    virtual void send(Response&& response) = 0;
    [[nodiscard]] virtual boost::asio::io_context& context() = 0;

protected:
    ~Exchange() = default;
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
    [[nodiscard]] boost::asio::io_context& context() const { return exchange_->context(); }

private:
    void abandon() noexcept;

    std::shared_ptr<Exchange> exchange_;
};

// Called on an I/O thread; must not block. May be called from several I/O threads at once.
using Handler = std::function<void(const Request&, Reply)>;

}  // namespace oracode::http
