// What the requests that a listener is receiving may hold in memory together. Shared by its
// sessions; any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

#include "http/limits.hpp"

namespace oracode::http {

class BodyBudget {
public:
    explicit BodyBudget(const Limits& limits)
        : most_(limits.max_bodies), allowance_(limits.body_allowance) {}

    // What one request holds. Given back when destroyed; not shared between threads.
    class Share {
    public:
        // Without a budget every size is granted.
        explicit Share(BodyBudget* budget) : budget_(budget) {}
        Share(const Share&) = delete;
        Share& operator=(const Share&) = delete;
        ~Share() { release(); }

        // True: `bytes` may be held from now on. False: there is not so much left; the share stays
        // as it is.
        [[nodiscard]] bool grow_to(std::size_t bytes);
        void release();

    private:
        BodyBudget* budget_;
        std::size_t held_ = 0;
    };

    // Bytes.
    [[nodiscard]] std::size_t used() const { return used_.load(std::memory_order_relaxed); }
    // True once when much was in use and little is any more: the allocator keeps the memory unless
    // it is trimmed.
    [[nodiscard]] bool subsided() {
        return swollen_.load(std::memory_order_relaxed) && used() <= little &&
               swollen_.exchange(false);
    }

private:
    static constexpr std::size_t much = 8UL * 1024 * 1024;
    static constexpr std::size_t little = much / 8;

    const std::size_t most_;
    const std::size_t allowance_;
    std::atomic<std::size_t> used_{0};
    std::atomic<bool> swollen_{false};
};

}  // namespace oracode::http
