#include "supervision/service_manager.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <string_view>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/text.hpp"

namespace oracode::supervision {
namespace {

std::string variable(const char* name) {
    const char* value =
        std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing here sets variables
    return value != nullptr ? value : "";
}

// Lost where there is no receiver: a service must not fail for that.
void send(std::string_view message) {
    const auto path = variable("NOTIFY_SOCKET");
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    if (path.size() < 2 || path.size() >= sizeof name.sun_path) return;
    path.copy(name.sun_path, path.size());
    // '@' stands for the NUL of an abstract address, which has no end but its length.
    if (path.front() == '@') name.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
    const int descriptor = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return;
    ::sendto(descriptor, message.data(), message.size(), MSG_NOSIGNAL,
             reinterpret_cast<const sockaddr*>(&name), size);
    ::close(descriptor);
}

// systemd compares it with its own clock, to tell this reload from the one before.
std::int64_t monotonic_us() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1'000;
}

}  // namespace

bool is_managed() {
    return !variable("NOTIFY_SOCKET").empty();
}

void notify_ready(const std::string& status) {
    send("READY=1\nSTATUS=" + status);
}

void notify_reloading() {
    send(fmt::format("RELOADING=1\nMONOTONIC_USEC={}\nSTATUS=Reading the settings again",
                     monotonic_us()));
}

void notify_stopping(const std::string& status) {
    send("STOPPING=1\nSTATUS=" + status);
}

void notify_status(const std::string& status) {
    send("STATUS=" + status);
}

void notify_alive() {
    send("WATCHDOG=1");
}

std::optional<std::chrono::microseconds> watchdog_interval() {
    const auto interval = parse_number<std::int64_t>(variable("WATCHDOG_USEC"));
    if (!interval || *interval <= 0) return std::nullopt;
    const auto whose = variable("WATCHDOG_PID");
    if (!whose.empty() && parse_number<pid_t>(whose) != ::getpid()) return std::nullopt;
    return std::chrono::microseconds{*interval};
}

std::vector<PassedDescriptor> passed_descriptors() {
    constexpr int first = 3;
    const auto count = parse_number<int>(variable("LISTEN_FDS"));
    if (!count || parse_number<pid_t>(variable("LISTEN_PID")) != ::getpid()) return {};
    const auto names = variable("LISTEN_FDNAMES");
    std::vector<PassedDescriptor> passed;
    for (std::size_t at = 0; static_cast<int>(passed.size()) < *count;) {
        const auto colon = std::min(names.find(':', at), names.size());
        const int descriptor = first + static_cast<int>(passed.size());
        ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
        passed.push_back({descriptor, names.substr(at, colon - at)});
        at = std::min(colon + 1, names.size());
    }
    return passed;
}

}  // namespace oracode::supervision
