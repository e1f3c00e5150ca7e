#include "logging/line_queue.hpp"

#include <utility>

#include <pthread.h>

namespace oracode::log {

LineQueue::LineQueue(std::size_t most, Write write)
    : most_(most), write_(std::move(write)), thread_([this] { run(); }) {}

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

std::uint64_t LineQueue::lost() const {
    const std::lock_guard lock(mutex_);
    return lost_;
}

void LineQueue::run() {
    pthread_setname_np(pthread_self(), "log");
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] { return !waiting_.empty() || ending_; });
        if (waiting_.empty()) return;
        const auto line = std::move(waiting_.front());
        waiting_.pop_front();
        const auto lost = lost_;
        lock.unlock();
        write_(line, lost);
        lock.lock();
    }
}

}  // namespace oracode::log
