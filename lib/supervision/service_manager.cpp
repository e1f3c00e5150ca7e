#include "supervision/service_manager.hpp"

#include <cstdint>
#include <cstdlib>
#include <ctime>

#include <fmt/format.h>
#include <systemd/sd-daemon.h>

namespace oracode::supervision {
namespace {

void send(const std::string& message) {
    sd_notify(0, message.c_str());
}

// systemd compares it with its own clock, to tell this reload from the one before.
std::int64_t monotonic_us() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1'000;
}

}  // namespace

bool is_managed() {
    const char* socket =
        std::getenv("NOTIFY_SOCKET");  // NOLINT(concurrency-mt-unsafe): nothing here sets variables
    return socket != nullptr && *socket != '\0';
}

void tell_ready(const std::string& status) {
    send("READY=1\nSTATUS=" + status);
}

void tell_reloading() {
    send(fmt::format("RELOADING=1\nMONOTONIC_USEC={}\nSTATUS=Reading the settings again",
                     monotonic_us()));
}

void tell_stopping(const std::string& status) {
    send("STOPPING=1\nSTATUS=" + status);
}

void tell_status(const std::string& status) {
    send("STATUS=" + status);
}

void tell_alive() {
    send("WATCHDOG=1");
}

std::optional<std::chrono::microseconds> watchdog_interval() {
    std::uint64_t interval = 0;
    if (sd_watchdog_enabled(0, &interval) <= 0) return std::nullopt;
    return std::chrono::microseconds{static_cast<std::int64_t>(interval)};
}

}  // namespace oracode::supervision
