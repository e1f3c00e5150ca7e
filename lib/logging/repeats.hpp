// Which of many alike lines are written: the first in full, the rest as one sum a period for as
// long as they go on. Any thread; no clock of its own.
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

    // Of each kind `first` lines a `period` are written; none in one that follows on a period with
    // more than these.
    Repeats(std::size_t first, Clock::duration period) : first_(first), period_(period) {}

    [[nodiscard]] Decision decide(std::string_view event, std::string_view kind,
                                  Clock::time_point now);
    // What was counted and not summed up yet; counting begins again.
    [[nodiscard]] std::vector<Sum> take();
    [[nodiscard]] Clock::duration period() const { return period_; }

private:
    struct Count {
        Clock::time_point began{};  // of this period
        std::size_t seen = 0;       // in this period
        std::size_t may_write = 0;  // in this period
        std::uint64_t counted = 0;  // not summed up yet
    };

    const std::size_t first_;
    const Clock::duration period_;
    std::mutex mutex_;
    std::map<std::pair<std::string, std::string>, Count> kinds_;  // few: words of our own
    bool something_counted_ = false;
};

}  // namespace oracode::log
