#include "ctl/http_client.hpp"

#include <array>
#include <variant>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <openssl/ssl.h>

#include "core/version.hpp"
#include "ctl/failure.hpp"
#include "ctl/resolve.hpp"

namespace oracode::ctl {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;
using Deadline = std::chrono::steady_clock::time_point;
using Endpoint = asio::generic::stream_protocol::endpoint;
using Plain = beast::basic_stream<asio::generic::stream_protocol>;
using Tls = asio::ssl::stream<Plain>;

constexpr std::uint64_t largest_answer = 64U << 20U;

asio::ssl::context make_tls(const HttpSettings& settings) {
    asio::ssl::context tls(asio::ssl::context::tls_client);
    SSL_CTX_set_min_proto_version(tls.native_handle(), TLS1_2_VERSION);
    if (settings.insecure) {
        tls.set_verify_mode(asio::ssl::verify_none);
        return tls;
    }
    tls.set_verify_mode(asio::ssl::verify_peer);
    error_code error;
    if (settings.ca_file.empty()) {
        tls.set_default_verify_paths(error);
    } else {
        tls.load_verify_file(settings.ca_file, error);
    }
    if (error)
        throw Failure(ExitCode::no_input, "cannot read certificates from '" + settings.ca_file +
                                              "': " + error.message());
    // A server's own certificate in the CA file is trusted as it is, without its issuer.
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(tls.native_handle()), X509_V_FLAG_PARTIAL_CHAIN);
    return tls;
}

void expect_host(SSL* ssl, const std::string& host) {
    error_code error;
    asio::ip::make_address(host, error);
    if (!error) {
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str());
        return;
    }
    SSL_set1_host(ssl, host.c_str());
    SSL_set_tlsext_host_name(ssl, host.c_str());
}

bool closed_by_peer(const error_code& error) {
    return error == beast::http::error::end_of_stream || error == asio::error::eof ||
           error == asio::error::connection_reset || error == asio::error::broken_pipe ||
           error == asio::ssl::error::stream_truncated;
}

std::string reason(const error_code& error, const Address& address, Duration timeout) {
    if (error == beast::error::timeout) return "no answer within " + format_duration(timeout);
    std::string text = error.message();
    if (closed_by_peer(error)) text = "the connection was closed without an answer";
    if (error == asio::error::connection_refused || error == asio::error::not_found ||
        error == error_code(ENOENT, boost::system::system_category()))
        text += "; is oracoded running, and does it listen there?";
    if (address.transport == Transport::tls && error.category() == asio::error::get_ssl_category())
        text += "; is this the right port, and does it speak TLS?";
    return text;
}

[[noreturn]] void fail(const error_code& error, const Address& address, Duration timeout) {
    const bool garbled =
        error.category() == error_code(beast::http::error::bad_version).category() &&
        !closed_by_peer(error);
    if (garbled)
        throw Failure(ExitCode::protocol,
                      address.display() +
                          " answers, but not with HTTP that can be understood: " + error.message());
    throw Failure(ExitCode::unavailable,
                  "cannot reach " + address.display() + ": " + reason(error, address, timeout));
}

beast::http::request<beast::http::string_body> to_wire(const HttpRequest& request,
                                                       const Address& address) {
    beast::http::request<beast::http::string_body> message;
    message.method_string(request.method);
    message.target(request.target.empty() ? "/" : request.target);
    message.version(11);
    message.set(beast::http::field::host, address.authority());
    message.set(beast::http::field::user_agent, "oracodectl/" + std::string(oracode::version()));
    for (const auto& [name, value] : request.headers) message.insert(name, value);
    message.body() = request.body;
    message.prepare_payload();
    return message;
}

}  // namespace

std::optional<std::string_view> HttpAnswer::header(std::string_view name) const {
    for (const auto& [field, value] : headers) {
        if (beast::iequals(field, name)) return value;
    }
    return std::nullopt;
}

// A connection and the loop that drives it: every operation is asynchronous so that it can have a
// deadline.
class HttpClient::Connection {
public:
    Connection(const Address& address, const HttpSettings& settings)
        : address_(address), settings_(settings), tls_(make_tls(settings)) {}

    [[nodiscard]] bool open() const { return stream_.index() != 0; }
    void close() {
        stream_.emplace<std::monostate>();
        buffer_.clear();
    }

    void connect(Deadline deadline) {
        error_code error = asio::error::host_not_found;
        for (const auto& endpoint : endpoints(deadline)) {
            Plain socket(context_);
            error = wait(socket, deadline,
                         [&](auto done) { socket.async_connect(endpoint, std::move(done)); });
            if (error) continue;
            if (address_.transport == Transport::tls)
                return shake_hands(std::move(socket), deadline);
            stream_.emplace<Plain>(std::move(socket));
            return;
        }
        fail(error, address_, settings_.timeout);
    }

    // What went wrong, or nothing and `answer` is filled.
    error_code exchange(const HttpRequest& request, HttpAnswer& answer, Deadline deadline) {
        if (auto* plain = std::get_if<Plain>(&stream_))
            return exchange_on(*plain, *plain, request, answer, deadline);
        auto& secure = *std::get<std::unique_ptr<Tls>>(stream_);
        return exchange_on(secure, secure.next_layer(), request, answer, deadline);
    }

