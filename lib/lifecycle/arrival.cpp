#include "lifecycle/arrival.hpp"

namespace oracode::lifecycle {

bool in_order(const AccessCode& code, Timestamp now, Duration before) {
    const auto obstacles = not_ready(code, now);
    if (!obstacles.more_than(Obstacle::not_started)) return true;
    const auto& starts_at = code.starts_at.value;
    if (code.ended || !starts_at || now >= *starts_at - before) return false;
    for (const auto obstacle : obstacles.list()) {
        switch (obstacle) {
            case Obstacle::not_started:
            case Obstacle::not_set:
            case Obstacle::no_pin:
            case Obstacle::changing:
                break;
            case Obstacle::ended:
            case Obstacle::no_window:
            case Obstacle::error:
            case Obstacle::missing:
            case Obstacle::unmanaged:
            case Obstacle::altered:
                return false;
        }
    }
    return true;
}

void count_arrival(ArrivalCounts& counts, const AccessCode& code, Timestamp now, Duration before) {
    const auto& starts_at = code.starts_at.value;
    if (!starts_at || in_order(code, now, before)) return;
    if (*starts_at <= now) {
        ++counts.back();
        return;
    }
    using std::chrono::hours;
    constexpr std::array<Duration, 3> spans{hours{1}, hours{4}, longest_arrival_span};
    for (std::size_t i = 0; i < spans.size(); ++i)
        if (*starts_at <= now + spans.at(i)) ++counts.at(i);
}

}  // namespace oracode::lifecycle
