// Sends requests over many connections from one epoll loop and has their latencies counted: closed
// loop, each connection sending again when it is answered, or open loop, at a fixed rate whether
// answers come or not. One thread.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <deque>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <vector>

#include <bench/connection.hpp>
#include <bench/requests.hpp>
#include <bench/tally.hpp>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace oracode::bench {

struct Plan {
    sockaddr_in address{};
    std::size_t connections = 64;
    std::chrono::milliseconds warmup{500};
    std::chrono::milliseconds window{10'000};
    // Requests a second, evenly spaced; 0 is the closed loop. A latency counts from the moment at
    // which the request was due, so that a server that stalls is charged for all that had to wait.
    double rate = 0;
    // Every request comes on a connection of its own, with a full handshake, which counts with it.
    bool fresh_connections = false;
    // The first connections shake hands together, not one after the other.
    bool together = false;
};

// Sends until the window is over or the requests are used up, then waits for the answers that are
// out. Throws std::runtime_error when the server cannot be reached or fails all the time.
class Load {
public:
    Load(const Plan& plan, Requests& requests, Tally& tally)
        : plan_(plan), requests_(requests), tally_(tally), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
        std::signal(SIGPIPE, SIG_IGN);
        prctl(PR_SET_TIMERSLACK, 1UL);
        connections_.resize(plan_.connections);
        for (std::size_t i = 0; i < plan_.connections; ++i) open(i);
    }
    Load(const Load&) = delete;
    Load& operator=(const Load&) = delete;
    ~Load() { close(epoll_); }

    void run() {
        begin_ = Clock::now();
        const Moment open = begin_ + plan_.warmup;
        end_ = open + plan_.window;
        for (std::size_t i = 0; i < connections_.size(); ++i) send_next(i);
        std::array<epoll_event, 256> ready{};
        while (outstanding_ > 0 || more_due()) {
            const int count = wait(ready);
            const Moment now = Clock::now();
            if (!opened_ && now >= open) {
                opened_ = true;
                tally_.open_window(now);
            }
            if (now >= end_) end_of_window(now);
            if (now >= end_ + patience) drop_backlog();
            if (now >= end_ + 2 * patience) {
                for (; outstanding_ > 0; --outstanding_) tally_.failed("no answer");
                break;
            }
            for (int i = 0; i < count; ++i) serve(ready[static_cast<std::size_t>(i)]);
            send_due();
            if (tally_.failed() > most_failures) throw std::runtime_error("too many failures");
        }
        if (tally_.window_open()) tally_.close_window(Clock::now());
    }

private:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::seconds patience{20};
    static constexpr std::uint64_t most_failures = 1000;

    [[nodiscard]] bool open_loop() const { return plan_.rate > 0; }

    // When the next request of the open loop is due.
    [[nodiscard]] Moment next_due() const {
        return begin_ + std::chrono::nanoseconds{static_cast<std::int64_t>(
                            static_cast<double>(requests_.taken()) * 1e9 / plan_.rate)};
    }
    [[nodiscard]] bool more_due() const { return open_loop() && !used_up_ && next_due() < end_; }

    template <class Events>
    int wait(Events& ready) {
        auto left = std::chrono::nanoseconds{std::chrono::milliseconds{50}};
        if (more_due() && !free_.empty())
            left = std::clamp<std::chrono::nanoseconds>(next_due() - Clock::now(),
                                                        std::chrono::nanoseconds{0}, left);
        const timespec timeout{.tv_sec = 0, .tv_nsec = static_cast<long>(left.count())};
        return epoll_pwait2(epoll_, ready.data(), static_cast<int>(ready.size()), &timeout,
                            nullptr);
    }

    // What the open loop has sent late still belongs to the window: its answers are waited for.
    void end_of_window(Moment now) {
        if (open_loop()) return;
        used_up_ = true;
        if (tally_.window_open()) tally_.close_window(now);
    }

