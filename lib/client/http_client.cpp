#include "client/http_client.hpp"

#include <algorithm>
#include <deque>
#include <exception>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>

namespace oracode::client {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::steady_clock;
using Kind = Failure::Kind;

// A handler that threw is the event loop's to report.
void rethrow(const std::exception_ptr& thrown) {
    if (thrown) std::rethrow_exception(thrown);
}

}  // namespace

struct HttpClient::Core : std::enable_shared_from_this<Core> {
    struct Call {
        explicit Call(const asio::any_io_executor& executor) : timer(executor) {}
        Request request;
        Manner manner;
        Connection::Handling handling;
        Ended ended;
        Duration limit{};  // the time it has for what it is at
        std::optional<Duration> silence;
        steady_clock::time_point deadline;
        asio::steady_timer timer;
    };
    using CallPtr = std::shared_ptr<Call>;
    // A connection and the call it is at.
    struct Lane {
        std::shared_ptr<Connection> connection;
        CallPtr call;
    };

    Core(asio::any_io_executor on, Route along, Options with)
        : executor(std::move(on)),
          route(std::move(along)),
          options(std::move(with)),
          resolver(executor, options.lookup),
          lanes(std::max<std::size_t>(options.connections, 1)) {}

    [[nodiscard]] CallPtr call_of(Request request, Manner manner, Receiver receiver, Ended ended);
    void enqueue(const CallPtr& call);
    void set_timer(const CallPtr& call, Duration limit);
    void start_waiting();
    CallPtr next_in_time();
    asio::awaitable<void> serve(Lane& lane, const CallPtr& call);
    asio::awaitable<void> carry_out(Lane& lane, const CallPtr& call);
    void finish(Lane& lane, Outcome<bool> outcome);
    void time_out(const CallPtr& call);
    void end_later(Ended ended, Failure failure);
    std::vector<CallPtr> stop();

    asio::any_io_executor executor;
    const Route route;
    const Options options;
    net::Resolver resolver;
    std::deque<CallPtr> waiting;
    std::vector<Lane> lanes;  // never grows: coroutines keep references into it
    bool stopped = false;
};

HttpClient::Core::CallPtr HttpClient::Core::call_of(Request request, Manner manner,
                                                    Receiver receiver, Ended ended) {
    auto call = std::make_shared<Call>(executor);
    call->request = std::move(request);
    call->manner = std::move(manner);
    call->handling.receiver = std::move(receiver);
    call->ended = std::move(ended);
    return call;
}

void HttpClient::Core::enqueue(const CallPtr& call) {
    if (stopped) return end_later(std::move(call->ended), {Kind::shut_down, "shutting down"});
    if (waiting.size() >= options.max_waiting)
        return end_later(std::move(call->ended), {Kind::queue_full, "too many calls wait"});
    set_timer(call, options.timeout);
    waiting.push_back(call);
    start_waiting();
}

void HttpClient::Core::set_timer(const CallPtr& call, Duration limit) {
    call->limit = limit;
    call->deadline = steady_clock::now() + limit;
    call->timer.expires_at(call->deadline);
    call->timer.async_wait([self = shared_from_this(), weak = std::weak_ptr(call)](error_code ec) {
        const auto late = weak.lock();
        if (!ec && late && late->deadline <= steady_clock::now()) self->time_out(late);
    });
}

void HttpClient::Core::start_waiting() {
    for (auto& lane : lanes) {
        if (stopped || waiting.empty()) return;
        if (lane.call) continue;
        lane.call = next_in_time();
        if (!lane.call) return;
        // The function lives as long as its coroutine, and what it captured with it.
        asio::co_spawn(
            executor,
            [self = shared_from_this(), &lane, call = lane.call] {
                return self->serve(lane, call);
            },
            rethrow);
    }
}

// A call whose time was used up in the queue would only time out under way, and be counted against
// the server.
HttpClient::Core::CallPtr HttpClient::Core::next_in_time() {
    const auto latest = steady_clock::now() + options.timeout / 20;
    while (!waiting.empty()) {
        auto call = std::move(waiting.front());
        waiting.pop_front();
        if (call->deadline > latest) return call;
        call->timer.cancel();
        end_later(std::move(call->ended),
                  {Kind::waited_too_long, "timed out behind other calls, unsent"});
    }
    return nullptr;
}

