#include "logging/line_writer.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>

#include <poll.h>
#include <unistd.h>

namespace oracode::log {
namespace {
constexpr int slice_ms = 100;
constexpr int slices_in_hurry = 10;
}  // namespace

bool LineWriter::wait_writable() {
    for (int waited_in_hurry = 0; waited_in_hurry < slices_in_hurry;) {
        pollfd poll_for{descriptor_, POLLOUT, 0};
        const int ready = ::poll(&poll_for, 1, slice_ms);
        if (ready > 0) return true;
        if (ready < 0 && errno != EINTR) return false;
        if (hurry_) ++waited_in_hurry;
    }
    return false;
}

void LineWriter::write(std::string_view line) {
    if (abandoned_) return;
    while (!line.empty()) {
        if (!wait_writable()) {
            abandoned_ = hurry_;
            return;
        }
        // A pipe that polls writable takes PIPE_BUF bytes without blocking, not more.
        const auto written =
            ::write(descriptor_, line.data(), std::min(line.size(), std::size_t{PIPE_BUF}));
        if (written >= 0)
            line.remove_prefix(static_cast<std::size_t>(written));
        else if (errno != EINTR && errno != EAGAIN)
            return;
    }
}

}  // namespace oracode::log
