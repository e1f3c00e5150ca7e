#include <new>

#include <boost/asio/post.hpp>

#include "http/problem.hpp"
#include "http/response_head.hpp"
#include "http/session.hpp"

namespace oracode::http {
namespace {

constexpr std::size_t small_answer = 16UL * 1024;    // one TLS record
constexpr std::size_t buffer_kept = 64UL * 1024;     // capacity kept between requests
constexpr std::size_t slowest_reader = 16UL * 1024;  // bytes a second
// Of a client that goes on sending after it was refused.
constexpr std::size_t discarded_at_most = 4UL * 1024 * 1024;
// Pipelined requests served before other connections have their turn.
constexpr unsigned most_in_a_row = 32;

}  // namespace

void Session::send(Response&& response) {
    if (shard_->context().get_executor().running_in_this_thread())
        return take_answer(std::move(response));
    boost::asio::post(shard_->context(),
                      [self = shared_from_this(), response = std::move(response)]() mutable {
                          self->take_answer(std::move(response));
                      });
}

void Session::take_answer(Response&& response) {
    try {
        answer(std::move(response));
    } catch (const std::bad_alloc&) {
        return close();
    }
    drive();
}

// A handler that lets go of its Reply while it runs may be throwing: what it throws decides the
// answer.
void Session::abandon() {
    if (shard_->context().get_executor().running_in_this_thread() && in_handler_)
        abandoned_ = true;
    else
        Exchange::abandon();
}

void Session::answer_failure(unsigned status, bool close) {
    auto response = problem(status, request_id_);
    response.close = close;
    if (status == 503) response.headers.emplace_back("Retry-After", "5");
    answer(std::move(response));
}

void Session::note_answer(unsigned status) {
    client_slot_.release();
    if (reader_.stage() == RequestReader::Stage::complete)
        shard_->observer().request_answered(route_, reader_.request().method, status,
                                            std::chrono::steady_clock::now() - handled_at_);
}

void Session::answer(Response&& response) {
    if (phase_ != Phase::handling) return;  // the connection is gone
    if (response.status < 200 || response.status > 599) response = Response{.status = 500};
    if (response.status >= 400 && response.body.empty() && response.content_type.empty()) {
        auto document = problem(response.status, request_id_);
        response.content_type = std::move(document.content_type);
        response.body = std::move(document.body);
    }
    note_answer(response.status);
    settle_connection(response.close);
    watch_ = nullptr;
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

void Session::settle_connection(bool close) {
    close_after_ = close || !reader_.keep_alive();
    // While draining a request that is already here is still served: its sender has seen no end
    // yet.
    if (draining_ && input_.size() == 0 && !transport_.has_unread()) close_after_ = true;
}

// Answers what no handler gets to see, and ends the connection: where the next request would start
// is unknown.
void Session::refuse(const Rejection& refusal) {
    shard_->observer().request_refused(refusal.status, refusal.reason, refusal.header,
                                       client_ ? client_->address : peer_.address);
    name_request();
    phase_ = Phase::handling;
    answer_failure(refusal.status, true);
}

bool Session::write_out() {
    return flush_output() && after_answer();
}

// True once all that is to be written is.
bool Session::flush_output() {
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
            case Transport::State::yield:
                arm(Wait::write,
                    shard_->limits().write + std::chrono::seconds{total / slowest_reader});
                return wait_for(outcome.state);
            case Transport::State::eof:
            case Transport::State::failed:
                close();
                return false;
        }
    }
    written_ = 0;
    armed_ = Wait::nothing;
    out_.clear();
    return true;
}

bool Session::after_answer() {
    if (!answering_) {
        phase_ = Phase::reading;
        return true;
    }
    if (close_after_) {
        begin_finish(Ending::lingering);
        return true;
    }
    body_.reset();
    input_full_ = false;
    if (out_.capacity() > buffer_kept) std::string{}.swap(out_);
    if (!large_body_.empty()) std::string{}.swap(large_body_);
    reader_.reset();
    shard_->body_released();
    first_request_ = false;
    phase_ = Phase::reading;
    untaken_ = input_.size() > 0;
    if (!untaken_) {
        in_a_row_ = 0;
    } else if (++in_a_row_ == most_in_a_row) {
        in_a_row_ = 0;
        return let_others_run();
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
    const auto outcome = transport_.finish_sending();
    switch (outcome.state) {
        case Transport::State::want_write:
        case Transport::State::yield:
            return wait_for(outcome.state);
        case Transport::State::done:
            if (!linger_) break;
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
    if (outcome.state == Transport::State::want_read || outcome.state == Transport::State::yield)
        return wait_for(outcome.state);
    discarded_ += outcome.bytes;
    if (outcome.state == Transport::State::done && discarded_ <= discarded_at_most) return true;
    close();
    return false;
}

}  // namespace oracode::http
