// Feeds systemd's watchdog as long as every part of the daemon gets on, and says which one does
// not. Without a watchdog it never wakes. Owned by App; on its control thread.
#pragma once

#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "supervision/liveness.hpp"

namespace oracode::daemon {

class WatchdogFeeder {
public:
    // `liveness` outlives this.
    WatchdogFeeder(boost::asio::io_context& context, const supervision::Liveness& liveness)
        : timer_(context), watchdog_(liveness) {}

    // Does nothing where no watchdog is set.
    void start();
    // From here on the parts are not asked any more: to be called before the first of them goes.
    void stop();

private:
    void look();
    void report(const std::vector<std::string>& silent);

    boost::asio::steady_timer timer_;
    supervision::Watchdog watchdog_;
    std::chrono::microseconds pause_{};
    std::vector<std::string> silent_;
    bool stopped_ = false;
};

}  // namespace oracode::daemon
