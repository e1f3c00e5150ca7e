#include "support/scripted_server.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cctype>
#include <cstring>
#include <mutex>
#include <stdexcept>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

namespace oracode::test {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using Socket = asio::generic::stream_protocol::socket;
using Acceptor = asio::basic_socket_acceptor<asio::generic::stream_protocol>;
using boost::system::error_code;

std::mutex one_at_a_time;  // the handlers of all servers

Seen seen(const beast::http::request<beast::http::string_body>& request) {
    Seen result{request.method_string(), request.target(), {}, request.body()};
    for (const auto& field : request) {
        std::string name = field.name_string();
        std::ranges::transform(name, name.begin(),
                               [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        result.headers[name] = field.value();
    }
    return result;
}

// One connection: requests one after another until the peer or the script ends it.
template <class Stream>
class Exchange : public std::enable_shared_from_this<Exchange<Stream>> {
public:
    Exchange(Stream stream, const ScriptedServer::Handler& handler)
        : stream_(std::move(stream)), handler_(handler) {}

    Stream& stream() { return stream_; }

    void read() {
        request_ = {};
        beast::http::async_read(stream_, buffer_, request_,
                                [self = this->shared_from_this()](error_code error, std::size_t) {
                                    if (!error) self->answer();
                                });
    }

private:
    void answer() {
        const auto scripted = answer_of_script();
        if (scripted.silent) return wait_for_the_end();
        answer_ = {};
        answer_.result(scripted.status);
        answer_.version(11);
        answer_.keep_alive(true);
        answer_.set(beast::http::field::content_type, "application/json");
        for (const auto& [name, value] : scripted.headers) answer_.set(name, value);
        answer_.body() = scripted.body;
        answer_.prepare_payload();
        if (scripted.head_only) {
            answer_.body().clear();
            answer_.content_length(1000);
        }
        beast::http::async_write(
            stream_, answer_,
            [self = this->shared_from_this(), last = scripted.close_unannounced](error_code error,
                                                                                 std::size_t) {
                if (!error && !last) self->read();
            });
    }

    Scripted answer_of_script() {
        const std::lock_guard lock(one_at_a_time);
        return handler_(seen(request_));
    }

    void wait_for_the_end() {
        stream_.async_read_some(asio::buffer(byte_),
                                [self = this->shared_from_this()](error_code, std::size_t) {});
    }

    Stream stream_;
    const ScriptedServer::Handler& handler_;
    beast::flat_buffer buffer_;
    beast::http::request<beast::http::string_body> request_;
    beast::http::response<beast::http::string_body> answer_;
    std::array<char, 1> byte_{};
};

}  // namespace

Certificate::Certificate(const std::string& names) {
    const auto made =
        run({"/usr/bin/openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
             "subjectAltName=" + names, "-keyout", key(), "-out", certificate()});
    if (made.exit_code != 0) throw std::runtime_error("openssl: " + made.output);
}

struct ScriptedServer::State {
    explicit State(Handler scripted) : handler(std::move(scripted)) {}

    void listen(const asio::generic::stream_protocol::endpoint& endpoint) {
        acceptor.open(endpoint.protocol());
        acceptor.bind(endpoint);
        acceptor.listen();
    }

    void accept() {
        acceptor.async_accept([this](error_code error, Socket socket) {
            if (error) return;
            ++connections;
            if (tls) {
                using Tls = asio::ssl::stream<Socket>;
                const auto exchange =
                    std::make_shared<Exchange<Tls>>(Tls(std::move(socket), *tls), handler);
                exchange->stream().async_handshake(asio::ssl::stream_base::server,
                                                   [exchange](error_code failed) {
                                                       if (!failed) exchange->read();
                                                   });
            } else {
                std::make_shared<Exchange<Socket>>(std::move(socket), handler)->read();
            }
            accept();
        });
    }

    Handler handler;
    std::unique_ptr<asio::ssl::context> tls;
    std::atomic<int> connections{0};
    asio::io_context context{1};
    Acceptor acceptor{context};
};

ScriptedServer::ScriptedServer(Handler handler, const Certificate* certificate)
    : state_(std::make_shared<State>(std::move(handler))) {
    if (certificate != nullptr) {
        state_->tls = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
        state_->tls->use_certificate_chain_file(certificate->certificate());
        state_->tls->use_private_key_file(certificate->key(), asio::ssl::context::pem);
    }
    state_->listen(asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    asio::ip::tcp::endpoint bound;
    const auto local = state_->acceptor.local_endpoint();
    bound.resize(local.size());
    std::memcpy(bound.data(), local.data(), local.size());
    url_ = (certificate != nullptr ? "https://127.0.0.1:" : "http://127.0.0.1:") +
           std::to_string(bound.port());
    state_->accept();
    thread_ = std::thread([state = state_] { state->context.run(); });
}

ScriptedServer::ScriptedServer(Handler handler, const std::filesystem::path& socket)
    : state_(std::make_shared<State>(std::move(handler))), url_("unix:" + socket.string()) {
    state_->listen(asio::local::stream_protocol::endpoint(socket.string()));
    state_->accept();
    thread_ = std::thread([state = state_] { state->context.run(); });
}

ScriptedServer::~ScriptedServer() {
    state_->context.stop();
    thread_.join();
}

void ScriptedServer::synchronize() {
    const std::lock_guard lock(one_at_a_time);
}

int ScriptedServer::connections() const {
    return state_->connections;
}

}  // namespace oracode::test
