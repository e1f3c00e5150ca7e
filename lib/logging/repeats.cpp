#include "logging/repeats.hpp"

namespace oracode::log {

Repeats::Decision Repeats::decide(std::string_view event, std::string_view kind,
                                  Clock::time_point now) {
    const std::lock_guard lock(mutex_);
    auto& count = kinds_[{std::string(event), std::string(kind)}];
    if (count.written == 0 || now - count.began >= period_) {
        count.began = now;
        count.written = 0;
    }
    if (count.written < first_) {
        ++count.written;
        return Decision::write;
    }
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
