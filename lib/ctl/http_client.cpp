#include "ctl/http_client.hpp"

#include <cerrno>
#include <optional>

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/error.hpp>

#include "client/http_client.hpp"
#include "client/tls.hpp"
#include "core/version.hpp"
#include "ctl/failure.hpp"

namespace oracode::ctl {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Kind = client::Failure::Kind;

constexpr std::uint64_t largest_answer = 64U << 20U;

client::Route route_to(const net::Url& address, const HttpSettings& settings) {
    client::Route route{address};
    route.plain_on_loopback_only = false;
    route.user_agent = "oracodectl/" + std::string(version());
    route.proxy = settings.proxy;
    if (address.transport != net::Transport::tls) return route;
    auto tls = client::make_tls_context(
        {.ca_file = settings.ca_file, .any_certificate = settings.insecure});
    if (!tls) throw Failure(ExitCode::no_input, "cannot read the " + tls.error().detail);
    route.tls = std::move(*tls);
    return route;
}

std::string reason(const client::Failure& failure, const net::Url& address) {
    const auto& error = failure.error;
    if (failure.kind == Kind::timed_out)
        return "no answer within " + format_duration(failure.after);
    if (failure.kind == Kind::unanswered) return "the connection was closed without an answer";
    if (failure.kind == Kind::unresolved)
        return "the name '" + address.host + "' has no address (" + error.message() + ")";
    if (!error) return failure.detail;
    std::string text = error.message();
    if (failure.kind == Kind::cut_off) text = "the answer was cut off";
    if (error == asio::error::connection_refused ||
        error == error_code(ENOENT, boost::system::system_category()))
        text += "; is oracoded running, and does it listen there?";
    if (address.transport == net::Transport::tls &&
        error.category() == asio::error::get_ssl_category())
        text += "; is this the right port, and does it speak TLS?";
    return text;
}

[[noreturn]] void fail(const client::Failure& failure, const net::Url& address) {
    if (failure.kind == Kind::malformed || failure.kind == Kind::too_large)
        throw Failure(ExitCode::protocol,
                      address.display() +
                          " answers, but not with HTTP that can be understood: " + failure.detail);
    if (failure.kind == Kind::untrusted)
        throw Failure(ExitCode::unavailable, "the certificate of " + address.display() +
                                                 " is not trusted: " + failure.detail +
                                                 "; a private CA is given by --ca FILE");
    throw Failure(ExitCode::unavailable,
                  "cannot reach " + address.display() + ": " + reason(failure, address));
}

}  // namespace

// The client, and the loop that is turned while an answer is waited for.
struct HttpClient::Loop {
    Loop(const net::Url& address, const HttpSettings& settings)
        : client(context.get_executor(), route_to(address, settings),
                 {.timeout = settings.timeout, .max_body = largest_answer}) {}

    template <class T>
    client::Outcome<T> wait(std::optional<client::Outcome<T>>& outcome) {
        context.restart();
        while (!outcome) context.run_one();
        return std::move(*outcome);
    }

    asio::io_context context{1};
    client::HttpClient client;
};

HttpClient::HttpClient(net::Url address, HttpSettings settings)
    : address_(std::move(address)),
      settings_(std::move(settings)),
      loop_(std::make_unique<Loop>(address_, settings_)) {}

HttpClient::~HttpClient() = default;

HttpAnswer HttpClient::exchange(const HttpRequest& request) {
    std::optional<client::Outcome<client::Response>> outcome;
    loop_->client.send(request, {.repeatable = true},
                       [&](auto ended) { outcome = std::move(ended); });
    auto answer = loop_->wait(outcome);
    if (!answer) fail(answer.error(), address_);
    return std::move(*answer);
}

bool HttpClient::stream(const HttpRequest& request, Duration silence,
                        const HttpReceiver& receiver) {
    std::optional<client::Outcome<bool>> outcome;
    loop_->client.stream(request, silence, receiver,
                         [&](auto ended) { outcome = std::move(ended); });
    const auto complete = loop_->wait(outcome);
    if (!complete) fail(complete.error(), address_);
    return *complete;
}

}  // namespace oracode::ctl
