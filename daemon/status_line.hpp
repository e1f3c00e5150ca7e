// The line that `systemctl status` shows: how many codes there are, when Seam was last heard of,
// what is wrong. Sent only when something happened, and never more than once a second; without a
// service manager it never wakes. Owned by App.
#pragma once

#include <atomic>
#include <optional>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "core/time.hpp"
#include "store/reader.hpp"

namespace oracode::metrics {
class Metrics;
}
namespace oracode::poller {
class Poller;
}

namespace oracode::daemon {

class StatusLine {
public:
    // What these refer to outlives this. Opens a Reader where there is a service manager.
    struct Dependencies {
        const std::string& database;
        const metrics::Metrics& metrics;
        const poller::Poller& poller;
        Clock now;
        Duration grace{};  // of being overdue
    };
    StatusLine(boost::asio::io_context& context, Dependencies deps);

    // On the context's thread.
    [[nodiscard]] std::string text();
    // Any thread, cheap.
    void changed();
    // Says no more. Any thread.
    void stop() { active_ = false; }

private:
    Dependencies deps_;
    boost::asio::io_context& context_;
    boost::asio::steady_timer timer_;
    std::optional<store::Reader> reader_;
    std::atomic<bool> active_{false};
    std::atomic<bool> planned_{false};
    std::string last_sent_;
};

}  // namespace oracode::daemon
