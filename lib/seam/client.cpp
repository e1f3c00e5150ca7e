#include "seam/client.hpp"

#include <algorithm>
#include <deque>

#include <boost/algorithm/string/replace.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "seam/client_connection.hpp"
#include "seam/client_tls.hpp"

namespace oracode::seam {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::steady_clock;

constexpr auto timed_out_waiting = "timed out behind other calls, unsent";
constexpr std::size_t longest_secret = 4096;  // no key or id of Seam's comes near

// Anything else could end the header line and begin another.
bool fits_a_header(std::string_view text) {
    return text.size() <= longest_secret &&
           std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
}

constexpr std::string_view bearer = "Bearer ";

// A server that repeats the key in its complaint must not bring it into the log.
void conceal(std::string& body, const Request& request) {
    boost::replace_all(body, request.authorization.substr(bearer.size()), "***");
}

CallError unsent(Errc code, std::string detail) {
    CallError error;
    error.code = code;
    error.detail = std::move(detail);
    return error;
}

}  // namespace

struct Client::Core : std::enable_shared_from_this<Core> {
    struct Call {
        explicit Call(const asio::any_io_executor& executor) : timer(executor) {}
        Request request;
        Done done;
        steady_clock::time_point deadline;
        asio::steady_timer timer;
        Timestamp sent_at{};
        bool repeated = false;
    };
    using CallPtr = std::shared_ptr<Call>;
    // A connection and the call it is at.
    struct Lane {
        std::shared_ptr<ClientConnection> connection;
        CallPtr call;
    };

    Core(asio::any_io_executor on, ClientOptions with, Clock by, Route along)
        : executor(std::move(on)),
          options(std::move(with)),
          clock(std::move(by)),
          route(std::move(along)),
          resolver(executor, options.lookup),
          lanes(std::max<std::size_t>(options.connections, 1)) {
        route.resolver = &resolver;
    }

    [[nodiscard]] Request posting(const std::string& path, const boost::json::object& body) const;
    void enqueue(Request request, Done done);
    void start_waiting();
    CallPtr next_in_time();
    void begin(Lane& lane);
    void reconnect(Lane& lane);
    void send(Lane& lane, bool reused);
    void fail(Lane& lane, std::string detail);
    void finish(Lane& lane, CallResult<Answer> result);
    void time_out(const CallPtr& call);
    void complete_later(Done done, CallError error);
    std::vector<CallPtr> stop();

    asio::any_io_executor executor;
    ClientOptions options;
    Clock clock;
    Route route;
    async::Resolver resolver;
    std::deque<CallPtr> waiting;
    std::vector<Lane> lanes;  // never grows: lambdas keep pointers into it
    bool stopped = false;
};

Request Client::Core::posting(const std::string& path, const boost::json::object& body) const {
    Request request;
    request.post = true;
    request.target = target_of(route.endpoint, path, {});
    request.body = boost::json::serialize(body);
    return request;
}

void Client::Core::enqueue(Request request, Done done) {
    if (stopped)
        return complete_later(std::move(done), unsent(Errc::seam_unreachable, "shutting down"));
    if (options.api_key.empty())
        return complete_later(std::move(done),
                              unsent(Errc::unauthenticated, "no Seam API key is configured"));
    if (!options.unusable.empty())
        return complete_later(std::move(done), unsent(Errc::seam_unreachable, options.unusable));
    if (waiting.size() >= options.max_waiting)
        return complete_later(std::move(done),
                              unsent(Errc::overloaded, "too many calls wait for Seam"));
    auto call = std::make_shared<Call>(executor);
    call->request = std::move(request);
    call->done = std::move(done);
    call->deadline = steady_clock::now() + options.timeout;
    call->timer.expires_at(call->deadline);
    call->timer.async_wait([self = shared_from_this(), weak = std::weak_ptr(call)](error_code ec) {
        const auto late = weak.lock();
        if (!ec && late) self->time_out(late);
    });
    waiting.push_back(std::move(call));
    start_waiting();
}

void Client::Core::start_waiting() {
    for (auto& lane : lanes) {
        if (stopped || waiting.empty()) return;
        if (lane.call) continue;
        lane.call = next_in_time();
        if (lane.call) begin(lane);
    }
}

// A call whose time was used up in the queue would only time out under way, and be counted against
// Seam.
Client::Core::CallPtr Client::Core::next_in_time() {
    const auto latest = steady_clock::now() + options.timeout / 20;
    while (!waiting.empty()) {
        auto call = std::move(waiting.front());
        waiting.pop_front();
        if (call->deadline > latest) return call;
        call->timer.cancel();
        complete_later(std::move(call->done), unsent(Errc::overloaded, timed_out_waiting));
    }
    return nullptr;
}

void Client::Core::begin(Lane& lane) {
    const auto& request = lane.call->request;
    const bool repeatable = !request.post || request.only_reads;
    const bool reuse = repeatable && lane.connection && lane.connection->reusable();
    if (reuse)
        send(lane, true);
    else
        reconnect(lane);
}

