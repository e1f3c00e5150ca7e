// Many attackers at once, and Svix among them: what each of them does and what came of it.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <sys/resource.h>
#include <unistd.h>

#include "ctl/failure.hpp"
#include "ctl/lifecycle_script.hpp"
#include "support/daemon.hpp"
#include "support/http_client.hpp"

namespace oracode::test {

using SteadyClock = std::chrono::steady_clock;

// Attackers have machines of their own: what they compute must not be the daemon's loss.
inline void take_the_lowest_priority() {
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), 19);
}

// Attackers come from other addresses than Svix does.
inline std::string attacker_address(unsigned number) {
    return "127.0.1." + std::to_string(1 + number % 200);
}

enum class Slowness { head, body, handshake, reading };
inline constexpr std::array all_slownesses{Slowness::head, Slowness::body, Slowness::handshake,
                                           Slowness::reading};

// One connection that is kept open as long as the daemon lets it be, by next to nothing.
class SlowConnection {
public:
    SlowConnection(unsigned short port, Slowness slowness, unsigned number)
        : slowness_(slowness),
          client_(HttpClient::tcp(port, "127.0.0.1", attacker_address(number).c_str())) {
        if (slowness == Slowness::handshake) {
            client_.send_raw({"\x16\x03\x01", 3});
            return;
        }
        if (slowness == Slowness::reading) client_.narrow();
        client_.start_tls();
        if (slowness == Slowness::head) {
            client_.send("POST /webhooks/seam HTTP/1.1\r\nHost: a\r\nX-Slow: ");
        } else if (slowness == Slowness::body) {
            client_.send(
                "POST /webhooks/seam HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n{");
        } else {
            std::string requests;
            for (int i = 0; i < 200; ++i) requests += "GET /elsewhere HTTP/1.1\r\nHost: a\r\n\r\n";
            client_.send(requests);
        }
    }

    // A byte more; false once the connection is gone or not worth keeping.
    bool go_on() {
        if (slowness_ == Slowness::reading)
            return SteadyClock::now() - since_ < std::chrono::seconds{20};
        if (slowness_ == Slowness::handshake)
            client_.send_raw({"\x01", 1});
        else
            client_.send("x");
        return !client_.refused();
    }

private:
    Slowness slowness_;
    HttpClient client_;
    SteadyClock::time_point since_ = SteadyClock::now();
};

// Attackers of several kinds on threads of their own, until this goes.
class Attackers {
public:
    explicit Attackers(unsigned short port) : port_(port) {}

