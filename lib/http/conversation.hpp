// HTTP on one connection as a state machine without I/O: it says what to do next and goes on by
// what came of it. Pure: no sockets, no threads, no clock. Owned by a session, which moves the
// bytes and calls the handler.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include "http/request_reader.hpp"
#include "http/response_head.hpp"

namespace oracode::http {

class Conversation {
public:
    enum class Act {
        handshake,       // of TLS
        read,            // into space(); also while an answer is awaited, to notice a client's end
        handle,          // begin_handling(), and hand request() to the handler
        refuse,          // answer with rejection()
        wait,            // for answer() or stream()
        write,           // output()
        pull,            // pull() the next piece of a streamed body
        finish_sending,  // close_notify and FIN
        discard,         // what still arrives: a reset could overtake the answer
        close,
    };
    // What there is to wait for: nothing (parked: and that may take long), or what has a deadline,
    // which is set once for each, so that trickling does not move it.
    enum class Wait { none, parked, handshake, request, head, body, write, drain, shutdown };
    struct Pause {
        Wait wait;
        std::optional<Limits::Time> allowed{};
    };

    // `limits` and `bodies` outlive it.
    Conversation(const Limits& limits, BodyBudget* bodies, bool encrypted);

    [[nodiscard]] Act next() const;
    // How long the next act may take, where it cannot be done at once.
    [[nodiscard]] Pause pause() const;

    // The act was done; of read, write and discard so many bytes (at least one). True: what was
    // awaited is complete, and its deadline over.
    bool advance(std::size_t bytes);
    // Nothing can be read for now. False: then there is something else to do than to wait.
    bool dry();
    // The client sends nothing more.
    void ended();
    // The act cannot be done; also for a body that cannot go on.
    void failed();
    // The pause is over.
    void expire();
    // The daemon ends: what has begun is answered, and nothing else begins.
    void drain();
    // True: the client is going to be refused with 503. False: no answer can be given.
    bool out_of_memory();
    // Over. Returns what the handler wants to be called with.
    Watch close();

    [[nodiscard]] boost::asio::mutable_buffer space();
    [[nodiscard]] std::string_view output() const;
    [[nodiscard]] const Rejection& rejection() const { return std::get<Refused>(state_).why; }
    // Views, valid until the answer was written; complete where it is to be handled.
    [[nodiscard]] Request& request() { return reader_.request(); }
    [[nodiscard]] bool request_complete() const {
        return reader_.stage() == RequestReader::Stage::complete;
    }
    void begin_handling() { state_ = Handling{}; }

    // The answer to what is being handled or refused; of `head` date and request id. `unread`: more
    // of the client may have arrived. Returns the status, 0 where the connection is gone.
    unsigned answer(Response&& response, HeadContext head, bool unread);
    unsigned stream(Response&& response, std::unique_ptr<Body> body, HeadContext head, bool unread);
    // Has the body say what comes next. Throws what the body throws.
    void pull();
    // The body that was waiting has something again.
    void wake();
    // While handling() only.
    void watch(Watch notify) { std::get<Handling>(state_).notify = std::move(notify); }
    [[nodiscard]] Watch watcher() const;

    // Nothing of a request has arrived, and none is being answered.
    [[nodiscard]] bool idle() const { return is<Reading>() && !begun(); }
    [[nodiscard]] bool handling() const { return is<Handling>(); }
    [[nodiscard]] bool draining() const { return draining_; }
    // A body without an end is being sent.
    [[nodiscard]] bool endless() const;

    // Lets go of the request and the memory that it holds.
    void forget_request() { reader_.reset(); }

private:
    struct Handshaking {};
    struct Reading {};
    struct Ready {};
    struct Refused {
        Rejection why;
    };
    struct Handling {
        Watch notify{};
    };
    enum class Then { read_on, next_request, linger, close };
    struct Writing {
        Then then;
    };
    struct Streaming {
        std::unique_ptr<Body> body;
        std::optional<std::uint64_t> left;  // bytes that its length promises
        Framing framing;
        Then then;
        bool waiting = false;
    };
    struct Finishing {
        bool linger;  // what was written last must not be lost
    };
    struct Lingering {
        std::size_t discarded = 0;
    };
    struct Closed {
        Watch notify{};
    };

    template <class State>
    [[nodiscard]] bool is() const {
        return std::holds_alternative<State>(state_);
    }
    bool received(std::size_t bytes);
    bool take();
    bool sent(std::size_t bytes);
    Then write_head(const Response& response, HeadContext& head, bool unread);
    void begin_next_request();
    void end() { state_ = Closed{close()}; }
    [[nodiscard]] bool begun() const;
    [[nodiscard]] bool output_left() const { return sent_ < out_.size() + large_body_.size(); }
    [[nodiscard]] Pause pause_for_input() const;
    [[nodiscard]] Pause pause_for_output() const;
    [[nodiscard]] Pause pause_for_drain() const;

    const Limits& limits_;
    RequestReader reader_;
    boost::beast::flat_buffer input_;
    std::string out_;         // head, and the body where it is small
    std::string large_body_;  // else the body, not copied
    std::size_t sent_ = 0;    // of both
    std::variant<Handshaking, Reading, Ready, Refused, Handling, Writing, Streaming, Finishing,
                 Lingering, Closed>
        state_;
    bool first_request_ = true;
    bool draining_ = false;
};

}  // namespace oracode::http
