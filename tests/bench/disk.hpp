// What the disk can do: the time of an append of 4 KiB that must survive a crash. Sets the latency
// of a commit in context. One thread.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include <bench/tally.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace oracode::bench {

// Appends and syncs in `folder` for `duration`; a JSON object. Throws std::runtime_error when it
// cannot write.
inline std::string disk_json(const std::string& folder, std::chrono::milliseconds duration) {
    using Clock = std::chrono::steady_clock;
    const std::string path = folder + "/fdatasync.tmp";
    const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) throw std::runtime_error("cannot write " + path);
    unlink(path.c_str());
    std::array<char, 4096> page{};
    page.fill('x');
    std::vector<std::uint32_t> latencies;
    const Moment begin = Clock::now();
    for (Moment before = begin; before < begin + duration;) {
        if (write(file, page.data(), page.size()) != static_cast<ssize_t>(page.size()) ||
            fdatasync(file) != 0) {
            close(file);
            throw std::runtime_error("cannot append to " + path);
        }
        const Moment now = Clock::now();
        using std::chrono::duration_cast;
        latencies.push_back(static_cast<std::uint32_t>(
            duration_cast<std::chrono::microseconds>(now - before).count()));
        before = now;
    }
    const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    close(file);
    std::sort(latencies.begin(), latencies.end());
    return fmt::format(R"({{"phase":"disk","rate":{:.1f},"p50_us":{},"p99_us":{},"max_us":{}}})",
                       static_cast<double>(latencies.size()) / seconds, percentile(latencies, 0.5),
                       percentile(latencies, 0.99), latencies.back());
}

}  // namespace oracode::bench
