#include <algorithm>
#include <array>
#include <charconv>

#include <boost/asio/post.hpp>

#include "http/session.hpp"

namespace oracode::http {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t read_size = 4UL * 1024;
// Requests a client may send ahead while it waits for an answer.
constexpr std::size_t most_ahead = 16UL * 1024;
// What the kernel keeps for a reader of an endless answer: a stalled one is found out before it has
// cost megabytes.
constexpr int most_unsent = 128 * 1024;
constexpr std::size_t idle_buffer = 1024;

void append_chunk(std::string& out, std::string_view piece) {
    std::array<char, 16> size{};
    const auto end = std::to_chars(size.data(), size.data() + size.size(), piece.size(), 16).ptr;
    out.append(size.data(), end);
    out += "\r\n";
    out += piece;
    out += "\r\n";
}

}  // namespace

void Session::stream(Response&& head, std::optional<std::uint64_t> length,
                     std::unique_ptr<Body> body) {
    if (phase_ != Phase::handling) return;  // the connection is gone
    note_answer(head.status);
    settle_connection(head.close);
    watch_ = nullptr;
    framing_ = length ? Framing::length : reader_.http10() ? Framing::close : Framing::chunked;
    if (framing_ == Framing::close) close_after_ = true;
    out_.clear();
    append_head(out_, head,
                {.date = shard_->date(),
                 .request_id = request_id_,
                 .keep_alive = !close_after_,
                 .http10 = reader_.http10(),
                 .framing = framing_,
                 .length = length});
    answering_ = true;
    phase_ = Phase::writing;
    if (!reader_.head_only()) {
        if (body->endless()) transport_.limit_unsent(most_unsent, shard_->limits().write);
        body_ = std::move(body);
        body_ended_ = false;
        left_ = length;
        phase_ = Phase::streaming;
    }
    drive();
}

void Session::wake() {
    if (shard_->context().get_executor().running_in_this_thread()) return drive();
    boost::asio::post(shard_->context(), [self = shared_from_this()] { self->drive(); });
}

bool Session::go_on_streaming() {
    if (!out_.empty() && !flush_output()) return false;
    deadline_ = Moment::max();
    if (body_ended_) {
        if (!body_->endless()) return after_answer();
        begin_finish(Ending::at_once);  // its reader has sent nothing that could be lost
        body_.reset();
        return true;
    }
    take_piece();
    if (phase_ == Phase::closed) return false;
    if (!out_.empty() || body_ended_) return true;
    park();
    return watch_for_disconnect();
}

// Has the body say what comes next, and puts it into the frame that the head promised.
void Session::take_piece() {
    std::string piece;
    auto state = Body::State::end;
    if (!draining_ || !body_->endless()) {
        try {
            state = body_->next(piece);
        } catch (const std::exception& failure) {
            shard_->observer().handler_failed(failure.what());
            state = Body::State::broken;
        }
    }
    if (left_ && state != Body::State::broken) {
        const bool fits =
            state == Body::State::end ? piece.size() == *left_ : piece.size() <= *left_;
        if (!fits) state = Body::State::broken;
        *left_ -= std::min<std::uint64_t>(*left_, piece.size());
    }
    if (state == Body::State::broken) return close();
    body_ended_ = state == Body::State::end;
    if (body_ended_ && (draining_ || body_->endless())) close_after_ = true;
    if (framing_ != Framing::chunked) {
        out_ = std::move(piece);
        return;
    }
    if (!piece.empty()) append_chunk(out_, piece);
    if (body_ended_) out_ += "0\r\n\r\n";
}

void Session::watch(Watch notify) {
    if (phase_ != Phase::handling) {
        boost::asio::post(shard_->context(),
                          [notify = std::move(notify)] { notify(Interruption::client_gone); });
        return;
    }
    watch_ = std::move(notify);
    park();
    if (draining_) interrupt_for_drain();
    if (!driving_)
        boost::asio::post(shard_->context(), [self = shared_from_this()] { self->drive(); });
}

// Learns of the end of a client that we have nothing to say to for now. Requests that it sends
// ahead wait in their buffer.
bool Session::watch_for_disconnect() {
    if (input_full_) return false;
    const auto space = input_.prepare(read_size);
    const auto outcome = transport_.read(static_cast<char*>(space.data()), space.size());
    switch (outcome.state) {
        case Transport::State::done:
            input_.commit(outcome.bytes);
            input_full_ = input_.size() >= most_ahead;
            // Nothing but the socket keeps a session that streams.
            if (input_full_ && phase_ == Phase::streaming) close();
            return !input_full_;
        case Transport::State::want_read:
        case Transport::State::want_write:
        case Transport::State::yield:
            return wait_for(outcome.state);
        case Transport::State::eof:
        case Transport::State::failed:
            break;
    }
    if (transport_.overtaxed()) shard_->observer().connection_cut("key_updates");
    close();
    return false;
}

void Session::interrupt_for_drain() {
    if (phase_ == Phase::streaming && !out_.empty() && body_->endless())
        deadline_ = std::min(deadline_, steady_clock::now() + drain_grace);
    boost::asio::post(shard_->context(), [self = shared_from_this()] {
        // A copy: the answer lets go of the original.
        if (const auto notify = self->watch_) notify(Interruption::draining);
        if (self->phase_ == Phase::streaming) self->drive();
    });
}

// From here on no deadline holds.
void Session::park() {
    deadline_ = Moment::max();
    armed_ = Wait::nothing;
    if (out_.capacity() > idle_buffer) std::string{}.swap(out_);
    if (!std::exchange(parked_, true)) shard_->park(*this);
}

}  // namespace oracode::http
