// One accepted connection: moves the bytes between its transport and its conversation, keeps the
// deadlines, calls the handler. Runs on its shard's thread and is kept alive by what it waits for:
// an event on the socket, or the Reply a handler holds.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/post.hpp>

#include "http/conversation.hpp"
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
    void stream(Response&& response, std::optional<std::uint64_t> length,
                std::unique_ptr<Body> body) override;
    void wake() override;
    void watch(Watch notify) override;
    [[nodiscard]] boost::asio::io_context& context() override { return shard_->context(); }

    // Member
    void expire(Moment now) override;
    void drain() override;
    void cut() override { close(); }

private:
    enum class Handler { returned, running, abandoned };  // abandoned: runs, and let its Reply go

    void drive();
    bool step();
    bool follow(const Transport::Outcome& outcome);
    bool wait_for(Transport::State state);
    bool let_others_run();
    void arm();
    void evict();
    void close();
    void report_failure();

    bool handle();
    bool acquire_client_slot();
    void call_handler();
    void name_request();
    bool refuse();
    bool pull();
    void answer(Response&& response);
    void answer_failure(unsigned status, bool close = false);
    void note_answer(unsigned status);
    void interrupt_for_drain();
    [[nodiscard]] HeadContext head(std::optional<std::uint64_t> length = {}) {
        return {.date = shard_->date(), .request_id = request_id_, .length = length};
    }
    [[nodiscard]] bool unread() const;
    [[nodiscard]] bool on_own_thread() const {
        return shard_->context().get_executor().running_in_this_thread();
    }
    template <class Act>
    void post(Act act) {
        boost::asio::post(shard_->context(), [self = shared_from_this(),
                                              act = std::move(act)]() mutable { act(*self); });
    }

    const std::shared_ptr<Shard> shard_;
    const net::Peer peer_;
    ConnectionSlot slot_;
    // Behind a trusted proxy: whose request is being handled, and its place.
    std::optional<net::Peer> client_;
    ConnectionSlot client_slot_;
    Transport transport_;
    Conversation conversation_;
    std::string request_id_;
    std::string_view route_;
    Moment handled_at_;
    unsigned served_ = 0;  // requests in this turn
    Conversation::Wait armed_ = Conversation::Wait::none;
    Handler handler_ = Handler::returned;
    bool driving_ = false;
    bool parked_ = false;     // in the shard's list of those without a deadline
    bool authentic_ = false;  // a valid signature or token was shown
};

}  // namespace oracode::http
