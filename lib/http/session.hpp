// One accepted connection: handshake, then request after request in the order sent, then a close
// that lets the last answer arrive. Runs on its shard's thread and is kept alive by what it waits
// for: an event on the socket, or the Reply a handler holds.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <boost/beast/core/flat_buffer.hpp>

#include "http/request_reader.hpp"
#include "http/response_head.hpp"
#include "http/shard.hpp"
#include "http/transport.hpp"

namespace oracode::http {

class Session final : public Exchange, public Member, public std::enable_shared_from_this<Session> {
public:
    Session(std::shared_ptr<Shard> shard, Accepted accepted, tls::Connection tls);
    ~Session();

    void start();

    // Exchange. From another thread the answer is handed over to this session's.
    void send(Response&& response) override;
    void abandon() override;
    void matched(std::string_view pattern) override { route_ = pattern; }
    void stream(Response&& head, std::optional<std::uint64_t> length,
                std::unique_ptr<Body> body) override;
    void wake() override;
    void watch(Watch notify) override;
    [[nodiscard]] boost::asio::io_context& context() override { return shard_->context(); }

    // Member
    void expire(Moment now) override;
    void drain() override;
    void cut() override { close(); }

private:
    void evict();
    void take_answer(Response&& response);
    bool answer_that_memory_is_short();
    // How long a drain waits for what may never come: a first request, a reader that has stalled.
    static constexpr Limits::Time drain_grace{1'000};

    enum class Phase {
        handshake,
        reading,
        handling,
        writing,
        streaming,
        finishing,
        lingering,
        closed
    };
    // What the deadline was set for: it is set once for each, so that trickling does not move it.
    enum class Wait { nothing, handshake, first_head, next_head, head, body, write, shutdown };

    void drive();
    bool step();
    bool shake_hands();
    bool read_more();
    void arm_for_input();
    void shed_buffers();
    bool let_others_run();
    bool take_input();
    bool wait_for_request();
    bool handle();
    bool acquire_client_slot();
    bool write_out();
    bool flush_output();
    bool go_on_streaming();
    void take_piece();
    bool watch_for_disconnect();
    bool after_answer();
    bool finish();
    bool linger();

    void answer(Response&& response);
    void settle_connection(bool close);
    void interrupt_for_drain();
    void park();
    void note_answer(unsigned status);
    void refuse(const Rejection& refusal);
    void answer_failure(unsigned status, bool close = false);
    enum class Ending { at_once, lingering };
    void begin_finish(Ending ending);
    void shorten_deadline_for_drain();
    void close();
    bool wait_for(Transport::State state);
    bool wait_readable();
    bool wait_writable();
    void arm(Wait wait, Limits::Time allowed);
    void name_request();
    [[nodiscard]] bool more_may_come() const;
    [[nodiscard]] std::string_view unparsed() const;

    const std::shared_ptr<Shard> shard_;
    const net::Peer peer_;
    ConnectionSlot slot_;
    // Behind a trusted proxy: whose request is being handled, and its place.
    std::optional<net::Peer> client_;
    ConnectionSlot client_slot_;
    Transport transport_;
    RequestReader reader_;
    boost::beast::flat_buffer input_;
    std::string request_id_;
    std::string_view route_;
    Moment handled_at_;
    std::string out_;                    // head, and the body where it is small
    std::string large_body_;             // else the body, not copied
    std::unique_ptr<Body> body_;         // of an answer that is made while it is sent
    std::optional<std::uint64_t> left_;  // bytes that its length promises
    Framing framing_ = Framing::length;
    Watch watch_;
    std::size_t written_ = 0;
    std::size_t discarded_ = 0;
    unsigned in_a_row_ = 0;
    Phase phase_ = Phase::handshake;
    Wait armed_ = Wait::nothing;
    bool driving_ = false;
    bool untaken_ = false;  // input_ holds bytes that the reader has not been offered
    bool first_request_ = true;
    bool answering_ = false;  // what is written is an answer, not a 100
    bool close_after_ = false;
    bool linger_ = false;
    bool draining_ = false;
    bool body_ended_ = false;
    bool parked_ = false;      // in the shard's list of those without a deadline
    bool input_full_ = false;  // the client has sent so much ahead that no more is read
    bool in_handler_ = false;
    bool abandoned_ = false;  // by the handler that is running
    bool authentic_ = false;  // a valid signature or token was shown
};

}  // namespace oracode::http
