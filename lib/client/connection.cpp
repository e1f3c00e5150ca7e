// The one file of the client that knows Beast.
#include "client/connection.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>

#include "client/tls.hpp"
#include "core/text.hpp"
#include "net/address.hpp"

namespace oracode::client {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace ssl = boost::asio::ssl;
using asio::awaitable;
using boost::system::error_code;
using std::chrono::steady_clock;
using Stream = beast::basic_stream<asio::generic::stream_protocol>;
using Endpoint = asio::generic::stream_protocol::endpoint;
using Endpoints = std::vector<std::pair<Endpoint, std::string>>;  // each with its name for people
using Parser = http::response_parser<http::buffer_body>;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr std::uint32_t longest_header = 64 << 10;
constexpr int most_interim_answers = 5;
// A longer silence is what NATs and load balancers forget a connection for without a word.
constexpr auto longest_idle = std::chrono::seconds{30};
constexpr auto longest_connect = std::chrono::seconds{5};

http::request<http::string_body> to_wire(const Request& request, const Route& route) {
    http::request<http::string_body> message;
    message.method_string(request.method);
    message.target(request.target.empty() ? "/" : request.target);
    message.version(11);
    message.set(http::field::host, route.server.authority());
    message.set(http::field::user_agent, route.user_agent);
    for (const auto& [name, value] : request.headers) message.insert(name, value);
    message.body() = request.body;
    message.prepare_payload();
    return message;
}

Response head_of(const Parser::value_type& message) {
    Response head;
    head.status = message.result_int();
    for (const auto& field : message) head.headers.emplace_back(field.name_string(), field.value());
    return head;
}

struct Resolved {
    error_code error;
    net::Addresses addresses;
};

awaitable<Resolved> resolve(net::Resolver& resolver, const std::string& host, std::uint16_t port,
                            steady_clock::time_point deadline) {
    auto start = [&](auto handler) {
        auto kept = std::make_shared<decltype(handler)>(std::move(handler));
        resolver.resolve(host, port, deadline, [kept](error_code error, net::Addresses found) {
            std::move (*kept)(error, std::move(found));
        });
    };
    auto [error, addresses] =
        co_await asio::async_initiate<decltype(as_result), void(error_code, net::Addresses)>(
            std::move(start), as_result);
    co_return Resolved{error, std::move(addresses)};
}

// What had come already is nobody's any more.
Failure aborted() {
    return {Failure::Kind::shut_down, "aborted", asio::error::operation_aborted};
}

Failure unreadable(const error_code& error, const Connection::Handling& handling, bool began) {
    if (error == http::error::body_limit)
        return {Failure::Kind::too_large,
                fmt::format("answer of more than {} bytes", handling.max_body.value_or(0)), error};
    if (!began) return {Failure::Kind::unanswered, "connection closed without an answer", error};
    const bool malformed = error.category() == error_code(http::error::bad_version).category() &&
                           error != http::error::partial_message;
    return {malformed ? Failure::Kind::malformed : Failure::Kind::cut_off,
            fmt::format("answer cut off or malformed: {}", error.message()), error};
}

class HttpConnection final : public Connection {
public:
    HttpConnection(const asio::any_io_executor& executor, const Route& route,
                   net::Resolver& resolver)
        : route_(route), resolver_(resolver), stream_(executor) {}

    awaitable<Outcome<void>> open(steady_clock::time_point deadline) override;
    awaitable<Outcome<bool>> exchange(const Request& request, const Handling& handling) override;
    void abort() override;
    bool reusable() override;
    const std::string& activity() const override { return activity_; }

private:
    [[nodiscard]] bool over_tls() const { return route_.server.transport == net::Transport::tls; }
    [[nodiscard]] Failure failed(Failure::Kind kind, const error_code& error) const {
        return {kind, fmt::format("{}: {}", activity_, error.message()), error};
    }
    awaitable<Outcome<Endpoints>> find_endpoints(steady_clock::time_point deadline);
    awaitable<Outcome<void>> connect(const Endpoints& endpoints, steady_clock::time_point deadline);
    awaitable<Outcome<void>> pass_proxy();
    awaitable<Outcome<void>> shake_hands();

    template <class S>
    awaitable<Outcome<bool>> exchange_on(S& stream, const Request& request,
                                         const Handling& handling);
    template <class S>
    awaitable<Outcome<void>> read_head(S& stream, std::optional<Parser>& parser,
                                       const Handling& handling);
    template <class S>
    awaitable<Outcome<bool>> read_body(S& stream, Parser& parser, const Handling& handling);

