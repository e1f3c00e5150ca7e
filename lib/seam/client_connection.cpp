// The one file of the client that knows Beast.
#include "seam/client_connection.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <boost/asio/ssl.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>

#include "core/version.hpp"
#include "seam/client_tls.hpp"

namespace oracode::seam {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace ssl = boost::asio::ssl;
using boost::system::error_code;
using std::chrono::steady_clock;

constexpr std::uint32_t longest_header = 64 << 10;
constexpr int most_interim_answers = 5;
// A longer silence is what NATs and load balancers forget a connection for without a word.
constexpr auto longest_idle = std::chrono::seconds{30};
constexpr auto longest_connect = std::chrono::seconds{5};

std::string user_agent() {
    return "oracoded/" + std::string(version());
}

class Connection final : public ClientConnection {
public:
    Connection(const asio::any_io_executor& executor, Route route)
        : route_(std::move(route)), tcp_(executor) {}

    void open(steady_clock::time_point deadline, Opened done) override;
    void exchange(const Request& request, Exchanged done) override;
    void abort() override;
    bool reusable() override;
    std::string activity() const override { return activity_; }

private:
    std::shared_ptr<Connection> self() {
        return std::static_pointer_cast<Connection>(shared_from_this());
    }
    template <class Use>
    void with_stream(Use use) {
        if (tls_)
            use(*tls_);
        else
            use(tcp_);
    }

    void resolved(error_code error, async::Addresses addresses);
    void connect(std::size_t index);
    void connected(std::size_t index, error_code error);
    void ask_proxy();
    void proxy_requested(error_code error, std::size_t);
    void proxy_answered(error_code error, std::size_t);
    void shake_hands();
    void hands_shaken(error_code error);
    void opened();
    void fail_to_open(std::string detail);

    void written(error_code error, std::size_t);
    void read();
    void read_done(error_code error, std::size_t);
    void fail_exchange(std::string detail, bool unanswered);

