#include "logging/line_queue.hpp"

#include <utility>

#include <pthread.h>

namespace oracode::log {

LineQueue::LineQueue(std::size_t most, Write write, std::function<void()> alarm)
    : most_(most), write_(std::move(write)), alarm_(std::move(alarm)), thread_([this] { run(); }) {}

LineQueue::~LineQueue() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void LineQueue::push(std::string line) {
    {
        const std::lock_guard lock(mutex_);
        if (waiting_.size() >= most_) {
            waiting_.pop_front();
            ++lost_;
        }
        waiting_.push_back(std::move(line));
    }
    wake_.notify_one();
}

void LineQueue::set_alarm(std::chrono::steady_clock::time_point at) {
    {
        const std::lock_guard lock(mutex_);
        alarm_at_ = at;
    }
    wake_.notify_one();
}

std::uint64_t LineQueue::lost() const {
    const std::lock_guard lock(mutex_);
    return lost_;
}

void LineQueue::run() {
    pthread_setname_np(pthread_self(), "log");
    std::unique_lock lock(mutex_);
    for (;;) {
        if (alarm_at_ &&
            (std::chrono::steady_clock::now() >= *alarm_at_ || (ending_ && waiting_.empty())))
            ring(lock);
        if (waiting_.empty() && ending_) return;
        if (waiting_.empty()) {
            if (alarm_at_)
                wake_.wait_until(lock, std::chrono::steady_clock::time_point{*alarm_at_});
            else
                wake_.wait(lock);
            continue;
        }
        const auto line = std::move(waiting_.front());
        waiting_.pop_front();
        const auto lost = lost_;
        lock.unlock();
        write_(line, lost);
        lock.lock();
    }
}

void LineQueue::ring(std::unique_lock<std::mutex>& lock) {
    alarm_at_.reset();
    lock.unlock();
    alarm_();
    lock.lock();
}

}  // namespace oracode::log
