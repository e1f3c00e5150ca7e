#include "http/session.hpp"

#include <algorithm>

#include <boost/asio/post.hpp>
#include <boost/beast/core/string.hpp>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "http/problem.hpp"
#include "http/response_head.hpp"

namespace oracode::http {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t head_read = 4 * 1024;
constexpr std::size_t body_read = 16 * 1024;
constexpr std::size_t small_answer = 16 * 1024;  // one TLS record
constexpr std::size_t buffer_kept = 64 * 1024;   // capacity kept between requests
constexpr std::size_t discarded_at_most =
    4 * 1024 * 1024;  // of a client that goes on sending after its refusal
constexpr Limits::Time drain_grace{1'000};
constexpr unsigned most_in_a_row =
    32;  // pipelined requests served before other connections have their turn
constexpr std::size_t slowest_reader = 16 * 1024;  // bytes a second

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
      admission_(std::move(accepted.admission)),
      transport_(shard_->context(), accepted.family,
                 undelayed(accepted.descriptor.number(), accepted.family), std::move(tls)),
      reader_(shard_->limits()) {
    static_cast<void>(accepted.descriptor.take());
}

Session::~Session() = default;

void Session::start() {
    draining_ = shard_->draining();
    shard_->add(*this);
    phase_ = transport_.encrypted() ? Phase::handshake : Phase::reading;
    drive();
}

void Session::drive() {
    if (driving_) return;
    driving_ = true;
    while (step()) {
    }
    driving_ = false;
}

// One act of the current phase. False: there is nothing to do until an event or a reply.
bool Session::step() {
    switch (phase_) {
        case Phase::handshake:
            return shake_hands();
        case Phase::reading:
            return untaken_ ? take_input() : read_more();
        case Phase::handling:
            return false;
        case Phase::writing:
            return write_out();
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
    mind_drain();
    switch (transport_.handshake().state) {
        case Transport::State::done:
            phase_ = Phase::reading;
            return true;
        case Transport::State::want_read:
            return wait_readable();
        case Transport::State::want_write:
            return wait_writable();
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
            return wait_writable();
        case Transport::State::eof:
            // A request cut off in the middle has nobody to answer; a client that is done deserves
            // a proper end.
            if (more_may_come())
                close();
            else
                begin_finish(Ending::at_once);
            return phase_ != Phase::closed;
        case Transport::State::failed:
            close();
            return false;
    }
    return false;
}

// Part of a request is here, so that its rest may be expected.
bool Session::more_may_come() const {
    return input_.size() > 0 || reader_.stage() != RequestReader::Stage::head;
}

bool Session::wait_for_request() {
    const auto& limits = shard_->limits();
    if (reader_.stage() != RequestReader::Stage::head) {
        arm(Wait::body, limits.body);
    } else if (input_.size() > 0) {
        arm(Wait::head, limits.header);
    } else if (first_request_) {
        arm(Wait::first_head, limits.header);
        mind_drain();
    } else if (draining_) {
        begin_finish(Ending::at_once);
        return true;
    } else {
        arm(Wait::next_head, limits.idle);
    }
    return wait_readable();
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
    // Mid-request: the end of stream that came along with these bytes must be seen now, not at the
    // deadline.
    if (more_may_come()) transport_.doubt();
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
    auto& request = reader_.request();
    request.peer = peer_.address;
    request.local = peer_.local;
    request.request_id = request_id_;
    try {
        shard_->handler()(request, Reply{shared_from_this()});
    } catch (const std::exception& failure) {
        shard_->observer().handler_failed(failure.what());
    } catch (...) {
        shard_->observer().handler_failed("no std::exception");
    }
    return phase_ != Phase::handling;
}

void Session::send(Response&& response) {
    if (shard_->context().get_executor().running_in_this_thread()) {
        answer(std::move(response));
        drive();
        return;
    }
    boost::asio::post(shard_->context(),
                      [self = shared_from_this(), response = std::move(response)]() mutable {
                          self->answer(std::move(response));
                          self->drive();
                      });
}

void Session::answer(Response&& response) {
    if (phase_ != Phase::handling) return;  // the connection is gone
    if (response.status < 200 || response.status > 599) response = Response{.status = 500};
    if (response.status >= 400 && response.body.empty() && response.content_type.empty()) {
        auto document = problem(response.status, request_id_);
        response.content_type = std::move(document.content_type);
        response.body = std::move(document.body);
    }
    close_after_ = response.close || !reader_.keep_alive();
    // While draining a request that is already here is still served: its sender has seen no end
    // yet.
    if (draining_ && input_.size() == 0 && !transport_.has_unread()) close_after_ = true;

    out_.clear();
    append_head(out_, response,
                {.date = shard_->date(),
                 .request_id = request_id_,
                 .keep_alive = !close_after_,
                 .http10 = reader_.http10()});
    if (!reader_.head_only() && has_body(response.status)) {
        if (out_.size() + response.body.size() <= small_answer)
            out_ += response.body;
        else
            large_body_ = std::move(response.body);
    }
    answering_ = true;
    phase_ = Phase::writing;
}

// Answers what no handler gets to see, and ends the connection: where the next request would start
// is unknown.
void Session::refuse(const Refusal& refusal) {
    shard_->observer().request_refused(refusal.status, refusal.reason);
    name_request();
    phase_ = Phase::handling;
    Response response = problem(refusal.status, request_id_);
    response.close = true;
    answer(std::move(response));
}

bool Session::write_out() {
    const auto total = out_.size() + large_body_.size();
    while (written_ < total) {
        const auto rest = written_ < out_.size()
                              ? std::string_view{out_}.substr(written_)
                              : std::string_view{large_body_}.substr(written_ - out_.size());
        const auto outcome = transport_.write(rest);
        switch (outcome.state) {
            case Transport::State::done:
                written_ += outcome.bytes;
                break;
            case Transport::State::want_read:
            case Transport::State::want_write:
                arm(Wait::write,
                    shard_->limits().write + std::chrono::seconds{total / slowest_reader});
                return outcome.state == Transport::State::want_read ? wait_readable()
                                                                    : wait_writable();
            case Transport::State::eof:
            case Transport::State::failed:
                close();
                return false;
        }
    }
    written_ = 0;
    return after_answer();
}

bool Session::after_answer() {
    armed_ = Wait::nothing;
    out_.clear();
    if (!answering_) {
        phase_ = Phase::reading;
        return true;
    }
    if (close_after_) {
        begin_finish(Ending::lingering);
        return true;
    }
    if (out_.capacity() > buffer_kept) out_.shrink_to_fit();
    if (!large_body_.empty()) std::string{}.swap(large_body_);
    if (input_.size() == 0 && input_.capacity() > buffer_kept) input_.shrink_to_fit();
    reader_.reset();
    // A client that sends one request and shuts its side down at once is common, and expects its
    // connection to end.
    if (first_request_) transport_.doubt();
    first_request_ = false;
    phase_ = Phase::reading;
    untaken_ = input_.size() > 0;
    if (!untaken_) {
        in_a_row_ = 0;
    } else if (++in_a_row_ == most_in_a_row) {
        in_a_row_ = 0;
        boost::asio::post(shard_->context(), [self = shared_from_this()] { self->drive(); });
        return false;
    }
    return true;
}

// Lingering is for what was written last and must not be lost; an idle connection has nothing to
// lose.
void Session::begin_finish(Ending ending) {
    linger_ = ending == Ending::lingering;
    phase_ = Phase::finishing;
    armed_ = Wait::nothing;
    arm(Wait::shutdown, shard_->limits().shutdown);
}

bool Session::finish() {
    switch (transport_.finish_sending().state) {
        case Transport::State::want_write:
            return wait_writable();
        case Transport::State::done:
            if (!linger_) break;
            transport_.doubt();
            phase_ = Phase::lingering;
            return true;
        case Transport::State::want_read:
        case Transport::State::eof:
        case Transport::State::failed:
            break;
    }
    close();
    return false;
}

// Closing a socket with unread bytes in it resets the connection, and the client may never see the
// answer it was sent.
bool Session::linger() {
    const auto outcome = transport_.discard();
    if (outcome.state == Transport::State::want_read) return wait_readable();
    discarded_ += outcome.bytes;
    if (outcome.state == Transport::State::done && discarded_ <= discarded_at_most) return true;
    close();
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
        case Phase::finishing:
        case Phase::lingering:
        case Phase::closed:
            break;
    }
    close();
}

// A connection whose first request has not begun: it is on its way, or nothing is.
void Session::mind_drain() {
    if (draining_)
        deadline_ = std::min(
            deadline_, steady_clock::now() + std::min(drain_grace, shard_->limits().drain / 4));
}

void Session::drain() {
    draining_ = true;
    if (phase_ == Phase::handshake) mind_drain();
    if (phase_ != Phase::reading || more_may_come()) return;
    if (first_request_) mind_drain();
    // A request may have arrived that nobody has looked at yet: the wake-up reads before it gives
    // up.
    transport_.wake();
}

void Session::close() {
    if (phase_ == Phase::closed) return;
    phase_ = Phase::closed;
    deadline_ = Moment::max();
    transport_.close();
    admission_.release();
    shard_->remove(*this);
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
    deadline_ = steady_clock::now() + allowed;
}

}  // namespace oracode::http