    Route route_;
    std::string activity_ = "waiting";
    beast::tcp_stream tcp_;
    std::optional<ssl::stream<beast::tcp_stream&>> tls_;
    beast::flat_buffer buffer_;
    steady_clock::time_point deadline_;
    async::Addresses addresses_;
    http::request<http::empty_body> connect_request_;
    std::optional<http::response_parser<http::empty_body>> connect_parser_;
    http::request<http::string_body> request_;
    std::optional<http::response_parser<http::string_body>> parser_;
    int interim_answers_ = 0;
    Opened opened_;
    Exchanged exchanged_;
    bool aborted_ = false;
    bool kept_alive_ = false;
    steady_clock::time_point idle_since_;
};

void Connection::open(steady_clock::time_point deadline, Opened done) {
    deadline_ = deadline;
    opened_ = std::move(done);
    const auto& host = route_.proxy ? route_.proxy->host : route_.endpoint.host;
    const auto port = route_.proxy ? route_.proxy->port : route_.endpoint.port;
    activity_ = "resolving " + host;
    route_.resolver->resolve(host, port, deadline,
                             beast::bind_front_handler(&Connection::resolved, self()));
}

void Connection::resolved(error_code error, async::Addresses addresses) {
    if (aborted_) return;
    if (error) return fail_to_open(fmt::format("{}: {}", activity_, error.message()));
    // Whatever the name says, what is not encrypted stays on this machine.
    if (!route_.endpoint.tls) {
        std::erase_if(addresses, [](const auto& at) { return !at.address().is_loopback(); });
        if (addresses.empty()) return fail_to_open(activity_ + ": not an address of loopback");
    }
    addresses_ = std::move(addresses);
    connect(0);
}

void Connection::connect(std::size_t index) {
    const auto& to = addresses_[index];
    activity_ = fmt::format("connecting to {} port {}", to.address().to_string(), to.port());
    const auto left = static_cast<steady_clock::rep>(addresses_.size() - index);
    if (left > 1) {
        const auto share = (deadline_ - steady_clock::now()) / left;
        tcp_.expires_after(
            std::clamp<steady_clock::duration>(share, steady_clock::duration{1}, longest_connect));
    } else {
        tcp_.expires_never();
    }
    tcp_.async_connect(to, beast::bind_front_handler(&Connection::connected, self(), index));
}

void Connection::connected(std::size_t index, error_code error) {
    if (aborted_) return;
    if (error) {
        tcp_.close();
        if (index + 1 < addresses_.size()) return connect(index + 1);
        return fail_to_open(fmt::format("{}: {}", activity_, error.message()));
    }
    tcp_.expires_never();
    error_code ignored;  // both are for speed and tidiness only
    tcp_.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
    tcp_.socket().set_option(asio::socket_base::keep_alive(true), ignored);
    if (route_.proxy)
        ask_proxy();
    else if (route_.endpoint.tls)
        shake_hands();
    else
        opened();
}

void Connection::ask_proxy() {
    activity_ = "asking the proxy for " + authority(route_.endpoint);
    connect_request_ = {http::verb::connect, authority(route_.endpoint), 11};
    connect_request_.set(http::field::host, authority(route_.endpoint));
    connect_request_.set(http::field::user_agent, user_agent());
    if (!route_.proxy->authorization.empty())
        connect_request_.set(http::field::proxy_authorization, route_.proxy->authorization);
    http::async_write(tcp_, connect_request_,
                      beast::bind_front_handler(&Connection::proxy_requested, self()));
}

void Connection::proxy_requested(error_code error, std::size_t) {
    if (aborted_) return;
    if (error) return fail_to_open(fmt::format("{}: {}", activity_, error.message()));
    connect_parser_.emplace();
    connect_parser_->skip(true);  // an answer to CONNECT has no body
    http::async_read_header(tcp_, buffer_, *connect_parser_,
                            beast::bind_front_handler(&Connection::proxy_answered, self()));
}

void Connection::proxy_answered(error_code error, std::size_t) {
    if (aborted_) return;
    if (error) return fail_to_open(fmt::format("{}: {}", activity_, error.message()));
    const auto status = connect_parser_->get().result_int();
    if (status < 200 || status >= 300)
        return fail_to_open(fmt::format("{}: it answered {}", activity_, status));
    if (buffer_.size() != 0) return fail_to_open(activity_ + ": it said more than it should");
    shake_hands();
}

void Connection::shake_hands() {
    const auto& host = route_.endpoint.host;
    activity_ = "TLS handshake with " + host;
    tls_.emplace(tcp_, *route_.tls);
    if (!expect_name(tls_->native_handle(), host))
        return fail_to_open(activity_ + ": the name cannot be verified");
    tls_->async_handshake(ssl::stream_base::client,
                          beast::bind_front_handler(&Connection::hands_shaken, self()));
}

void Connection::hands_shaken(error_code error) {
    if (aborted_) return;
    if (!error) return opened();
    if (const auto verdict = certificate_refusal(tls_->native_handle()); !verdict.empty())
        return fail_to_open(fmt::format("{}: certificate refused: {}", activity_, verdict));
    fail_to_open(fmt::format("{}: {}", activity_, error.message()));
}

void Connection::opened() {
    activity_ = "idle";
    std::exchange(opened_, nullptr)(std::nullopt);
}

void Connection::fail_to_open(std::string detail) {
    tcp_.close();
    std::exchange(opened_, nullptr)(Failure{std::move(detail), false});
}

void Connection::exchange(const Request& request, Exchanged done) {
    exchanged_ = std::move(done);
    kept_alive_ = false;
    interim_answers_ = 0;
    activity_ = "sending the request";
    request_ = {request.post ? http::verb::post : http::verb::get, request.target, 11};
    request_.set(http::field::host, host_header(route_.endpoint));
    request_.set(http::field::user_agent, user_agent());
    request_.set(http::field::accept, "application/json");
    request_.set(http::field::accept_encoding, "identity");
    request_.set(http::field::authorization, request.authorization);
    if (!request.workspace_id.empty()) request_.set("seam-workspace", request.workspace_id);
    if (request.post) {
        request_.set(http::field::content_type, "application/json");
        request_.body() = request.body;
        request_.prepare_payload();
    }
    with_stream([this](auto& stream) {
        http::async_write(stream, request_,
                          beast::bind_front_handler(&Connection::written, self()));
    });
}

void Connection::written(error_code error, std::size_t) {
    if (aborted_) return;
    if (error) return fail_exchange(fmt::format("{}: {}", activity_, error.message()), true);
    activity_ = "waiting for the answer";
    read();
}

void Connection::read() {
    parser_.emplace();
    parser_->header_limit(longest_header);
    parser_->body_limit(route_.max_answer);
    with_stream([this](auto& stream) {
        http::async_read(stream, buffer_, *parser_,
                         beast::bind_front_handler(&Connection::read_done, self()));
    });
}

void Connection::read_done(error_code error, std::size_t) {
    if (aborted_) return;
    if (error) {
        const bool unanswered = !parser_->got_some() && interim_answers_ == 0;
        if (error == http::error::body_limit)
            return fail_exchange(fmt::format("answer of more than {} bytes", route_.max_answer),
                                 false);
        if (unanswered) return fail_exchange("connection closed without an answer", true);
        return fail_exchange(fmt::format("answer cut off or malformed: {}", error.message()),
                             false);
    }
    auto& message = parser_->get();
    // 100 and 103 come before the answer; 101 was never asked for.
    if (message.result_int() < 200 && message.result_int() != 101) {
        if (++interim_answers_ > most_interim_answers)
            return fail_exchange("no end of interim answers", false);
        return read();
    }
    RawAnswer raw;
    raw.status = message.result_int();
    raw.retry_after = std::string(message[http::field::retry_after]);
    raw.seam_request_id = std::string(message["seam-request-id"]);
    raw.date = std::string(message[http::field::date]);
    raw.content_encoding = std::string(message[http::field::content_encoding]);
    kept_alive_ = message.keep_alive() && buffer_.size() == 0;
    raw.body = std::move(message.body());
    parser_.reset();
    request_ = {};
    activity_ = "idle";
    idle_since_ = steady_clock::now();
    if (!kept_alive_) tcp_.close();
    std::exchange(exchanged_, nullptr)(std::move(raw));
}

void Connection::fail_exchange(std::string detail, bool unanswered) {
    tcp_.close();
    std::exchange(exchanged_, nullptr)(Failure{std::move(detail), unanswered});
}

void Connection::abort() {
    aborted_ = true;
    kept_alive_ = false;
    opened_ = nullptr;
    exchanged_ = nullptr;
    tcp_.close();
}

bool Connection::reusable() {
    if (!kept_alive_ || steady_clock::now() - idle_since_ > longest_idle) return false;
    // Nothing can rightly come while idle: what is readable is the peer's close.
    error_code error;
    char byte = 0;
    tcp_.socket().non_blocking(true, error);
    if (error) return false;
    tcp_.socket().receive(asio::buffer(&byte, 1), asio::socket_base::message_peek, error);
    return error == asio::error::would_block;
}

}  // namespace

std::shared_ptr<ClientConnection> ClientConnection::make(const asio::any_io_executor& executor,
                                                         Route route) {
    return std::make_shared<Connection>(executor, std::move(route));
}

}  // namespace oracode::seam
