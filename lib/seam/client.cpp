#include "seam/client.hpp"

#include <algorithm>

#include <boost/algorithm/string/replace.hpp>
#include <boost/asio/post.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "client/http_client.hpp"
#include "client/tls.hpp"

namespace oracode::seam {
namespace {

namespace asio = boost::asio;
using client::Failure;

constexpr std::size_t longest_secret = 4096;  // no key or id of Seam's comes near

// Anything else could end the header line and begin another.
bool fits_a_header(std::string_view text) {
    return text.size() <= longest_secret &&
           std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
}

CallError to_call_error(Failure failure, Timestamp sent_at) {
    if (failure.kind == Failure::Kind::queue_full)
        return local_error(Errc::overloaded, "too many calls wait for Seam");
    if (failure.kind == Failure::Kind::waited_too_long)
        return local_error(Errc::overloaded, std::move(failure.detail));
    auto error = local_error(Errc::seam_unreachable, std::move(failure.detail));
    error.sent_at = sent_at;  // a post that is on its way may be carried out
    return error;
}

RawAnswer to_raw(client::Response response) {
    const auto text_of = [&](std::string_view name) {
        return std::string(response.header(name).value_or(""));
    };
    RawAnswer raw;
    raw.status = response.status;
    raw.retry_after = text_of("retry-after");
    raw.seam_request_id = text_of("seam-request-id");
    raw.date = text_of("date");
    raw.content_encoding = text_of("content-encoding");
    raw.body = std::move(response.body);
    return raw;
}

// What a call was sent with.
struct Sent {
    Timestamp at{};
    std::string key;
};

}  // namespace

struct Client::Core : std::enable_shared_from_this<Core> {
    Core(asio::any_io_executor on, ClientOptions with, Clock by, client::Route route)
        : executor(std::move(on)),
          options(std::move(with)),
          clock(std::move(by)),
          http(executor, std::move(route),
               {.timeout = options.timeout,
                .max_body = options.max_answer,
                .connections = options.connections,
                .max_waiting = options.max_waiting,
                .lookup = options.lookup}) {}

    void call(client::Request request, bool only_reads, Done done);
    void post(const std::string& path, const boost::json::object& body, bool only_reads, Done done);
    void prepare(client::Request& request, Sent& sent) const;
    CallResult<Answer> result_of(client::Outcome<client::Response> outcome, const Sent& sent) const;

    asio::any_io_executor executor;
    ClientOptions options;
    Clock clock;
    client::HttpClient http;
};

void Client::Core::call(client::Request request, bool only_reads, Done done) {
    const auto refuse = [&](Errc code, std::string detail) {
        asio::post(executor, [done = std::move(done),
                              error = local_error(code, std::move(detail))] { done(error); });
    };
    if (options.api_key.empty())
        return refuse(Errc::unauthenticated, "no Seam API key is configured");
    if (!options.unusable.empty()) return refuse(Errc::seam_unreachable, options.unusable);
    const auto sent = std::make_shared<Sent>();
    http.send(
        std::move(request),
        {.repeatable = only_reads,
         .before_sending = [this, sent](client::Request& outgoing) { prepare(outgoing, *sent); }},
        [self = shared_from_this(), sent, done = std::move(done)](auto outcome) {
            done(self->result_of(std::move(outcome), *sent));
        });
}

void Client::Core::post(const std::string& path, const boost::json::object& body, bool only_reads,
                        Done done) {
    client::Request request;
    request.method = "POST";
    request.target = target_of(http.server(), path, {});
    request.body = boost::json::serialize(body);
    call(std::move(request), only_reads, std::move(done));
}

void Client::Core::prepare(client::Request& request, Sent& sent) const {
    sent = {clock(), options.api_key};
    request.headers = {{"Accept", "application/json"},
                       {"Accept-Encoding", "identity"},
                       {"Authorization", "Bearer " + sent.key}};
    if (!options.workspace_id.empty())
        request.headers.emplace_back("Seam-Workspace", options.workspace_id);
    if (request.method == "POST") request.headers.emplace_back("Content-Type", "application/json");
}

CallResult<Answer> Client::Core::result_of(client::Outcome<client::Response> outcome,
                                           const Sent& sent) const {
    if (!outcome) return to_call_error(std::move(outcome).error(), sent.at);
    // A server that repeats the key in its complaint must not bring it into the log.
    if (outcome->status >= 300) boost::replace_all(outcome->body, sent.key, "***");
    return classify(to_raw(std::move(*outcome)), sent.at, clock());
}

Client::Client(std::shared_ptr<Core> core) : core_(std::move(core)) {}

Client::~Client() {
    core_->http.abandon();
}

Result<std::unique_ptr<Client>> Client::make(asio::any_io_executor executor, ClientOptions options,
                                             Clock clock) {
    const auto named = [](std::string_view option, const Error& error) {
        return Error{error.code, fmt::format("{}: {}", option, error.detail)};
    };
    const auto bad_character = [](std::string_view option) {
        return Error{
            Errc::invalid_argument,
            fmt::format("{}: only visible ASCII, and at most {} bytes", option, longest_secret)};
    };
    const auto endpoint = parse_endpoint(options.endpoint);
    if (!endpoint) return named("seam.endpoint", endpoint.error());
    if (!fits_a_header(options.api_key)) return bad_character("seam.api_key");
    if (!fits_a_header(options.workspace_id)) return bad_character("seam.workspace_id");
    client::Route route{*endpoint};
    if (options.unusable.empty()) {
        auto proxy = client::proxy_for(*endpoint, options.https_proxy, options.no_proxy);
        if (!proxy) return proxy.error();
        route.proxy = std::move(*proxy);
    }
    if (endpoint->transport == net::Transport::tls) {
        auto tls = client::make_tls_context({.ca_file = options.ca_file});
        if (!tls) return named("seam.ca_file", tls.error());
        route.tls = std::move(*tls);
    }
    auto core = std::make_shared<Core>(std::move(executor), std::move(options), std::move(clock),
                                       std::move(route));
    return std::unique_ptr<Client>(new Client(std::move(core)));
}

void Client::get(const std::string& path, const Query& query, Done done) {
    client::Request request;
    request.target = target_of(core_->http.server(), path, query);
    core_->call(std::move(request), true, std::move(done));
}

void Client::ask(const std::string& path, const boost::json::object& body, Done done) {
    core_->post(path, body, true, std::move(done));
}

void Client::post(const std::string& path, const boost::json::object& body, Done done) {
    core_->post(path, body, false, std::move(done));
}

Result<void> Client::set_api_key(std::string key) {
    if (!fits_a_header(key))
        return Error{Errc::invalid_argument, "seam.api_key: not in the form of a key"};
    core_->options.api_key = std::move(key);
    return {};
}

void Client::shutdown() {
    core_->http.shutdown();
}

}  // namespace oracode::seam
