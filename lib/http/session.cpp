#include "http/session.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include <boost/asio/post.hpp>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "http/problem.hpp"

namespace oracode::http {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t head_read = 4UL * 1024;
constexpr std::size_t body_read = 16UL * 1024;
constexpr std::size_t idle_buffer = 1024;

bool sane_request_id(std::string_view id) {
    return !id.empty() && id.size() <= 128 &&
           std::ranges::all_of(id, [](char c) { return c > 0x20 && c < 0x7f; });
}

int undelayed(int descriptor, int family) {
    const int on = 1;
    if (family != AF_UNIX) ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return descriptor;
}

}  // namespace

Session::Session(std::shared_ptr<Shard> shard, Accepted accepted, tls::Connection tls)
    : shard_(std::move(shard)),
      peer_(std::move(accepted.peer)),
      slot_(std::move(accepted.slot)),
      transport_(shard_->context(), accepted.family,
                 undelayed(accepted.descriptor.number(), accepted.family), std::move(tls)),
      reader_(shard_->limits(), &shard_->bodies()) {
    static_cast<void>(accepted.descriptor.take());
}

Session::~Session() {
    reader_.reset();
    shard_->body_released();
}

void Session::start() {
    draining_ = shard_->draining();
    shard_->add(*this);
    slot_.offer([shard = shard_, weak = weak_from_this()] {
        boost::asio::post(shard->context(), [weak] {
            if (const auto self = weak.lock()) self->evict();
        });
    });
    phase_ = transport_.encrypted() ? Phase::handshake : Phase::reading;
    drive();
}

void Session::drive() {
    if (driving_) return;
    driving_ = true;
    transport_.begin_turn();
    for (bool again = true; again;) {
        try {
            again = step();
        } catch (const std::bad_alloc&) {
            again = answer_that_memory_is_short();
        }
    }
    driving_ = false;
}

// A client that was promised an answer gets one, if there is memory for that at least.
bool Session::answer_that_memory_is_short() {
    try {
        if (phase_ == Phase::reading || phase_ == Phase::handling) {
            refuse({503, "out_of_memory"});
            return true;
        }
    } catch (const std::bad_alloc&) {
        // Then the connection goes, which frees some.
    }
    close();
    return false;
}

bool Session::let_others_run() {
    boost::asio::post(shard_->context(), [self = shared_from_this()] { self->drive(); });
    return false;
}

// A newcomer has this connection's place.
void Session::evict() {
    if (!authentic_) close();
}

// One act of the current phase. False: there is nothing to do until an event or a reply.
bool Session::step() {
    switch (phase_) {
        case Phase::handshake:
            return shake_hands();
        case Phase::reading:
            return untaken_ ? take_input() : read_more();
        case Phase::handling:
            return watch_ && watch_for_disconnect();
        case Phase::writing:
            return write_out();
        case Phase::streaming:
            return go_on_streaming();
        case Phase::finishing:
            return finish();
        case Phase::lingering:
            return linger();
        case Phase::closed:
            return false;
    }
    return false;
}

bool Session::shake_hands() {
    arm(Wait::handshake, shard_->limits().handshake);
    shorten_deadline_for_drain();
    const auto outcome = transport_.handshake();
    switch (outcome.state) {
        case Transport::State::done:
            phase_ = Phase::reading;
            return true;
        case Transport::State::want_read:
        case Transport::State::want_write:
        case Transport::State::yield:
            return wait_for(outcome.state);
        case Transport::State::eof:
            close();
            return false;
        case Transport::State::failed:
            break;
    }
    shard_->observer().handshake_failed(transport_.failure() != nullptr ? transport_.failure()
                                                                        : "connection lost");
    begin_finish(Ending::lingering);  // OpenSSL has sent its alert: let it arrive
    return true;
}

bool Session::read_more() {
    arm_for_input();
    const auto space =
        input_.prepare(reader_.stage() == RequestReader::Stage::head ? head_read : body_read);
    const auto outcome = transport_.read(static_cast<char*>(space.data()), space.size());
    switch (outcome.state) {
        case Transport::State::done:
            input_.commit(outcome.bytes);
            untaken_ = true;
            return true;
        case Transport::State::want_read:
            return wait_for_request();
        case Transport::State::want_write:
        case Transport::State::yield:
            return wait_for(outcome.state);
        case Transport::State::eof:
            // A request cut off in the middle has no one to answer; a client that is done deserves
            // a proper end.
            if (more_may_come())
                close();
            else
                begin_finish(Ending::at_once);
            return phase_ != Phase::closed;
        case Transport::State::failed:
            if (transport_.overtaxed()) shard_->observer().connection_cut("key_updates");
            close();
            return false;
    }
    return false;
}

// Part of a request is here, so that its rest may be expected.
bool Session::more_may_come() const {
    return input_.size() > 0 || reader_.stage() != RequestReader::Stage::head;
}

// Before each read, not only before a wait: a client that never lets the socket run dry is under
// the same deadline.
void Session::arm_for_input() {
    const auto& limits = shard_->limits();
    if (reader_.stage() != RequestReader::Stage::head)
        arm(Wait::body, limits.body);
    else if (input_.size() > 0)
        arm(Wait::head, limits.header);
    else if (first_request_)
        arm(Wait::first_head, limits.header);
    else
        arm(Wait::next_head, limits.idle);
}

