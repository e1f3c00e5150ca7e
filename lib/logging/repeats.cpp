#include "logging/repeats.hpp"

namespace oracode::log {

Repeats::Decision Repeats::decide(std::string_view event, std::string_view kind,
                                  Clock::time_point now) {
    const std::lock_guard lock(mutex_);
    auto& count = kinds_[{std::string(event), std::string(kind)}];
    if (count.seen == 0 || now - count.began >= period_) {
        const bool goes_on = count.seen > first_ && now - count.began < 2 * period_;
        count.began = now;
        count.seen = 0;
        count.may_write = goes_on ? 0 : first_;
    }
    if (++count.seen <= count.may_write) return Decision::write;
    ++count.counted;
    return std::exchange(something_counted_, true) ? Decision::count : Decision::count_first;
}

std::vector<Repeats::Sum> Repeats::take() {
    const std::lock_guard lock(mutex_);
    std::vector<Sum> sums;
    for (auto& [name, count] : kinds_)
        if (const auto lines = std::exchange(count.counted, 0); lines > 0)
            sums.push_back({name.first, name.second, lines});
    something_counted_ = false;
    return sums;
}

}  // namespace oracode::log