    // So many slow connections of each kind, kept up.
    void hold_slow(std::size_t of_each) {
        for (const auto slowness : all_slownesses)
            threads_.emplace_back([this, of_each, slowness](const std::stop_token& stop) {
                hold(of_each, slowness, stop);
            });
    }
    void flood_with_handshakes() {
        flood([this](HttpClient& client) {
            client.vanish();
            ++handshakes;
            return false;
        });
    }
    // Deliveries without a signature, to nowhere, with a method and of a length that are refused.
    void flood_with_refused() {
        const auto post = [](const std::string& path, const std::string& more) {
            return "POST " + path + " HTTP/1.1\r\nHost: a\r\n" + more + "\r\n";
        };
        const std::vector<std::string> requests{
            post("/webhooks/seam", "Content-Length: 2\r\n") + "{}",
            post("/elsewhere", "Content-Length: 0\r\n"),
            "DELETE /webhooks/seam HTTP/1.1\r\nHost: a\r\n\r\n",
            post("/webhooks/seam", "Content-Length: 9999999\r\n")};
        flood([this, requests](HttpClient& client) {
            client.ask(requests[refused++ % requests.size()]);
            return true;
        });
    }
    void flood_with_forged() {
        auto delivery = signed_delivery("{\"event_id\":\"" + std::string(2'000, 'x') + "\"}");
        delivery.body[0] = ' ';
        flood([this, forged_one = as_text(delivery)](HttpClient& client) {
            ++forged;
            return client.ask(forged_one).status == 401;
        });
    }
    [[nodiscard]] std::size_t slow() const { return slow_; }

    std::atomic<std::size_t> handshakes = 0;
    std::atomic<std::size_t> refused = 0;
    std::atomic<std::size_t> forged = 0;

private:
    void hold(std::size_t count, Slowness slowness, const std::stop_token& stop) {
        take_the_lowest_priority();
        std::vector<std::optional<SlowConnection>> held(count);
        const auto first = static_cast<unsigned>(slowness) * 50;
        unsigned number = 0;
        const auto pause =
            std::chrono::nanoseconds{std::chrono::seconds{1}} / static_cast<int>(count);
        auto due = SteadyClock::now();
        for (std::size_t at = 0; !stop.stop_requested(); at = (at + 1) % count) {
            // Each by itself: they come to the daemon evenly.
            due = std::max(due + pause, SteadyClock::now() - std::chrono::seconds{1});
            std::this_thread::sleep_until(due);
            auto& connection = held[at];
            try {
                if (connection && connection->go_on()) continue;
                if (connection) --slow_;
                connection.reset();
                connection.emplace(port_, slowness, first + number++ % 50);
                ++slow_;
            } catch (const std::runtime_error&) {  // next time
            }
        }
    }
    // Calls `attack` with a connection whose handshake is done, and with the same one as long as
    // it says so.
    template <class Attack>
    void flood(Attack attack) {
        threads_.emplace_back([this, attack](const std::stop_token& stop) {
            take_the_lowest_priority();
            for (unsigned number = 0; !stop.stop_requested(); ++number) {
                try {
                    auto client =
                        HttpClient::tcp(port_, "127.0.0.1", attacker_address(number).c_str());
                    client.start_tls();
                    while (!stop.stop_requested() && attack(client)) {
                    }
                } catch (const std::runtime_error&) {  // closed, as some of the answers say
                }
            }
        });
    }

    unsigned short port_;
    std::atomic<std::size_t> slow_ = 0;
    std::vector<std::jthread> threads_;
};

// Delivers at a steady rate, on kept connections and now and then on a new one, and measures from
// the moment at which a delivery was due.
class SteadyDeliveries {
public:
    SteadyDeliveries(const Daemon& daemon, int senders, std::chrono::milliseconds interval)
        : daemon_(daemon), interval_(interval) {
        for (int i = 0; i < senders; ++i)
            threads_.emplace_back([this](const std::stop_token& stop) { deliver(stop); });
    }
    // Ends them. The answers' times, shortest first.
    std::vector<std::chrono::microseconds> stop() {
        threads_.clear();
        std::ranges::sort(times_);
        return times_;
    }
    // What was answered otherwise than by 204, and by what.
    [[nodiscard]] std::string unexpected() const {
        const std::lock_guard lock(mutex_);
        return unexpected_;
    }
    [[nodiscard]] std::size_t acknowledged() const {
        const std::lock_guard lock(mutex_);
        return times_.size();
    }

private:
    void deliver(const std::stop_token& stop) {
        auto client = daemon_.webhook_client();
        auto due = SteadyClock::now();
        for (int count = 0; !stop.stop_requested(); ++count) {
            std::this_thread::sleep_until(due);
            if (count % 10 == 9) client = daemon_.webhook_client();
            const auto outcome = attempt(*client);
            const auto took = SteadyClock::now() - due;
            const std::lock_guard lock(mutex_);
            if (outcome.empty())
                times_.push_back(std::chrono::duration_cast<std::chrono::microseconds>(took));
            else
                unexpected_ += outcome + "\n";
            due = std::max(due + interval_, SteadyClock::now() - interval_ * 10);
        }
    }
    static std::string attempt(ctl::HttpClient& client) try {
        const auto body = event_json(
            {"access_code.created", "code" + ctl::fresh_uuid().substr(0, 2), ctl::fresh_uuid()});
        const auto status = client.exchange(signed_delivery(body)).status;
        return status == 204 ? "" : "answered " + std::to_string(status);
    } catch (const ctl::Failure& failure) {
        return failure.what();
    }

    const Daemon& daemon_;
    std::chrono::milliseconds interval_;
    mutable std::mutex mutex_;
    std::vector<std::chrono::microseconds> times_;
    std::string unexpected_;
    std::vector<std::jthread> threads_;
};

}  // namespace oracode::test
