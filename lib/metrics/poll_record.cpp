#include "metrics/poll_record.hpp"

#include <algorithm>

namespace oracode::metrics {
namespace {

using std::chrono::minutes;

Timestamp minute_of(Timestamp at) {
    return std::chrono::floor<minutes>(at);
}

}  // namespace

std::size_t PollRecord::place_of(Timestamp minute) {
    const auto number = std::chrono::duration_cast<minutes>(minute.time_since_epoch()).count();
    return static_cast<std::size_t>(std::max<std::int64_t>(number, 0)) % minutes_kept;
}

void PollRecord::note(bool answered, Timestamp now) {
    const auto begins_at = minute_of(now);
    const std::lock_guard lock(mutex_);
    auto& minute = minutes_.at(place_of(begins_at));
    if (minute.begins_at != begins_at) minute = Minute{.begins_at = begins_at};
    ++(answered ? minute.answered : minute.failed);
}

std::vector<PollRecord::Minute> PollRecord::report(Timestamp now) const {
    const auto newest = minute_of(now);
    std::vector<Minute> report;
    const std::lock_guard lock(mutex_);
    for (auto at = newest - minutes{minutes_kept - 1}; at <= newest; at += minutes{1}) {
        const auto& minute = minutes_.at(place_of(at));
        if (minute.begins_at == at && minute.answered + minute.failed > 0) report.push_back(minute);
    }
    return report;
}

}  // namespace oracode::metrics
