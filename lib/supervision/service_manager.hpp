// What the daemon tells systemd, or whoever else listens at $NOTIFY_SOCKET (sd_notify(3)). Without
// that variable nothing is sent. Any thread; nothing here blocks for long or fails.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace oracode::supervision {

// Whether anybody listens.
[[nodiscard]] bool is_managed();

void tell_ready(const std::string& status);
// The settings are being read again; `tell_ready` ends it.
void tell_reloading();
void tell_stopping(const std::string& status);
// One line for people: what `systemctl status` shows.
void tell_status(const std::string& status);
// Feeds the watchdog.
void tell_alive();

// Within what time the watchdog wants to be fed ($WATCHDOG_USEC, where $WATCHDOG_PID is us or is
// not set); nullopt: there is none.
[[nodiscard]] std::optional<std::chrono::microseconds> watchdog_interval();

}  // namespace oracode::supervision
