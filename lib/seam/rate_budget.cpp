#include "seam/rate_budget.hpp"

#include <algorithm>

namespace oracode::seam {

// Beginning full, a bucket of b tokens gives out at most b + (its refill per minute) - 1 in 60 s.
RateBudget::RateBudget(unsigned requests_per_minute) {
    const auto most = std::max<std::int64_t>(requests_per_minute, 1);
    const auto burst = std::max<std::int64_t>(most / 10, 1);
    const auto refill = most - burst + 1;
    interval_ = std::chrono::microseconds{(60'000'000 + refill - 1) / refill};
    burst_ = interval_ * (burst - 1);
}

// The wall clock may be set back; what was waited for then must not become hours.
void RateBudget::notice(Timestamp now) {
    if (now < last_seen_) {
        const auto back = last_seen_ - now;
        full_at_ -= back;
        punished_until_ -= back;
    }
    last_seen_ = now;
}

Timestamp RateBudget::next_allowed(Timestamp now) {
    notice(now);
    const auto earliest = std::chrono::ceil<Duration>(full_at_ - burst_);
    return std::max({now, earliest, punished_until_});
}

bool RateBudget::take(Timestamp now) {
    if (next_allowed(now) > now) return false;
    full_at_ = std::max<Instant>(full_at_, now) + interval_;
    return true;
}

void RateBudget::punish(Timestamp now, Duration retry_after) {
    notice(now);
    punished_until_ = std::max(punished_until_, now + retry_after);
}

}  // namespace oracode::seam
