// The sessions of one I/O thread and what they share: handler, date, request ids, the one timer
// that enforces their deadlines. Belongs to one io_context and is used on its thread, except where
// noted; kept alive by its sessions and the listener.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/intrusive/list.hpp>

#include "core/time.hpp"
#include "http/body_budget.hpp"
#include "http/connection_limiter.hpp"
#include "http/forwarded.hpp"
#include "http/limits.hpp"
#include "http/message.hpp"
#include "http/observer.hpp"
#include "http/tls.hpp"
#include "net/descriptor.hpp"
#include "net/peer.hpp"

namespace oracode::http {

struct Accepted {
    net::Descriptor descriptor;
    int family;
    net::Peer peer;
    ConnectionSlot slot;
};

// A session as its shard sees it.
class Member : public boost::intrusive::list_base_hook<
                   boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
    using Moment = std::chrono::steady_clock::time_point;

    virtual void expire(Moment now) = 0;  // called when deadline() has passed
    virtual void drain() = 0;             // ends when nothing of a request has arrived
    virtual void cut() = 0;               // ends at once
    [[nodiscard]] Moment deadline() const { return deadline_; }

protected:
    ~Member() = default;
    Moment deadline_ = Moment::max();
};

class Shard : public std::enable_shared_from_this<Shard> {
public:
    struct Dependencies {
        Limits limits;
        Clock clock;
        std::shared_ptr<tls::Credentials> credentials;  // null: plain
        std::shared_ptr<BodyBudget> bodies;
        Observer* observer;
        TrustedProxies trusted_proxies;
    };
    Shard(boost::asio::io_context& context, Handler handler, const Dependencies& deps);

    // Any thread: serves the connection from here on.
    void adopt(Accepted accepted);
    // Any thread: sessions end as they become idle, those left at the limit are cut; then `drained`
    // runs on this thread.
    void drain(std::function<void()> drained);
    // Any thread: cuts every session.
    void abort();

    void add(Member& session);
    void remove(Member& session);
    // Sets a session without a deadline aside, where no sweep looks at it, and takes it back.
    void park(Member& session);
    void unpark(Member& session);

    [[nodiscard]] boost::asio::io_context& context() { return context_; }
    [[nodiscard]] const Handler& handler() const { return handler_; }
    [[nodiscard]] const Limits& limits() const { return limits_; }
    [[nodiscard]] Observer& observer() { return *observer_; }
    [[nodiscard]] BodyBudget& bodies() { return *bodies_; }
    // Any thread: a body has been let go of. Where that was the last of many, their memory goes
    // back to the system a moment later.
    void body_released();
    [[nodiscard]] const TrustedProxies& trusted_proxies() const { return trusted_proxies_; }
    [[nodiscard]] bool draining() const { return draining_; }
    // HTTP's Date of now.
    [[nodiscard]] std::string_view date();
    // Unique over the life of the process, guessable: a name for one line of a log.
    void next_request_id(std::string& id);

private:
    using Members = boost::intrusive::list<Member, boost::intrusive::constant_time_size<false>>;

    void begin(Accepted accepted);
    template <class Act>
    void each(Act act);
    void sweep_if_needed();
    void schedule_sweep();
    void sweep();
    void report_if_drained();
    void trim_soon();

    using Timer =
        boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                          boost::asio::wait_traits<std::chrono::steady_clock>,
                                          boost::asio::io_context::executor_type>;

    boost::asio::io_context& context_;
    const Handler handler_;
    const Limits limits_;
    const Clock clock_;
    const std::shared_ptr<tls::Credentials> credentials_;
    const std::shared_ptr<BodyBudget> bodies_;
    Observer* const observer_;
    const TrustedProxies trusted_proxies_;
    const std::chrono::milliseconds sweep_interval_;

    Members sessions_;
    Members parked_;
    std::size_t count_ = 0;
    std::size_t most_count_ = 0;  // since the allocator was last trimmed
    std::uint64_t begun_ = 0;     // connections, ever
    std::uint64_t begun_at_trim_ = 0;
    Timer sweeper_;
    Timer trimmer_;
    bool trimming_ = false;
    bool sweeping_ = false;
    bool draining_ = false;
    bool aborted_ = false;
    Member::Moment drain_deadline_ = Member::Moment::max();
    std::function<void()> drained_;

    std::string date_;
    std::chrono::sys_seconds dated_{};
    std::string id_prefix_;
    std::uint64_t last_id_ = 0;
};

}  // namespace oracode::http
