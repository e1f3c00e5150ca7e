// The lines that wait for the writing thread, which sleeps while there are none. Full, it loses the
// oldest and counts them.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace oracode::log {

class LineQueue {
public:
    // `write` is called on the thread, with each line in its order and how many were lost so far.
    using Write = std::function<void(const std::string& line, std::uint64_t lost)>;
    LineQueue(std::size_t most, Write write);
    // Writes what waits.
    ~LineQueue();
    LineQueue(const LineQueue&) = delete;
    LineQueue& operator=(const LineQueue&) = delete;

    // Any thread; never waits for the writing.
    void push(std::string line);
    [[nodiscard]] std::uint64_t lost() const;

private:
    void run();

    const std::size_t most_;
    const Write write_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::string> waiting_;
    std::uint64_t lost_ = 0;
    bool ending_ = false;
    std::thread thread_;
};

}  // namespace oracode::log