void Client::Core::reconnect(Lane& lane) {
    if (lane.connection) lane.connection->abort();
    lane.connection = ClientConnection::make(executor, route);
    lane.connection->open(lane.call->deadline, [self = shared_from_this(), &lane](auto failure) {
        if (failure)
            self->fail(lane, std::move(failure->detail));
        else
            self->send(lane, false);
    });
}

void Client::Core::send(Lane& lane, bool reused) {
    auto& call = *lane.call;
    call.sent_at = clock();
    call.request.authorization = std::string(bearer) + options.api_key;
    call.request.workspace_id = options.workspace_id;
    lane.connection->exchange(
        call.request, [self = shared_from_this(), &lane, reused](auto outcome) {
            if (outcome) {
                if (outcome->status >= 300) conceal(outcome->body, lane.call->request);
                self->finish(lane, classify(*outcome, lane.call->sent_at, self->clock()));
                return;
            }
            auto failure = outcome.error();
            // The peer may close a connection it kept alive at any moment (RFC 9112, 9.3.1).
            if (failure.unanswered && reused && !lane.call->repeated) {
                lane.call->repeated = true;
                self->reconnect(lane);
                return;
            }
            self->fail(lane, std::move(failure.detail));
        });
}

void Client::Core::fail(Lane& lane, std::string detail) {
    lane.connection.reset();
    auto error = unsent(Errc::seam_unreachable, std::move(detail));
    error.sent_at = lane.call->sent_at;
    finish(lane, std::move(error));
}

void Client::Core::finish(Lane& lane, CallResult<Answer> result) {
    const auto call = std::exchange(lane.call, nullptr);
    call->timer.cancel();
    start_waiting();
    call->done(std::move(result));
}

void Client::Core::time_out(const CallPtr& call) {
    const auto queued = std::ranges::find(waiting, call);
    if (queued != waiting.end()) {
        waiting.erase(queued);
        call->done(unsent(Errc::overloaded, timed_out_waiting));
        return;
    }
    const auto lane = std::ranges::find(lanes, call, &Lane::call);
    if (lane == lanes.end()) return;
    auto detail = fmt::format("timed out after {} {}", format_duration(options.timeout),
                              lane->connection->activity());
    lane->connection->abort();
    fail(*lane, std::move(detail));
}

void Client::Core::complete_later(Done done, CallError error) {
    asio::post(executor, [done = std::move(done), error = std::move(error)] { done(error); });
}

std::vector<Client::Core::CallPtr> Client::Core::stop() {
    stopped = true;
    std::vector<CallPtr> ended;
    for (auto& lane : lanes) {
        if (lane.connection) lane.connection->abort();
        lane.connection.reset();
        if (lane.call) ended.push_back(std::exchange(lane.call, nullptr));
    }
    for (auto& call : waiting) ended.push_back(std::move(call));
    waiting.clear();
    for (auto& call : ended) call->timer.cancel();
    resolver.cancel();
    return ended;
}

Client::Client(std::shared_ptr<Core> core) : core_(std::move(core)) {}

Client::~Client() {
    core_->stop();
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
    const auto proxy = options.unusable.empty()
                           ? proxy_for(*endpoint, options.https_proxy, options.no_proxy)
                           : Result<std::optional<Proxy>>{std::optional<Proxy>{}};
    if (!proxy) return proxy.error();
    Route route;
    route.endpoint = *endpoint;
    route.proxy = *proxy;
    route.max_answer = options.max_answer;
    if (endpoint->tls) {
        auto tls = make_tls_context(options.ca_file);
        if (!tls) return named("seam.ca_file", tls.error());
        route.tls = std::move(*tls);
    }
    auto core = std::make_shared<Core>(std::move(executor), std::move(options), std::move(clock),
                                       std::move(route));
    return std::unique_ptr<Client>(new Client(std::move(core)));
}

void Client::get(const std::string& path, const Query& query, Done done) {
    Request request;
    request.target = target_of(core_->route.endpoint, path, query);
    core_->enqueue(std::move(request), std::move(done));
}

void Client::ask(const std::string& path, const boost::json::object& body, Done done) {
    auto request = core_->posting(path, body);
    request.only_reads = true;
    core_->enqueue(std::move(request), std::move(done));
}

void Client::post(const std::string& path, const boost::json::object& body, Done done) {
    core_->enqueue(core_->posting(path, body), std::move(done));
}

Result<void> Client::set_api_key(std::string key) {
    if (!fits_a_header(key))
        return Error{Errc::invalid_argument, "seam.api_key: not in the form of a key"};
    core_->options.api_key = std::move(key);
    return {};
}

void Client::shutdown() {
    for (const auto& call : core_->stop()) {
        auto error = unsent(Errc::seam_unreachable, "shutting down");
        error.sent_at = call->sent_at;  // a post that is on its way may be carried out
        core_->complete_later(std::move(call->done), std::move(error));
    }
}

}  // namespace oracode::seam
