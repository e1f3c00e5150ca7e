// Which of many alike lines are written: the first of a period in full, the rest as a sum. Any
// thread; no clock of its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace oracode::log {

class Repeats {
public:
    using Clock = std::chrono::steady_clock;
    struct Sum {
        std::string event;
        std::string kind;
        std::uint64_t lines = 0;
    };
    enum class Decision { write, count, count_first };  // count_first: now there is a sum to write

    // Of each kind `first` lines a `period` are written.
    Repeats(std::size_t first, Clock::duration period) : first_(first), period_(period) {}

    [[nodiscard]] Decision decide(std::string_view event, std::string_view kind,
                                  Clock::time_point now);
    // What was counted and not summed up yet; counting begins again.
    [[nodiscard]] std::vector<Sum> take();
    [[nodiscard]] Clock::duration period() const { return period_; }

private:
    struct Count {
        Clock::time_point began;
        std::size_t written = 0;
        std::uint64_t counted = 0;
    };

    const std::size_t first_;
    const Clock::duration period_;
    std::mutex mutex_;
    std::map<std::pair<std::string, std::string>, Count> kinds_;  // few: words of our own
    bool something_counted_ = false;
};

}  // namespace oracode::log