    // The server does not keep up with the rate. What was sent is still waited for: it counts in
    // what the server stores.
    void drop_backlog() {
        while (more_due() && !requests_.take().empty()) tally_.not_sent();
        used_up_ = true;
    }

    void serve(const epoll_event& event) {
        const std::size_t index = event.data.u64;
        Connection& connection = *connections_[index];
        if (connection.unsent()) {
            if (connection.flush() == Connection::Progress::failed) return lost(index);
            update(index);
            if (connection.unsent()) return;
        }
        const auto progress = connection.receive();
        if (progress == Connection::Progress::failed) return lost(index);
        if (progress == Connection::Progress::waiting) return;
        tally_.answered(connection.status(), connection.answer_bytes(), connection.due(),
                        Clock::now());
        --outstanding_;
        if (connection.closing()) reconnect(index);
        send_next(index);
    }

    // The connection is free: the closed loop uses it at once, the open loop when it is time.
    void send_next(std::size_t index) {
        if (!open_loop()) {
            if (!used_up_) send(index, Clock::now());
            return;
        }
        if (free_.empty()) free_since_ = Clock::now();
        free_.push_back(index);
    }

    void send_due() {
        while (more_due() && !free_.empty()) {
            const Moment due = next_due();
            const Moment now = Clock::now();
            if (due > now) return;
            const std::size_t index = free_.front();
            free_.pop_front();
            tally_.sent(std::max(due, free_since_), now);
            send(index, due);
        }
    }

    void send(std::size_t index, Moment due) {
        const std::string_view request = requests_.take();
        if (request.empty()) {
            used_up_ = true;
            return;
        }
        ++outstanding_;
        if (plan_.fresh_connections && connections_[index]->used()) {
            connections_[index]->say_goodbye();
            open(index);
        }
        if (connections_[index]->send(request, due) == Connection::Progress::failed)
            return lost(index);
        update(index);
    }

    // The request on this connection is not answered; whether the server did it is unknown. A
    // connection that ends while it is idle, when all is sent, is no failure.
    void lost(std::size_t index) {
        if (!connections_[index]->busy()) {
            epoll_ctl(epoll_, EPOLL_CTL_DEL, connections_[index]->fd(), nullptr);
            std::erase(free_, index);
            return;
        }
        tally_.failed(connections_[index]->failure());
        --outstanding_;
        if (tally_.failed() > most_failures) return;
        reconnect(index);
        send_next(index);
    }

    void reconnect(std::size_t index) {
        open(index);
        tally_.reconnected();
    }

    // The socket that was there is closed, which takes it out of the epoll set.
    void open(std::size_t index) {
        using Handshake = Connection::Handshake;
        connections_[index] = std::make_unique<Connection>(context_.get(), plan_.address,
                                                           plan_.fresh_connections || plan_.together
                                                               ? Handshake::with_first_request
                                                               : Handshake::at_once);
        watch(index, EPOLL_CTL_ADD, false);
    }

    void update(std::size_t index) {
        const bool blocked = connections_[index]->blocked();
        if (blocked != watched_for_room_[index]) watch(index, EPOLL_CTL_MOD, blocked);
    }

    void watch(std::size_t index, int operation, bool for_room) {
        epoll_event event{};
        event.events = EPOLLIN;
        if (for_room) event.events |= EPOLLOUT;
        event.data.u64 = index;
        epoll_ctl(epoll_, operation, connections_[index]->fd(), &event);
        watched_for_room_[index] = for_room;
    }

    Plan plan_;
    Requests& requests_;
    Tally& tally_;
    TlsContext context_ = tls_context();
    int epoll_;
    std::vector<std::unique_ptr<Connection>> connections_;
    std::vector<bool> watched_for_room_ = std::vector<bool>(plan_.connections);
    std::deque<std::size_t> free_;  // in the order in which they became so
    Moment free_since_;
    Moment begin_;
    Moment end_;
    std::size_t outstanding_ = 0;
    bool opened_ = false;
    bool used_up_ = false;
};

}  // namespace oracode::bench
