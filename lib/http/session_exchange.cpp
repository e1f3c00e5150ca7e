// What a session hands to its handler, and what comes back.
#include <algorithm>
#include <new>
#include <utility>

#include "http/problem.hpp"
#include "http/session.hpp"

namespace oracode::http {
namespace {

using std::chrono::steady_clock;

// Pipelined requests served before other connections have their turn.
constexpr unsigned most_in_a_row = 32;
// What the kernel keeps for a reader of an endless answer: a stalled one is found out before it has
// cost megabytes.
constexpr int most_unsent = 128 * 1024;

bool sane_request_id(std::string_view id) {
    return !id.empty() && id.size() <= 128 &&
           std::ranges::all_of(id, [](char c) { return c > 0x20 && c < 0x7f; });
}

}  // namespace

bool Session::handle() {
    if (served_++ == most_in_a_row) return let_others_run();
    conversation_.begin_handling();
    name_request();
    route_ = {};
    handled_at_ = steady_clock::now();
    if (!peer_.trusted_proxy || acquire_client_slot()) call_handler();
    return true;
}

void Session::name_request() {
    const auto sent = conversation_.request().header("X-Request-Id");
    if (sent && sane_request_id(*sent))
        request_id_.assign(*sent);
    else
        shard_->next_request_id(request_id_);
}

// False: the client has too many requests under way, and this one is answered. The connection
// stays, as it is not the client's.
bool Session::acquire_client_slot() {
    client_ = forwarded_client(conversation_.request().headers, shard_->trusted_proxies());
    if (!client_ || shard_->trusted_proxies()(*client_)) return true;
    if (auto place = slot_.for_client(*client_)) {
        client_slot_ = std::move(*place);
        return true;
    }
    shard_->observer().request_refused(503, "too_many_of_one_address", {}, client_->address);
    answer_failure(503);
    return false;
}

void Session::call_handler() {
    auto& request = conversation_.request();
    const auto& peer = client_ ? *client_ : peer_;
    request.peer = peer.address;
    request.local = peer_.local && peer.local;
    request.request_id = request_id_;
    request.authentic = &authentic_;
    unsigned failed = 500;
    handler_ = Handler::running;
    try {
        shard_->handler()(request, Reply{shared_from_this()});
    } catch (const std::bad_alloc& failure) {
        failed = 503;
        shard_->observer().handler_failed(failure.what());
    } catch (const std::exception& failure) {
        shard_->observer().handler_failed(failure.what());
    } catch (...) {
        shard_->observer().handler_failed("no std::exception");
    }
    request.authentic = nullptr;
    if (authentic_) slot_.secure();
    if (std::exchange(handler_, Handler::returned) == Handler::abandoned)
        answer_failure(failed, true);
}

// Answers what no handler gets to see, and ends the connection: where the next request would start
// is unknown.
bool Session::refuse() {
    const auto refusal = conversation_.rejection();
    shard_->observer().request_refused(refusal.status, refusal.reason, refusal.header,
                                       client_ ? client_->address : peer_.address);
    name_request();
    answer_failure(refusal.status, true);
    return true;
}

void Session::answer_failure(unsigned status, bool close) {
    auto response = problem(status, request_id_);
    response.close = close;
    if (status == 503) response.headers.emplace_back("Retry-After", "5");
    note_answer(conversation_.answer(std::move(response), head(), unread()));
}

// More of the client may have arrived, which matters to the last answer alone.
bool Session::unread() const {
    return conversation_.draining() && transport_.has_unread();
}

// 0: the connection is gone.
void Session::note_answer(unsigned status) {
    if (status == 0) return;
    client_slot_.release();
    if (conversation_.request_complete())
        shard_->observer().request_answered(route_, conversation_.request().method, status,
                                            steady_clock::now() - handled_at_);
}

void Session::send(Response&& response) {
    if (on_own_thread()) return answer(std::move(response));
    post([response = std::move(response)](Session& self) mutable {
        self.answer(std::move(response));
    });
}

void Session::answer(Response&& response) {
    try {
        note_answer(conversation_.answer(std::move(response), head(), unread()));
    } catch (const std::bad_alloc&) {
        return close();
    }
    drive();
}

// A handler that lets go of its Reply while it runs may be throwing: what it throws decides the
// answer.
void Session::abandon() {
    if (on_own_thread() && handler_ == Handler::running)
        handler_ = Handler::abandoned;
    else
        Exchange::abandon();
}

void Session::stream(Response&& response, std::optional<std::uint64_t> length,
                     std::unique_ptr<Body> body) {
    note_answer(conversation_.stream(std::move(response), std::move(body), head(length), unread()));
    if (conversation_.endless()) transport_.limit_unsent(most_unsent, shard_->limits().write);
    drive();
}

bool Session::pull() {
    try {
        conversation_.pull();
    } catch (const std::exception& failure) {
        shard_->observer().handler_failed(failure.what());
        conversation_.failed();
    }
    return true;
}

void Session::wake() {
    if (!on_own_thread()) return post([](Session& self) { self.wake(); });
    conversation_.wake();
    drive();
}

void Session::watch(Watch notify) {
    if (!conversation_.handling())
        return post([notify = std::move(notify)](Session&) { notify(Interruption::client_gone); });
    conversation_.watch(std::move(notify));
    if (conversation_.draining())
        interrupt_for_drain();
    else if (!driving_)
        let_others_run();
}

}  // namespace oracode::http
