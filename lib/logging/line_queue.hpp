// The lines that wait for the writing thread, which sleeps while there are none. Full, it loses the
// oldest and counts them.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace oracode::log {

class LineQueue {
public:
    // `write` is called on the thread, with each line in its order and how many were lost so far.
    using Write = std::function<void(const std::string& line, std::uint64_t lost)>;
    // `alarm` is called there too, when the moment of `set_alarm` has come.
    LineQueue(std::size_t most, Write write, std::function<void()> alarm);
    // Writes what waits.
    ~LineQueue();
    LineQueue(const LineQueue&) = delete;
    LineQueue& operator=(const LineQueue&) = delete;

    // Any thread; never waits for the writing.
    void push(std::string line);
    // Once, at `at`, and at the end if that comes sooner. Any thread.
    void set_alarm(std::chrono::steady_clock::time_point at);
    [[nodiscard]] std::uint64_t lost() const;

private:
    void run();
    void ring(std::unique_lock<std::mutex>& lock);

    const std::size_t most_;
    const Write write_;
    const std::function<void()> alarm_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::string> waiting_;
    std::uint64_t lost_ = 0;
    std::optional<std::chrono::steady_clock::time_point> alarm_at_;
    bool ending_ = false;
    std::thread thread_;
};

}  // namespace oracode::log
