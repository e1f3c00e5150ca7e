#include "seam/clock_offset.hpp"

#include <algorithm>
#include <iterator>
#include <vector>

namespace oracode::seam {

void ClockOffset::observe(Timestamp date, Timestamp sent_at, Timestamp received_at) {
    // An answer that took longer says less than its delay.
    constexpr Duration longest_exchange = std::chrono::seconds{10};
    if (received_at < sent_at || received_at - sent_at > longest_exchange) return;
    constexpr Duration half_a_second{500};
    const auto sample = date + half_a_second - (sent_at + (received_at - sent_at) / 2);
    // One answer may come from something with a clock of its own; two that agree against all before
    // mean that a clock was set.
    const auto far = [](Duration a, Duration b) {
        return std::chrono::abs(a - b) > least_correction;
    };
    if (samples_.size() > 1 && !far(samples_.back(), sample) && far(*estimate(), sample))
        samples_.erase(samples_.begin(), std::prev(samples_.end()));
    samples_.push_back(sample);
    if (samples_.size() > samples_kept) samples_.pop_front();
}

std::optional<Duration> ClockOffset::estimate() const {
    if (samples_.empty()) return std::nullopt;
    std::vector<Duration> sorted(samples_.begin(), samples_.end());
    const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
    std::nth_element(sorted.begin(), middle, sorted.end());
    return *middle;
}

Duration ClockOffset::correction() const {
    const auto offset = estimate().value_or(Duration{0});
    return offset < least_correction && offset > -least_correction ? Duration{0} : offset;
}

Duration ClockOffset::correction_by(std::optional<Timestamp> date, Timestamp sent_at,
                                    Timestamp received_at) {
    ClockOffset offset;
    if (date) offset.observe(*date, sent_at, received_at);
    return offset.correction();
}

}  // namespace oracode::seam
