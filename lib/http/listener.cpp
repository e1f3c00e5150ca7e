#include "http/listener.hpp"

#include <atomic>
#include <cerrno>
#include <future>
#include <new>
#include <optional>
#include <stdexcept>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <sys/socket.h>

#include "http/connection_limiter.hpp"
#include "http/shard.hpp"

namespace oracode::http {
namespace {

using Executor = boost::asio::io_context::executor_type;
using Timer = boost::asio::basic_waitable_timer<
    std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;

constexpr int accepts_in_a_row = 64;      // before the thread's sessions have their turn
constexpr int accepts_at_the_end = 8192;  // a full backlog; a flood must not hold up the end
constexpr std::chrono::milliseconds pause_when_exhausted{100};

struct Silent final : Observer {};

}  // namespace

// Lives as long as something on the accepting context refers to it. On that thread only, except for
// what the constructor sets.
class Listener::Core : public std::enable_shared_from_this<Core> {
public:
    explicit Core(Dependencies& deps)
        : context_(*deps.contexts.front()),
          limiter_(std::make_shared<ConnectionLimiter>(deps.limits)),
          bodies_(std::make_shared<BodyBudget>(deps.limits)),
          observer_(deps.observer != nullptr ? deps.observer : &silent()),
          trusted_proxies_(deps.trusted_proxies) {
        const Shard::Dependencies shared{deps.limits, deps.clock, deps.credentials,
                                         bodies_,     observer_,  deps.trusted_proxies};
        for (std::size_t i = 0; i < deps.contexts.size(); ++i)
            shards_.push_back(
                std::make_shared<Shard>(*deps.contexts[i], std::move(deps.handlers[i]), shared));
        for (auto& socket : deps.sockets)
            acceptors_.push_back(std::make_unique<Acceptor>(context_, std::move(socket)));
    }

    void start() {
        boost::asio::post(context_, [self = shared_from_this()] {
            for (auto& acceptor : self->acceptors_) self->wait(*acceptor);
            self->accepting_ = !self->acceptors_.empty();
        });
    }

    [[nodiscard]] bool accepting() const { return accepting_; }

    void stop(std::function<void()> drained) {
        boost::asio::post(context_,
                          [self = shared_from_this(), drained = std::move(drained)]() mutable {
                              self->drain(std::move(drained));
                          });
    }

    void abort() {
        boost::asio::post(context_, [self = shared_from_this()] {
            self->close_doors();
            for (const auto& shard : self->shards_) shard->abort();
        });
    }

    // In two rounds: the handlers that the first one cancels run before what they refer to goes.
    void close() {
        auto done = std::make_shared<std::promise<void>>();
        const auto closed = done->get_future();
        boost::asio::post(context_, [this, done = std::move(done)]() mutable {
            close_doors();
            boost::asio::post(context_, [this, done = std::move(done)] {
                dismantle();
                done->set_value();
            });
        });
        closed.wait();
    }

    // On the first context's thread, or when no context runs any more: nothing here may outlive the
    // contexts.
    void dismantle() {
        close_doors();
        acceptors_.clear();
        shards_.clear();
    }

private:
    // One listening socket.
    struct Acceptor {
        Acceptor(boost::asio::io_context& context, net::ListeningSocket listening)
            : socket(std::move(listening)), watched(context, socket.descriptor()), pause(context) {}
        ~Acceptor() { close(); }
        void close() {
            if (!open) return;
            open = false;
            pause.cancel();
            static_cast<void>(watched.release());  // the descriptor belongs to `socket`
            socket.close();
        }

        net::ListeningSocket socket;
        boost::asio::posix::basic_stream_descriptor<Executor> watched;
        Timer pause;
        bool open = true;
    };

    static Observer& silent() {
        static Silent observer;
        return observer;
    }

    void wait(Acceptor& acceptor) {
        if (!acceptor.open) return;
        acceptor.watched.async_wait(
            boost::asio::posix::descriptor_base::wait_read,
            [self = shared_from_this(), &acceptor](const boost::system::error_code& error) {
                if (error || !acceptor.open) return;
                self->accept_some(acceptor);
            });
    }

