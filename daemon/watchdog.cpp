#include "daemon/watchdog.hpp"

#include <algorithm>

#include "logging/log.hpp"
#include "supervision/service_manager.hpp"

namespace oracode::daemon {

void WatchdogFeeder::start() {
    const auto interval = supervision::watchdog_interval();
    if (!interval) return;
    // Asked a quarter before it is looked: what takes longer than that at a time is not well.
    pause_ = std::max(*interval / 4, std::chrono::microseconds{1'000});
    log::info("watchdog.fed", {{"interval_s", std::chrono::duration<double>(*interval).count()}});
    look();
}

// A timer that has run out cannot be called back: its handler finds the flag.
void WatchdogFeeder::stop() {
    stopped_ = true;
    timer_.cancel();
}

void WatchdogFeeder::look() {
    if (stopped_) return;
    const auto silent = watchdog_.look(std::chrono::steady_clock::now());
    if (silent.empty()) supervision::notify_alive();
    report(silent);
    timer_.expires_after(pause_);
    timer_.async_wait([this](const boost::system::error_code& error) {
        if (!error) look();
    });
}

void WatchdogFeeder::report(const std::vector<std::string>& silent) {
    for (const auto& part : silent)
        if (std::ranges::find(silent_, part) == silent_.end())
            log::error("watchdog.stuck", {{"part", part}});
    if (silent.empty() && !silent_.empty()) log::info("watchdog.recovered");
    silent_ = silent;
}

}  // namespace oracode::daemon
