// systemd's side of a service: what the daemon reports to it, or any other listener at
// $NOTIFY_SOCKET (sd_notify(3)), and what it is given. Without these variables nothing happens. Any
// thread; nothing here blocks for long or fails. The protocols are a datagram and three variables;
// libsystemd would bring six more libraries into memory for them.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace oracode::supervision {

// Whether a service manager listens.
[[nodiscard]] bool is_managed();

void notify_ready(const std::string& status);
// The settings are being read again; `notify_ready` ends it.
void notify_reloading();
void notify_stopping(const std::string& status);
// One line for people: what `systemctl status` shows.
void notify_status(const std::string& status);
// Feeds the watchdog.
void notify_alive();

// Within what time the watchdog wants to be fed ($WATCHDOG_USEC, where $WATCHDOG_PID is us or is
// not set); nullopt: there is none.
[[nodiscard]] std::optional<std::chrono::microseconds> watchdog_interval();

struct PassedDescriptor {
    int number;
    std::string name;  // empty where it was given none
};
// sd_listen_fds_with_names(3): what $LISTEN_FDS passes where $LISTEN_PID is us. They are closed in
// programs that this one starts. Once, before there are threads.
[[nodiscard]] std::vector<PassedDescriptor> passed_descriptors();

}  // namespace oracode::supervision
