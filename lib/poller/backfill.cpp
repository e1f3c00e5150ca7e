#include "poller/backfill.hpp"

#include <algorithm>

namespace oracode::poller {
namespace {

constexpr std::chrono::microseconds tick{1};
// While the stretch is long the halves overlap by more than a server that cuts its bounds to
// milliseconds can lose.
constexpr std::chrono::microseconds wide_overlap{1000};

}  // namespace

void Backfill::begin(Timestamp from, Timestamp to) {
    open_.assign(1, TimeRange{Instant{std::min(from, to)} - tick, Instant{to} + tick});
    end_ = to;
}

std::optional<TimeRange> Backfill::next() const {
    if (open_.empty()) return std::nullopt;
    return open_.back();
}

bool Backfill::answered(std::size_t events, std::size_t page_limit) {
    if (open_.empty()) return false;
    const auto window = open_.back();
    open_.pop_back();
    if (events < page_limit) return false;
    const auto length = window.to - window.from;
    if (length <= 2 * tick) return true;  // one microsecond lies between the ends
    const auto middle = window.from + length / 2;
    const auto overlap = length > 16 * wide_overlap ? wide_overlap : tick;
    open_.push_back({overlap == tick ? middle : middle - overlap, window.to});
    open_.push_back({window.from, middle + overlap});
    return false;
}

std::optional<Timestamp> Backfill::finished_to() const {
    return open_.empty() ? end_ : std::nullopt;
}

}  // namespace oracode::poller