bool Session::wait_for_request() {
    if (!more_may_come()) {
        if (first_request_) {
            shorten_deadline_for_drain();
        } else if (draining_) {
            begin_finish(Ending::at_once);
            return true;
        }
    }
    shed_buffers();
    return wait_readable();
}

// Thousands of connections wait at once: only what has arrived is worth memory.
void Session::shed_buffers() {
    if (input_.size() == 0) input_.shrink_to_fit();
    if (out_.capacity() > idle_buffer) std::string{}.swap(out_);
}

std::string_view Session::unparsed() const {
    const auto bytes = input_.cdata();
    return {static_cast<const char*>(bytes.data()), bytes.size()};
}

bool Session::take_input() {
    untaken_ = false;
    input_.consume(reader_.take(unparsed()));
    if (reader_.refusal()) {
        refuse(*reader_.refusal());
        return true;
    }
    if (reader_.stage() == RequestReader::Stage::complete) return handle();
    if (reader_.continue_wanted()) {
        out_ = "HTTP/1.1 100 Continue\r\n\r\n";
        answering_ = false;
        phase_ = Phase::writing;
        return true;
    }
    return true;
}

void Session::name_request() {
    const auto sent = reader_.request().header("X-Request-Id");
    if (sent && sane_request_id(*sent))
        request_id_.assign(*sent);
    else
        shard_->next_request_id(request_id_);
}

bool Session::handle() {
    phase_ = Phase::handling;
    deadline_ = Moment::max();  // a handler bounds its own time
    armed_ = Wait::nothing;
    name_request();
    route_ = {};
    handled_at_ = steady_clock::now();
    auto& request = reader_.request();
    if (peer_.trusted_proxy && !acquire_client_slot()) return true;
    const auto& peer = client_ ? *client_ : peer_;
    request.peer = peer.address;
    request.local = peer_.local && peer.local;
    request.request_id = request_id_;
    request.authentic = &authentic_;
    unsigned failed = 500;
    in_handler_ = true;
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
    in_handler_ = false;
    request.authentic = nullptr;
    if (authentic_) slot_.secure();
    if (std::exchange(abandoned_, false)) answer_failure(failed, true);
    return phase_ != Phase::handling || watch_;
}

// False: the client has too many requests under way, and this one is answered. The connection
// stays, as it is not the client's.
bool Session::acquire_client_slot() {
    client_ = forwarded_client(reader_.request().headers, shard_->trusted_proxies());
    if (!client_ || shard_->trusted_proxies()(*client_)) return true;
    if (auto place = slot_.for_client(*client_)) {
        client_slot_ = std::move(*place);
        return true;
    }
    shard_->observer().request_refused(503, "too_many_of_one_address", {}, client_->address);
    answer_failure(503);
    return false;
}

void Session::expire(Moment) {
    switch (phase_) {
        case Phase::handshake:
            shard_->observer().handshake_failed("timeout");
            break;
        case Phase::reading:
            if (more_may_come())
                refuse({408,
                        reader_.stage() == RequestReader::Stage::head ? "slow_head" : "slow_body"});
            else
                begin_finish(Ending::at_once);
            drive();
            return;
        case Phase::handling:
        case Phase::writing:
        case Phase::streaming:
        case Phase::finishing:
        case Phase::lingering:
        case Phase::closed:
            break;
    }
    close();
}

// A connection whose first request has not begun: it is on its way, or nothing is.
void Session::shorten_deadline_for_drain() {
    if (draining_)
        deadline_ = std::min(
            deadline_, steady_clock::now() + std::min(drain_grace, shard_->limits().drain / 4));
}

void Session::drain() {
    draining_ = true;
    if (phase_ == Phase::handshake) shorten_deadline_for_drain();
    if (phase_ == Phase::handling || phase_ == Phase::streaming) interrupt_for_drain();
    if (phase_ != Phase::reading || more_may_come()) return;
    if (first_request_) shorten_deadline_for_drain();
    // A request may have arrived that has not been looked at yet: the wake-up reads before it gives
    // up.
    transport_.wake();
}

void Session::close() {
    if (phase_ == Phase::closed) return;
    phase_ = Phase::closed;
    deadline_ = Moment::max();
    transport_.close();
    slot_.release();
    client_slot_.release();
    shard_->remove(*this);
    body_.reset();
    if (watch_) std::exchange(watch_, nullptr)(Interruption::client_gone);
}

// Goes on when what the transport said it waits for has happened.
bool Session::wait_for(Transport::State state) {
    if (state == Transport::State::yield) return let_others_run();
    return state == Transport::State::want_read ? wait_readable() : wait_writable();
}

bool Session::wait_readable() {
    transport_.wait_readable([self = shared_from_this()] { self->drive(); });
    return false;
}

bool Session::wait_writable() {
    transport_.wait_writable([self = shared_from_this()] { self->drive(); });
    return false;
}

void Session::arm(Wait wait, Limits::Time allowed) {
    if (armed_ == wait) return;
    armed_ = wait;
    if (std::exchange(parked_, false)) shard_->unpark(*this);
    deadline_ = steady_clock::now() + allowed;
}

}  // namespace oracode::http
