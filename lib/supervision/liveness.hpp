// The parts of the daemon that have to get on, and when each last did. Filled while the daemon
// starts; then any thread may ask.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "async/loop_thread.hpp"

namespace oracode::supervision {

using Moment = std::chrono::steady_clock::time_point;

class Liveness {
public:
    struct Part {
        std::string name;
        std::function<void()> ask;              // to show itself soon; must not block
        std::function<Moment()> last_progress;  // moves on only by the part's own doing
    };

    // A thread that runs `context`, which outlives this: it shows itself by running what is posted
    // to it.
    void add(std::string name, boost::asio::io_context& context);
    void add(async::LoopThread& thread) { add(thread.name(), thread.context()); }
    void add(Part part) { parts_.push_back(std::move(part)); }

    void ask() const;
    // Those that have not got on since `then`.
    [[nodiscard]] std::vector<std::string> silent_since(Moment then) const;
    [[nodiscard]] const std::vector<Part>& parts() const { return parts_; }

private:
    std::vector<Part> parts_;
};

// Decides whether the watchdog may be fed. One thread's.
class Watchdog {
public:
    // `liveness` outlives this.
    explicit Watchdog(const Liveness& liveness) : liveness_(liveness) {}

    // One round: names the parts that have not got on since the round before, and asks all again.
    // Empty: every one has, and the watchdog may be fed.
    [[nodiscard]] std::vector<std::string> look(Moment now);

private:
    const Liveness& liveness_;
    Moment requested_at_ = Moment::min();
};

}  // namespace oracode::supervision
