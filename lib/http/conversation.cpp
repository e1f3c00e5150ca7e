#include "http/conversation.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "http/problem.hpp"

namespace oracode::http {
namespace {

constexpr std::size_t head_read = 4UL * 1024;
constexpr std::size_t body_read = 16UL * 1024;
constexpr std::size_t idle_buffer = 1024;            // capacity kept while nothing happens
constexpr std::size_t buffer_kept = 64UL * 1024;     // capacity kept between requests
constexpr std::size_t small_answer = 16UL * 1024;    // one TLS record
constexpr std::size_t slowest_reader = 16UL * 1024;  // bytes a second
// Requests a client may send ahead while it waits for an answer.
constexpr std::size_t most_ahead = 16UL * 1024;
// Of a client that goes on sending after it was refused.
constexpr std::size_t discarded_at_most = 4UL * 1024 * 1024;
constexpr Limits::Time drain_grace{1'000};

void append_chunk(std::string& out, std::string_view piece) {
    std::array<char, 16> size{};
    const auto end = std::to_chars(size.data(), size.data() + size.size(), piece.size(), 16).ptr;
    out.append(size.data(), end);
    out += "\r\n";
    out += piece;
    out += "\r\n";
}

}  // namespace

Conversation::Conversation(const Limits& limits, BodyBudget* bodies, bool encrypted)
    : limits_(limits), reader_(limits, bodies) {
    if (!encrypted) state_ = Reading{};
}

Conversation::Act Conversation::next() const {
    if (const auto* handling = std::get_if<Handling>(&state_))
        return handling->notify && input_.size() < most_ahead ? Act::read : Act::wait;
    if (const auto* streaming = std::get_if<Streaming>(&state_);
        streaming != nullptr && !output_left())
        return streaming->waiting ? Act::read : Act::pull;
    if (is<Streaming>() || is<Writing>()) return Act::write;
    if (is<Reading>()) return Act::read;
    if (is<Ready>()) return Act::handle;
    if (is<Handshaking>()) return Act::handshake;
    if (is<Refused>()) return Act::refuse;
    if (is<Finishing>()) return Act::finish_sending;
    return is<Lingering>() ? Act::discard : Act::close;
}

Conversation::Pause Conversation::pause() const {
    switch (next()) {
        case Act::handshake:
            return draining_ ? pause_for_drain() : Pause{Wait::handshake, limits_.handshake};
        case Act::read:
            return is<Reading>() ? pause_for_input() : Pause{Wait::parked};
        case Act::write:
            return draining_ && endless() ? pause_for_drain() : pause_for_output();
        case Act::finish_sending:
        case Act::discard:
            return {Wait::shutdown, limits_.shutdown};
        default:
            return {Wait::none};
    }
}

Conversation::Pause Conversation::pause_for_input() const {
    if (reader_.stage() != RequestReader::Stage::head) return {Wait::body, limits_.body};
    if (input_.size() > 0) return {Wait::head, limits_.header};
    if (!first_request_) return {Wait::request, limits_.idle};
    return draining_ ? pause_for_drain() : Pause{Wait::request, limits_.header};
}

Conversation::Pause Conversation::pause_for_output() const {
    const auto total = out_.size() + large_body_.size();
    return {Wait::write, limits_.write + std::chrono::seconds{total / slowest_reader}};
}

// What is awaited may never come: a first request, or a reader that has stalled.
Conversation::Pause Conversation::pause_for_drain() const {
    return {Wait::drain, std::min(drain_grace, limits_.drain / 4)};
}

bool Conversation::advance(std::size_t bytes) {
    switch (next()) {
        case Act::handshake:
            state_ = Reading{};
            return true;
        case Act::read:
            return received(bytes);
        case Act::write:
            return sent(bytes);
        case Act::finish_sending:
            if (!std::get<Finishing>(state_).linger)
                end();
            else
                state_ = Lingering{};
            return false;
        case Act::discard:
            if ((std::get<Lingering>(state_).discarded += bytes) > discarded_at_most) end();
            return false;
        default:
            return false;
    }
}

boost::asio::mutable_buffer Conversation::space() {
    return input_.prepare(reader_.stage() == RequestReader::Stage::body ? body_read : head_read);
}

bool Conversation::received(std::size_t bytes) {
    input_.commit(bytes);
    if (is<Reading>()) return take();
    // What was sent ahead waits. Nothing but the socket keeps a session that streams, so that it
    // cannot stop reading.
    if (is<Streaming>() && input_.size() >= most_ahead) end();
    return false;
}

bool Conversation::take() {
    const auto bytes = input_.cdata();
    input_.consume(reader_.take({static_cast<const char*>(bytes.data()), bytes.size()}));
    if (reader_.refusal()) {
        state_ = Refused{*reader_.refusal()};
    } else if (request_complete()) {
        state_ = Ready{};
    } else if (reader_.continue_wanted()) {
        out_ = "HTTP/1.1 100 Continue\r\n\r\n";
        state_ = Writing{Then::read_on};
    }
    return !is<Reading>();
}

// Part of a request is here, so that its rest may be expected.
bool Conversation::begun() const {
    return input_.size() > 0 || reader_.stage() != RequestReader::Stage::head;
}

bool Conversation::dry() {
    // Thousands of connections wait at once: only what has arrived is worth memory.
    if (input_.size() == 0) input_.shrink_to_fit();
    if (!output_left() && out_.capacity() > idle_buffer) std::string{}.swap(out_);
    if (!draining_ || !idle() || first_request_) return true;
    state_ = Finishing{.linger = false};
    return false;
}

// A request cut off in the middle has no one to answer; a client that is done deserves a proper
// end.
void Conversation::ended() {
    if (idle())
        state_ = Finishing{.linger = false};
    else
        end();
}

void Conversation::failed() {
    if (is<Handshaking>())
        state_ = Finishing{.linger = true};  // OpenSSL has sent its alert: let it arrive
    else
        end();
}

void Conversation::expire() {
    if (!is<Reading>() || idle()) return ended();
    const bool of_head = reader_.stage() == RequestReader::Stage::head;
    state_ = Refused{{408, of_head ? "slow_head" : "slow_body"}};
}

void Conversation::drain() {
    draining_ = true;
    wake();
}

bool Conversation::out_of_memory() {
    const bool awaited = is<Reading>() || is<Ready>() || is<Handling>();
    if (awaited) state_ = Refused{{503, "out_of_memory"}};
    return awaited;
}

Watch Conversation::close() {
    Watch notify;
    if (auto* handling = std::get_if<Handling>(&state_)) notify = std::move(handling->notify);
    if (auto* closed = std::get_if<Closed>(&state_)) notify = std::move(closed->notify);
    state_ = Closed{};
    return notify;
}

Watch Conversation::watcher() const {
    const auto* handling = std::get_if<Handling>(&state_);
    return handling != nullptr ? handling->notify : Watch{};
}

unsigned Conversation::answer(Response&& response, HeadContext head, bool unread) {
    if (!is<Handling>() && !is<Refused>()) return 0;
    if (response.status < 200 || response.status > 599) response = Response{.status = 500};
    if (response.status >= 400 && response.body.empty() && response.content_type.empty()) {
        auto document = problem(response.status, head.request_id);
        response.content_type = std::move(document.content_type);
        response.body = std::move(document.body);
    }
    const auto then = write_head(response, head, unread);
    if (!reader_.head_only() && has_body(response.status)) {
        if (out_.size() + response.body.size() <= small_answer)
            out_ += response.body;
        else
            large_body_ = std::move(response.body);
    }
    state_ = Writing{then};
    return response.status;
}

unsigned Conversation::stream(Response&& response, std::unique_ptr<Body> body, HeadContext head,
                              bool unread) {
    if (!is<Handling>()) return 0;
    if (!head.length) head.framing = reader_.http10() ? Framing::close : Framing::chunked;
    const auto then = write_head(response, head, unread);
    if (reader_.head_only())
        state_ = Writing{then};
    else
        state_ = Streaming{std::move(body), head.length, head.framing, then};
    return response.status;
}

// While draining a request that is already here is still served: its sender has seen no end yet.
Conversation::Then Conversation::write_head(const Response& response, HeadContext& head,
                                            bool unread) {
    const bool last = draining_ && input_.size() == 0 && !unread;
    head.keep_alive =
        !last && !response.close && head.framing != Framing::close && reader_.keep_alive();
    head.http10 = reader_.http10();
    out_.clear();
    append_head(out_, response, head);
    return head.keep_alive ? Then::next_request : Then::linger;
}

std::string_view Conversation::output() const {
    if (sent_ < out_.size()) return std::string_view{out_}.substr(sent_);
    return std::string_view{large_body_}.substr(sent_ - out_.size());
}

bool Conversation::sent(std::size_t bytes) {
    sent_ += bytes;
    if (output_left()) return false;
    sent_ = 0;
    out_.clear();
    if (!large_body_.empty()) std::string{}.swap(large_body_);
    const auto* writing = std::get_if<Writing>(&state_);
    if (writing == nullptr) return true;  // the body has more
    if (writing->then == Then::next_request)
        begin_next_request();
    else if (writing->then == Then::read_on)
        state_ = Reading{};
    else
        state_ = Finishing{.linger = writing->then == Then::linger};
    return true;
}

void Conversation::begin_next_request() {
    if (out_.capacity() > buffer_kept) std::string{}.swap(out_);
    reader_.reset();
    first_request_ = false;
    state_ = Reading{};
    if (input_.size() > 0) take();
}

bool Conversation::endless() const {
    if (const auto* streaming = std::get_if<Streaming>(&state_)) return streaming->body->endless();
    const auto* writing = std::get_if<Writing>(&state_);
    return writing != nullptr && writing->then == Then::close;
}

void Conversation::wake() {
    if (auto* streaming = std::get_if<Streaming>(&state_)) streaming->waiting = false;
}

void Conversation::pull() {
    auto& streaming = std::get<Streaming>(state_);
    const bool endless = streaming.body->endless();
    std::string piece;
    const auto state = draining_ && endless ? Body::State::end : streaming.body->next(piece);
    const bool ended = state == Body::State::end;
    if (auto& left = streaming.left) {
        if (piece.size() > *left || (ended && piece.size() < *left)) return end();
        *left -= piece.size();
    }
    if (state == Body::State::broken) return end();
    streaming.waiting = state == Body::State::waiting;
    if (streaming.framing != Framing::chunked) {
        out_ = std::move(piece);
    } else {
        if (!piece.empty()) append_chunk(out_, piece);
        if (ended) out_ += "0\r\n\r\n";
    }
    if (!ended) return;
    // The reader of a body without an end has sent nothing that could be lost.
    state_ = Writing{endless ? Then::close : draining_ ? Then::linger : streaming.then};
    if (!output_left()) sent(0);
}

}  // namespace oracode::http