asio::awaitable<void> HttpClient::Core::serve(Lane& lane, const CallPtr& call) {
    try {
        co_await carry_out(lane, call);
    } catch (...) {
        // What takes the answer threw. The call is over, and the exception is the event loop's.
        if (lane.call == call) {
            lane.call.reset();
            lane.connection.reset();
            call->timer.cancel();
            start_waiting();
        }
        throw;
    }
}

// Whatever ends the call from outside takes it out of its lane; then nothing more is done here.
asio::awaitable<void> HttpClient::Core::carry_out(Lane& lane, const CallPtr& call) {
    bool reused = call->manner.repeatable && lane.connection && lane.connection->reusable();
    for (;;) {
        if (!reused) {
            if (lane.connection) lane.connection->abort();
            lane.connection = Connection::make(executor, route, resolver);
        }
        const auto connection = lane.connection;
        if (!reused) {
            auto opened = co_await connection->open(call->deadline);
            if (lane.call != call) co_return;
            if (!opened) co_return finish(lane, std::move(opened).error());
        }
        if (call->manner.before_sending) call->manner.before_sending(call->request);
        if (call->silence) set_timer(call, *call->silence);
        auto outcome = co_await connection->exchange(call->request, call->handling);
        if (lane.call != call) co_return;
        // The peer may close a connection it kept alive at any moment (RFC 9112, 9.3.1).
        const bool again =
            reused && outcome.has_error() && outcome.error().kind == Kind::unanswered;
        if (!again) co_return finish(lane, std::move(outcome));
        reused = false;
    }
}

void HttpClient::Core::finish(Lane& lane, Outcome<bool> outcome) {
    if (!outcome) lane.connection.reset();
    const auto call = std::exchange(lane.call, nullptr);
    call->timer.cancel();
    start_waiting();
    call->ended(std::move(outcome));
}

void HttpClient::Core::time_out(const CallPtr& call) {
    const auto queued = std::ranges::find(waiting, call);
    if (queued != waiting.end()) {
        waiting.erase(queued);
        call->ended(Failure{Kind::waited_too_long, "timed out behind other calls, unsent"});
        return;
    }
    const auto lane = std::ranges::find(lanes, call, &Lane::call);
    if (lane == lanes.end()) return;
    const auto connection = lane->connection;
    auto detail = fmt::format("timed out after {} {}", format_duration(call->limit),
                              connection ? connection->activity() : "waiting");
    if (connection) connection->abort();
    finish(*lane, Failure{Kind::timed_out, std::move(detail), asio::error::timed_out, call->limit});
}

void HttpClient::Core::end_later(Ended ended, Failure failure) {
    asio::post(executor, [ended = std::move(ended), failure = std::move(failure)]() mutable {
        ended(std::move(failure));
    });
}

std::vector<HttpClient::Core::CallPtr> HttpClient::Core::stop() {
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

HttpClient::HttpClient(asio::any_io_executor executor, Route route, Options options)
    : core_(std::make_shared<Core>(std::move(executor), std::move(route), std::move(options))) {}

HttpClient::~HttpClient() {
    abandon();
}

void HttpClient::abandon() {
    core_->stop();
}

void HttpClient::send(Request request, Manner manner, Done done) {
    const auto response = std::make_shared<Response>();
    Receiver receiver{[response](const Response& head) {
                          *response = head;
                          return true;
                      },
                      [response](std::string_view piece) {
                          response->body += piece;
                          return true;
                      }};
    auto call = core_->call_of(std::move(request), std::move(manner), std::move(receiver),
                               [response, done = std::move(done)](const Outcome<bool>& outcome) {
                                   if (outcome) return done(std::move(*response));
                                   auto failure = outcome.error();
                                   failure.status = response->status;
                                   done(std::move(failure));
                               });
    call->handling.max_body = core_->options.max_body;
    core_->enqueue(call);
}

void HttpClient::stream(Request request, Duration silence, Receiver receiver, Ended ended) {
    auto call = core_->call_of(std::move(request), {}, std::move(receiver), std::move(ended));
    call->silence = silence;
    call->handling.progress = [core = core_.get(), weak = std::weak_ptr(call), silence] {
        if (const auto running = weak.lock()) core->set_timer(running, silence);
    };
    core_->enqueue(call);
}

void HttpClient::shutdown() {
    for (const auto& call : core_->stop())
        core_->end_later(std::move(call->ended), {Kind::shut_down, "shutting down"});
}

const net::Url& HttpClient::server() const {
    return core_->route.server;
}

}  // namespace oracode::client