    const Route& route_;
    net::Resolver& resolver_;
    std::string activity_ = "waiting";
    Stream stream_;
    std::optional<ssl::stream<Stream&>> tls_;
    beast::flat_buffer buffer_;
    bool aborted_ = false;
    bool kept_alive_ = false;
    steady_clock::time_point idle_since_;
};

awaitable<Outcome<void>> HttpConnection::open(steady_clock::time_point deadline) {
    auto endpoints = co_await find_endpoints(deadline);
    if (!endpoints) co_return std::move(endpoints).error();
    auto done = co_await connect(*endpoints, deadline);
    if (done && route_.proxy) done = co_await pass_proxy();
    if (done && over_tls()) done = co_await shake_hands();
    if (done)
        activity_ = "idle";
    else
        stream_.close();
    co_return done;
}

awaitable<Outcome<Endpoints>> HttpConnection::find_endpoints(steady_clock::time_point deadline) {
    if (route_.server.transport == net::Transport::unix_socket)
        co_return Endpoints{{asio::local::stream_protocol::endpoint(route_.server.socket),
                             route_.server.display()}};
    const auto& host = route_.proxy ? route_.proxy->host : route_.server.host;
    const auto port = route_.proxy ? route_.proxy->port : route_.server.port;
    activity_ = "resolving " + host;
    auto [error, addresses] = co_await resolve(resolver_, host, port, deadline);
    if (error) co_return failed(Failure::Kind::unresolved, error);
    if (route_.server.transport == net::Transport::plain && route_.plain_on_loopback_only)
        std::erase_if(addresses, [](const auto& at) { return !at.address().is_loopback(); });
    if (addresses.empty())
        co_return Failure{Failure::Kind::unreachable, activity_ + ": not an address of loopback"};
    Endpoints endpoints;
    for (const auto& at : addresses)
        endpoints.emplace_back(at, net::host_and_port(at.address().to_string(), at.port()));
    co_return endpoints;
}

awaitable<Outcome<void>> HttpConnection::connect(const Endpoints& endpoints,
                                                 steady_clock::time_point deadline) {
    Failure failure;
    auto left = static_cast<steady_clock::rep>(endpoints.size());
    for (const auto& [endpoint, name] : endpoints) {
        activity_ = "connecting to " + name;
        const auto share = (deadline - steady_clock::now()) / left;
        if (left-- > 1)
            stream_.expires_after(std::clamp<steady_clock::duration>(
                share, steady_clock::duration{1}, longest_connect));
        const auto [error] = co_await stream_.async_connect(endpoint, as_result);
        stream_.expires_never();
        if (!error) {
            error_code ignored;  // both are for speed and tidiness only
            stream_.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
            stream_.socket().set_option(asio::socket_base::keep_alive(true), ignored);
            co_return Outcome<void>{};
        }
        failure = failed(Failure::Kind::unreachable, error);
        stream_.close();
        if (aborted_) break;
    }
    co_return failure;
}

awaitable<Outcome<void>> HttpConnection::pass_proxy() {
    const auto behind = net::host_and_port(route_.server.host, route_.server.port);
    activity_ = "asking the proxy for " + behind;
    http::request<http::empty_body> request{http::verb::connect, behind, 11};
    request.set(http::field::host, behind);
    request.set(http::field::user_agent, route_.user_agent);
    if (!route_.proxy->authorization.empty())
        request.set(http::field::proxy_authorization, route_.proxy->authorization);
    const auto [unsent, written] = co_await http::async_write(stream_, request, as_result);
    if (unsent) co_return failed(Failure::Kind::unreachable, unsent);
    http::response_parser<http::empty_body> parser;
    parser.skip(true);  // an answer to CONNECT has no body
    const auto [unread, size] =
        co_await http::async_read_header(stream_, buffer_, parser, as_result);
    if (unread) co_return failed(Failure::Kind::unreachable, unread);
    const auto status = parser.get().result_int();
    if (status < 200 || status >= 300)
        co_return Failure{Failure::Kind::unreachable,
                          fmt::format("{}: it answered {}", activity_, status)};
    if (buffer_.size() != 0)
        co_return Failure{Failure::Kind::unreachable, activity_ + ": it said more than it should"};
    co_return Outcome<void>{};
}

awaitable<Outcome<void>> HttpConnection::shake_hands() {
    activity_ = "TLS handshake with " + route_.server.host;
    tls_.emplace(stream_, *route_.tls);
    if (!expect_name(tls_->native_handle(), route_.server.host))
        co_return Failure{Failure::Kind::untrusted, activity_ + ": the name cannot be verified"};
    const auto [error] = co_await tls_->async_handshake(ssl::stream_base::client, as_result);
    if (!error) co_return Outcome<void>{};
    if (const auto verdict = certificate_refusal(tls_->native_handle()); !verdict.empty())
        co_return Failure{Failure::Kind::untrusted,
                          fmt::format("{}: certificate refused: {}", activity_, verdict), error};
    co_return failed(Failure::Kind::unreachable, error);
}

awaitable<Outcome<bool>> HttpConnection::exchange(const Request& request,
                                                  const Handling& handling) {
    kept_alive_ = false;
    return tls_ ? exchange_on(*tls_, request, handling) : exchange_on(stream_, request, handling);
}

template <class S>
awaitable<Outcome<bool>> HttpConnection::exchange_on(S& stream, const Request& request,
                                                     const Handling& handling) {
    activity_ = "sending the request";
    const auto message = to_wire(request, route_);
    const auto [unsent, written] = co_await http::async_write(stream, message, as_result);
    if (aborted_) co_return aborted();
    if (unsent) {
        stream_.close();
        co_return failed(Failure::Kind::unanswered, unsent);
    }
    if (handling.progress) handling.progress();
    activity_ = "waiting for the answer";
    std::optional<Parser> parser;
    Outcome<bool> complete = false;
    if (auto head = co_await read_head(stream, parser, handling); !head)
        complete = std::move(head).error();
    else if (handling.receiver.begin(head_of(parser->get())))
        complete = co_await read_body(stream, *parser, handling);
    kept_alive_ = complete && *complete && parser->keep_alive() && buffer_.size() == 0;
    activity_ = "idle";
    idle_since_ = steady_clock::now();
    if (!kept_alive_) stream_.close();
    co_return complete;
}

template <class S>
awaitable<Outcome<void>> HttpConnection::read_head(S& stream, std::optional<Parser>& parser,
                                                   const Handling& handling) {
    for (int interim = 0; interim <= most_interim_answers; ++interim) {
        parser.emplace();
        parser->header_limit(longest_header);
        if (handling.max_body)
            parser->body_limit(*handling.max_body);
        else
            parser->body_limit(boost::none);
        const auto [error, size] =
            co_await http::async_read_header(stream, buffer_, *parser, as_result);
        if (aborted_) co_return aborted();
        if (error) co_return unreadable(error, handling, parser->got_some() || interim > 0);
        if (handling.progress) handling.progress();
        // 100 and 103 come before the answer; 101 was never asked for.
        const auto status = parser->get().result_int();
        if (status >= 200 || status == 101) co_return Outcome<void>{};
    }
    co_return Failure{Failure::Kind::malformed, "no end of interim answers"};
}

template <class S>
awaitable<Outcome<bool>> HttpConnection::read_body(S& stream, Parser& parser,
                                                   const Handling& handling) {
    std::array<char, 16UL * 1024> piece{};
    auto& body = parser.get().body();
    while (!parser.is_done()) {
        body.data = piece.data();
        body.size = piece.size();
        const auto [error, size] =
            co_await http::async_read_some(stream, buffer_, parser, as_result);
        if (aborted_) co_return aborted();
        const std::string_view taken{piece.data(), piece.size() - body.size};
        if (!taken.empty()) {
            if (handling.progress) handling.progress();
            if (!handling.receiver.take(taken)) co_return false;
        }
        if (error && error != http::error::need_buffer) co_return unreadable(error, handling, true);
    }
    co_return true;
}

void HttpConnection::abort() {
    aborted_ = true;
    kept_alive_ = false;
    stream_.close();
}

bool HttpConnection::reusable() {
    if (!kept_alive_ || steady_clock::now() - idle_since_ > longest_idle) return false;
    // Nothing can rightly come while idle: what is readable is the peer's close.
    error_code error;
    char byte = 0;
    stream_.socket().non_blocking(true, error);
    if (error) return false;
    stream_.socket().receive(asio::buffer(&byte, 1), asio::socket_base::message_peek, error);
    return error == asio::error::would_block;
}

}  // namespace

std::optional<std::string_view> Response::header(std::string_view name) const {
    for (const auto& [field, value] : headers) {
        if (iequals(field, name)) return value;
    }
    return std::nullopt;
}

std::shared_ptr<Connection> Connection::make(const asio::any_io_executor& executor,
                                             const Route& route, net::Resolver& resolver) {
    return std::make_shared<HttpConnection>(executor, route, resolver);
}

}  // namespace oracode::client
