#include "devices/creation_rate_limit.hpp"

#include <algorithm>

namespace oracode::devices {
namespace {

constexpr std::chrono::minutes minute{1};

}  // namespace

void CreationRateLimit::note(const std::string& device_id, Timestamp now) {
    forget_old(now);
    noted_[device_id].push_back(now);
}

void CreationRateLimit::take_back(const std::string& device_id) {
    const auto found = noted_.find(device_id);
    if (found != noted_.end() && !found->second.empty()) found->second.pop_back();
}

std::size_t CreationRateLimit::within_a_minute(const std::string& device_id, Timestamp now) {
    forget_old(now);
    const auto found = noted_.find(device_id);
    return found == noted_.end() ? 0 : found->second.size();
}

Duration CreationRateLimit::wait(const std::string& device_id, std::size_t most, Timestamp now) {
    const auto count = within_a_minute(device_id, now);
    if (count < most) return Duration{0};
    const auto& times = noted_.at(device_id);
    return times[count - most] + minute - now;
}

// Also what lies in the future: the clock was set back.
void CreationRateLimit::forget_old(Timestamp now) {
    for (auto lock = noted_.begin(); lock != noted_.end();) {
        std::erase_if(lock->second, [now](Timestamp at) { return at > now || at + minute <= now; });
        lock = lock->second.empty() ? noted_.erase(lock) : std::next(lock);
    }
}

}  // namespace oracode::devices