    error_code stream(const HttpRequest& request, Duration silence, const HttpReceiver& receiver,
                      bool& complete) {
        if (auto* plain = std::get_if<Plain>(&stream_))
            return stream_on(*plain, *plain, request, silence, receiver, complete);
        auto& secure = *std::get<std::unique_ptr<Tls>>(stream_);
        return stream_on(secure, secure.next_layer(), request, silence, receiver, complete);
    }

private:
    template <class Stream>
    error_code stream_on(Stream& stream, Plain& lowest, const HttpRequest& request,
                         Duration silence, const HttpReceiver& receiver, bool& complete) {
        const auto in_time = [&] { return std::chrono::steady_clock::now() + silence; };
        auto message = to_wire(request, address_);
        auto error = wait(lowest, in_time(), [&](auto done) {
            beast::http::async_write(stream, message, std::move(done));
        });
        if (error) return error;
        beast::http::response_parser<beast::http::buffer_body> parser;
        parser.body_limit(boost::none);
        error = wait(lowest, in_time(), [&](auto done) {
            beast::http::async_read_header(stream, buffer_, parser, std::move(done));
        });
        if (error) return error;
        if (!receiver.begin(head_of(parser.get()))) return {};
        std::array<char, 16UL * 1024> piece{};
        auto& body = parser.get().body();
        while (!parser.is_done()) {
            body.data = piece.data();
            body.size = piece.size();
            error = wait(lowest, in_time(), [&](auto done) {
                beast::http::async_read_some(stream, buffer_, parser, std::move(done));
            });
            if (error == beast::http::error::need_buffer) error = {};
            const std::string_view taken{piece.data(), piece.size() - body.size};
            if (!taken.empty() && !receiver.take(taken)) return {};
            if (error) return error;
        }
        complete = true;
        return {};
    }

    template <class Message>
    static HttpAnswer head_of(const Message& received) {
        HttpAnswer answer;
        answer.status = received.result_int();
        for (const auto& field : received)
            answer.headers.emplace_back(field.name_string(), field.value());
        return answer;
    }

    std::vector<Endpoint> endpoints(Deadline deadline) const {
        if (address_.transport == Transport::unix_socket)
            return {asio::local::stream_protocol::endpoint(address_.socket)};
        const auto found = resolve(address_.host, address_.port, deadline);
        if (!found)
            throw Failure(ExitCode::unavailable,
                          "cannot reach " + address_.display() + ": the name '" + address_.host +
                              "' has no address (" + found.error().detail + ")");
        return std::vector<Endpoint>(found->begin(), found->end());
    }

    void shake_hands(Plain socket, Deadline deadline) {
        auto secure = std::make_unique<Tls>(std::move(socket), tls_);
        expect_host(secure->native_handle(), address_.host);
        const auto error = wait(secure->next_layer(), deadline, [&](auto done) {
            secure->async_handshake(asio::ssl::stream_base::client, std::move(done));
        });
        const long verdict = SSL_get_verify_result(secure->native_handle());
        if (error && verdict != X509_V_OK)
            throw Failure(ExitCode::unavailable,
                          "the certificate of " + address_.display() +
                              " is not trusted: " + X509_verify_cert_error_string(verdict) +
                              "; a private CA is given by --ca FILE");
        if (error) fail(error, address_, settings_.timeout);
        stream_.emplace<std::unique_ptr<Tls>>(std::move(secure));
    }

    template <class Start>
    error_code wait(Plain& lowest, Deadline deadline, Start start) {
        error_code result = asio::error::would_block;
        lowest.expires_at(deadline);
        start([&result](error_code error, auto&&...) { result = error; });
        context_.restart();
        context_.run();
        return result;
    }

    template <class Stream>
    error_code exchange_on(Stream& stream, Plain& lowest, const HttpRequest& request,
                           HttpAnswer& answer, Deadline deadline) {
        auto message = to_wire(request, address_);
        auto error = wait(lowest, deadline, [&](auto done) {
            beast::http::async_write(stream, message, std::move(done));
        });
        if (error) return error;
        beast::http::response_parser<beast::http::string_body> parser;
        parser.body_limit(largest_answer);
        error = wait(lowest, deadline, [&](auto done) {
            beast::http::async_read(stream, buffer_, parser, std::move(done));
        });
        if (error) return error;
        answer = head_of(parser.get());
        answer.body = std::move(parser.get().body());
        if (!parser.keep_alive()) close();
        return {};
    }

    const Address& address_;
    const HttpSettings& settings_;
    asio::io_context context_{1};
    asio::ssl::context tls_;
    beast::flat_buffer buffer_;
    std::variant<std::monostate, Plain, std::unique_ptr<Tls>> stream_;
};

HttpClient::HttpClient(Address address, HttpSettings settings)
    : address_(std::move(address)),
      settings_(std::move(settings)),
      connection_(std::make_unique<Connection>(address_, settings_)) {}

HttpClient::~HttpClient() = default;

HttpAnswer HttpClient::exchange(const HttpRequest& request) {
    const auto deadline = std::chrono::steady_clock::now() + settings_.timeout;
    const bool kept = connection_->open();
    HttpAnswer answer;
    error_code error;
    if (kept) error = connection_->exchange(request, answer, deadline);
    if (!kept || closed_by_peer(error)) {
        connection_->close();
        connection_->connect(deadline);
        error = connection_->exchange(request, answer, deadline);
    }
    if (error) {
        connection_->close();
        fail(error, address_, settings_.timeout);
    }
    return answer;
}

bool HttpClient::stream(const HttpRequest& request, Duration silence,
                        const HttpReceiver& receiver) {
    Connection connection(address_, settings_);
    connection.connect(std::chrono::steady_clock::now() + settings_.timeout);
    bool complete = false;
    const auto error = connection.stream(request, silence, receiver, complete);
    if (error) fail(error, address_, silence);
    return complete;
}

}  // namespace oracode::ctl