    void accept_some(Acceptor& acceptor) {
        try {
            for (int i = 0; i < accepts_in_a_row; ++i) {
                const auto more = accept_one(acceptor);
                if (!more) return pause_accepting(acceptor);
                if (!*more) break;
            }
            accepting_ = true;
            wait(acceptor);
        } catch (const std::bad_alloc&) {
            observer_->accept_failed(std::make_error_code(std::errc::not_enough_memory));
            pause_accepting(acceptor);
        }
    }

    // Out of descriptors or memory. The backlog stays readable: without a pause this would spin
    // until a client hangs up.
    void pause_accepting(Acceptor& acceptor) {
        accepting_ = false;
        acceptor.pause.expires_after(pause_when_exhausted);
        acceptor.pause.async_wait(
            [self = shared_from_this(), &acceptor](const boost::system::error_code& error) {
                if (!error && acceptor.open) self->accept_some(acceptor);
            });
    }

    // True: one was taken (or refused, or was gone). False: the backlog is empty. nullopt: accept
    // itself fails.
    std::optional<bool> accept_one(Acceptor& acceptor) {
        sockaddr_storage name{};
        socklen_t size = sizeof name;
        net::Descriptor descriptor{::accept4(acceptor.socket.descriptor(),
                                             reinterpret_cast<sockaddr*>(&name), &size,
                                             SOCK_NONBLOCK | SOCK_CLOEXEC)};
        if (descriptor.number() < 0) {
            switch (errno) {
                case EAGAIN:
                    return false;
                case EINTR:
                case ECONNABORTED:
                case EPROTO:
                    return true;
                default:
                    observer_->accept_failed({errno, std::generic_category()});
                    return std::nullopt;
            }
        }
        auto peer = net::identify(name);
        peer.trusted_proxy = trusted_proxies_ && trusted_proxies_(peer);
        auto decision = limiter_->acquire(peer);
        if (!decision.slot) {
            observer_->connection_refused(decision.cap, peer.address);
            return true;
        }
        if (decision.evicted) observer_->connection_cut("evicted");
        shards_[next_shard_]->adopt(
            {std::move(descriptor), name.ss_family, std::move(peer), std::move(*decision.slot)});
        next_shard_ = (next_shard_ + 1) % shards_.size();
        return true;
    }

    void drain(std::function<void()> drained) {
        for (auto& acceptor : acceptors_)
            if (acceptor->open) empty_backlog(*acceptor);
        close_doors();
        drained_ = std::move(drained);
        undrained_ = shards_.size();
        for (const auto& shard : shards_) {
            shard->drain([self = shared_from_this()] {
                boost::asio::post(self->context_, [self] {
                    if (--self->undrained_ == 0) std::exchange(self->drained_, nullptr)();
                });
            });
        }
    }

    void empty_backlog(Acceptor& acceptor) {
        try {
            for (int i = 0; i < accepts_at_the_end && accept_one(acceptor).value_or(false); ++i) {
            }
        } catch (const std::bad_alloc&) {
            observer_->accept_failed(std::make_error_code(std::errc::not_enough_memory));
        }
    }

    void close_doors() {
        accepting_ = false;
        for (auto& acceptor : acceptors_) acceptor->close();
    }

    boost::asio::io_context& context_;
    const std::shared_ptr<ConnectionLimiter> limiter_;
    const std::shared_ptr<BodyBudget> bodies_;
    Observer* const observer_;
    const TrustedProxies trusted_proxies_;
    std::vector<std::shared_ptr<Shard>> shards_;
    std::vector<std::unique_ptr<Acceptor>> acceptors_;
    std::atomic<bool> accepting_{false};
    std::size_t next_shard_ = 0;
    std::size_t undrained_ = 0;
    std::function<void()> drained_;
};

Listener::Listener(Dependencies deps) {
    if (deps.contexts.empty() || deps.contexts.size() != deps.handlers.size())
        throw std::invalid_argument("a listener needs one handler for each of its io_contexts");
    for (const auto& socket : deps.sockets) addresses_.push_back(socket.address());
    if (!deps.sockets.empty()) port_ = deps.sockets.front().port();
    core_ = std::make_shared<Core>(deps);
}

Listener::~Listener() {
    core_->dismantle();
}

void Listener::start() {
    core_->start();
}
void Listener::stop(std::function<void()> drained) {
    core_->stop(std::move(drained));
}
void Listener::abort() {
    core_->abort();
}
void Listener::close() {
    core_->close();
}
bool Listener::accepting() const {
    return core_->accepting();
}

}  // namespace oracode::http
