#include "http/session.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace oracode::http {
namespace {

using std::chrono::steady_clock;

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
      conversation_(shard_->limits(), &shard_->bodies(), transport_.encrypted()) {
    static_cast<void>(accepted.descriptor.take());
}

Session::~Session() {
    conversation_.forget_request();
    shard_->body_released();
}

void Session::start() {
    if (shard_->draining()) conversation_.drain();
    shard_->add(*this);
    slot_.offer([shard = shard_, weak = weak_from_this()] {
        boost::asio::post(shard->context(), [weak] {
            if (const auto self = weak.lock()) self->evict();
        });
    });
    drive();
}

void Session::drive() {
    if (driving_) return;
    driving_ = true;
    served_ = 0;
    transport_.begin_turn();
    for (bool again = true; again;) {
        try {
            again = step();
        } catch (const std::bad_alloc&) {
            // A client that was promised an answer gets one, if there is memory for that at least.
            again = conversation_.out_of_memory();
            if (!again) close();
        }
    }
    driving_ = false;
}

// False: there is nothing to do until an event or a reply.
bool Session::step() {
    using Act = Conversation::Act;
    switch (conversation_.next()) {
        case Act::handshake:
            return follow(transport_.handshake());
        case Act::read: {
            const auto space = conversation_.space();
            return follow(transport_.read(static_cast<char*>(space.data()), space.size()));
        }
        case Act::write:
            return follow(transport_.write(conversation_.output()));
        case Act::finish_sending:
            return follow(transport_.finish_sending());
        case Act::discard:
            return follow(transport_.discard());
        case Act::handle:
            return handle();
        case Act::refuse:
            return refuse();
        case Act::pull:
            return pull();
        case Act::wait:
            arm();
            return false;
        case Act::close:
            close();
            return false;
    }
    return false;
}

bool Session::follow(const Transport::Outcome& outcome) {
    switch (outcome.state) {
        case Transport::State::done:
            if (conversation_.advance(outcome.bytes)) {
                armed_ = Conversation::Wait::none;
                deadline_ = Moment::max();
                shard_->body_released();
            }
            return true;
        case Transport::State::want_read:
            if (!conversation_.dry()) return true;
            return wait_for(outcome.state);
        case Transport::State::want_write:
        case Transport::State::yield:
            return wait_for(outcome.state);
        case Transport::State::eof:
            conversation_.ended();
            return true;
        case Transport::State::failed:
            report_failure();
            conversation_.failed();
            return true;
    }
    return false;
}

void Session::report_failure() {
    if (conversation_.next() == Conversation::Act::handshake)
        shard_->observer().handshake_failed(transport_.failure() != nullptr ? transport_.failure()
                                                                            : "connection lost");
    else if (transport_.overtaxed())
        shard_->observer().connection_cut("key_updates");
}

// Goes on when what the transport said it waits for has happened, or the time is up.
bool Session::wait_for(Transport::State state) {
    arm();
    if (state == Transport::State::yield) return let_others_run();
    auto resume = [self = shared_from_this()] { self->drive(); };
    if (state == Transport::State::want_read)
        transport_.wait_readable(std::move(resume));
    else
        transport_.wait_writable(std::move(resume));
    return false;
}

bool Session::let_others_run() {
    post([](Session& self) { self.drive(); });
    return false;
}

// At the end of a turn, whatever came in it: a client that never lets the socket run dry is under
// the same deadline.
void Session::arm() {
    const auto pause = conversation_.pause();
    if (std::exchange(armed_, pause.wait) == pause.wait) return;
    if (!pause.allowed) {
        deadline_ = Moment::max();
        if (pause.wait == Conversation::Wait::parked && !std::exchange(parked_, true))
            shard_->park(*this);
        return;
    }
    if (std::exchange(parked_, false)) shard_->unpark(*this);
    const auto limit = steady_clock::now() + *pause.allowed;
    deadline_ = pause.wait == Conversation::Wait::drain ? std::min(deadline_, limit) : limit;
}

void Session::expire(Moment) {
    if (conversation_.next() == Conversation::Act::handshake)
        shard_->observer().handshake_failed("timeout");
    conversation_.expire();
    drive();
}

void Session::drain() {
    conversation_.drain();
    if (conversation_.pause().wait == Conversation::Wait::drain) arm();
    // A request may have arrived that has not been looked at yet: the wake-up reads before it gives
    // up.
    if (conversation_.idle())
        transport_.wake();
    else
        interrupt_for_drain();
}

void Session::interrupt_for_drain() {
    post([](Session& self) {
        // A copy: the answer lets go of the original.
        if (const auto notify = self.conversation_.watcher()) notify(Interruption::draining);
        self.drive();
    });
}

// A newcomer has this connection's place.
void Session::evict() {
    if (!authentic_) close();
}

void Session::close() {
    if (!is_linked()) return;
    const auto notify = conversation_.close();
    deadline_ = Moment::max();
    transport_.close();
    slot_.release();
    client_slot_.release();
    shard_->remove(*this);
    if (notify) notify(Interruption::client_gone);
}

}  // namespace oracode::http
