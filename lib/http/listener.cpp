#include "http/listener.hpp"

#include <atomic>
#include <cerrno>
#include <new>
#include <optional>
#include <stdexcept>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <sys/socket.h>

#include "http/admission.hpp"
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
    explicit Core(Parts& parts)
        : context_(*parts.contexts.front()),
          turnstile_(std::make_shared<Turnstile>(parts.limits)),
          bodies_(std::make_shared<BodyBudget>(parts.limits)),
          observer_(parts.observer != nullptr ? parts.observer : &silent()),
          trusted_proxies_(parts.trusted_proxies) {
        const Shard::Parts shared{parts.limits, parts.clock, parts.credentials,
                                  bodies_,      observer_,   parts.trusted_proxies};
        for (std::size_t i = 0; i < parts.contexts.size(); ++i)
            shards_.push_back(
                std::make_shared<Shard>(*parts.contexts[i], std::move(parts.handlers[i]), shared));
        for (auto& socket : parts.sockets)
            doors_.push_back(std::make_unique<Door>(context_, std::move(socket)));
    }

    void start() {
        boost::asio::post(context_, [self = shared_from_this()] {
            for (auto& door : self->doors_) self->wait(*door);
            self->accepting_ = !self->doors_.empty();
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

    // When no context runs any more, or nothing is left: nothing here may outlive the contexts.
    void dismantle() {
        close_doors();
        doors_.clear();
        shards_.clear();
    }

private:
    // One listening socket.
    struct Door {
        Door(boost::asio::io_context& context, ListeningSocket listening)
            : socket(std::move(listening)), watched(context, socket.descriptor()), pause(context) {}
        ~Door() { close(); }
        void close() {
            if (!open) return;
            open = false;
            pause.cancel();
            static_cast<void>(watched.release());  // the descriptor belongs to `socket`
            socket.close();
        }

        ListeningSocket socket;
        boost::asio::posix::basic_stream_descriptor<Executor> watched;
        Timer pause;
        bool open = true;
    };

    static Observer& silent() {
        static Silent observer;
        return observer;
    }

    void wait(Door& door) {
        if (!door.open) return;
        door.watched.async_wait(
            boost::asio::posix::descriptor_base::wait_read,
            [self = shared_from_this(), &door](const boost::system::error_code& error) {
                if (error || !door.open) return;
                self->accept_some(door);
            });
    }

    void accept_some(Door& door) {
        try {
            for (int i = 0; i < accepts_in_a_row; ++i) {
                const auto more = accept_one(door);
                if (!more) return rest(door);
                if (!*more) break;
            }
            accepting_ = true;
            wait(door);
        } catch (const std::bad_alloc&) {
            observer_->accept_failed(std::make_error_code(std::errc::not_enough_memory));
            rest(door);
        }
    }

    // Out of descriptors or memory. The backlog stays readable: without a pause this would spin
    // until somebody hangs up.
    void rest(Door& door) {
        accepting_ = false;
        door.pause.expires_after(pause_when_exhausted);
        door.pause.async_wait(
            [self = shared_from_this(), &door](const boost::system::error_code& error) {
                if (!error && door.open) self->accept_some(door);
            });
    }

    // True: one was taken (or refused, or was gone). False: the backlog is empty. nullopt: accept
    // itself fails.
    std::optional<bool> accept_one(Door& door) {
        sockaddr_storage name{};
        socklen_t size = sizeof name;
        Descriptor descriptor{::accept4(door.socket.descriptor(),
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
        auto peer = identify(name);
        peer.trusted_proxy = trusted_proxies_ && trusted_proxies_(peer);
        auto verdict = turnstile_->admit(peer);
        if (!verdict.admission) {
            observer_->connection_refused(verdict.cap);
            return true;
        }
        if (verdict.evicted) observer_->connection_cut("evicted");
        shards_[next_shard_]->adopt({std::move(descriptor), name.ss_family, std::move(peer),
                                     std::move(*verdict.admission)});
        next_shard_ = (next_shard_ + 1) % shards_.size();
        return true;
    }

    void drain(std::function<void()> drained) {
        for (auto& door : doors_)
            if (door->open) empty_backlog(*door);
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

    void empty_backlog(Door& door) {
        try {
            for (int i = 0; i < accepts_at_the_end && accept_one(door).value_or(false); ++i) {
            }
        } catch (const std::bad_alloc&) {
            observer_->accept_failed(std::make_error_code(std::errc::not_enough_memory));
        }
    }

    void close_doors() {
        accepting_ = false;
        for (auto& door : doors_) door->close();
    }

    boost::asio::io_context& context_;
    const std::shared_ptr<Turnstile> turnstile_;
    const std::shared_ptr<BodyBudget> bodies_;
    Observer* const observer_;
    const TrustedProxies trusted_proxies_;
    std::vector<std::shared_ptr<Shard>> shards_;
    std::vector<std::unique_ptr<Door>> doors_;
    std::atomic<bool> accepting_{false};
    std::size_t next_shard_ = 0;
    std::size_t undrained_ = 0;
    std::function<void()> drained_;
};

Listener::Listener(Parts parts) {
    if (parts.contexts.empty() || parts.contexts.size() != parts.handlers.size())
        throw std::invalid_argument("a listener needs one handler for each of its io_contexts");
    for (const auto& socket : parts.sockets) addresses_.push_back(socket.address());
    if (!parts.sockets.empty()) port_ = parts.sockets.front().port();
    core_ = std::make_shared<Core>(parts);
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
bool Listener::accepting() const {
    return core_->accepting();
}

}  // namespace oracode::http
