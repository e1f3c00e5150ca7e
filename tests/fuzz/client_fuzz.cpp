// Answers to the outbound client, over a real connection: each call ends once, within its limits,
// and with the same result in one piece and in many.
#include <memory>
#include <string>

#include <boost/asio.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "client/http_client.hpp"
#include "input.hpp"

namespace {

namespace asio = boost::asio;
using asio::local::stream_protocol;
using namespace oracode;
using fuzz::require;

constexpr std::uint64_t max_body = 1000;

// Answers the next connection with `bytes`, in pieces, and closes it.
class Server {
public:
    explicit Server(asio::io_context& context)
        : acceptor_(context, stream_protocol::endpoint(std::string(1, '\0') + name())) {}

    [[nodiscard]] static std::string name() {
        return fmt::format("oracode-client-fuzz-{}", ::getpid());
    }

    void answer(std::string_view bytes, std::size_t step) {
        acceptor_.async_accept(
            [this, bytes, step](boost::system::error_code error, stream_protocol::socket socket) {
                if (error) return;
                socket_ = std::make_unique<stream_protocol::socket>(std::move(socket));
                write(bytes, step);
            });
    }
    void stop() {
        acceptor_.cancel();
        socket_.reset();
    }

private:
    void write(std::string_view bytes, std::size_t step) {
        const auto piece = bytes.substr(0, step);
        asio::async_write(*socket_, asio::buffer(piece),
                          [this, rest = bytes.substr(piece.size()), step](
                              boost::system::error_code error, std::size_t) {
                              if (!socket_) return;  // the call is over
                              if (!error && !rest.empty()) return write(rest, step);
                              // What is unread of the request would make a reset of the close.
                              socket_->shutdown(stream_protocol::socket::shutdown_send, error);
                          });
    }

    stream_protocol::acceptor acceptor_;
    std::unique_ptr<stream_protocol::socket> socket_;
};

struct Result {
    unsigned status = 0;
    std::string body;
    std::optional<client::Failure::Kind> failure;
};

Result call(std::string_view answer, std::size_t step) {
    static asio::io_context context;
    static Server server(context);
    context.restart();
    server.answer(answer, step);
    client::HttpClient http(context.get_executor(),
                            {.server = {.transport = net::Transport::unix_socket,
                                        .socket = std::string(1, '\0') + Server::name()}},
                            {.timeout = std::chrono::seconds{20}, .max_body = max_body});
    Result result;
    unsigned times = 0;
    http.send({.target = "/x"}, {}, [&](client::Outcome<client::Response> outcome) {
        ++times;
        if (!outcome) {
            result.failure = outcome.error().kind;
            require(!fuzz::has_control_characters(outcome.error().detail));
        } else {
            result.status = outcome->status;
            result.body = outcome->body;
        }
        http.shutdown();
        server.stop();
    });
    context.run();
    require(times == 1);
    require(result.body.size() <= max_body);
    require(result.failure || result.status == 101 ||
            (result.status >= 200 && result.status < 1000));
    return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = fuzz::text_of(data, size);
    const auto whole = call(bytes, size == 0 ? 1 : size);
    // A head without an end is malformed in one piece, and cut off in many.
    if (size < 2'000) {
        const auto cut = call(bytes, std::max<std::size_t>(1, size / 20));
        require(cut.failure.has_value() == whole.failure.has_value());
        require(cut.failure || (cut.status == whole.status && cut.body == whole.body));
    }
    return 0;
}
