#include "metrics/delivery_lag.hpp"

#include <algorithm>
#include <bit>

namespace oracode::metrics {
namespace {

std::int64_t minute_of(Timestamp at) {
    return std::chrono::floor<std::chrono::minutes>(at).time_since_epoch().count();
}

}  // namespace

// The octave by the highest bit, its eighth by the three bits behind it; up to 8 ms one each.
std::size_t DeliveryLag::class_of(std::int64_t ms) {
    const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(ms, 0));
    if (value < 8) return static_cast<std::size_t>(value);
    const auto octave = static_cast<std::size_t>(std::bit_width(value)) - 4;
    const auto eighth = static_cast<std::size_t>(value >> octave) & 7U;
    return std::min((octave + 1) * 8 + eighth, classes - 1);
}

std::int64_t DeliveryLag::upper_end(std::size_t of_class) {
    if (of_class < 8) return static_cast<std::int64_t>(of_class);
    const auto octave = of_class / 8 - 1;
    return static_cast<std::int64_t>(((of_class % 8 + 9) << octave) - 1);
}

DeliveryLag::Figures DeliveryLag::figures_of(const Counts& counts, std::int64_t max) {
    Figures figures;
    for (const auto count : counts) figures.count += count;
    figures.max = Duration{max};
    const auto percentile = [&](std::uint64_t per_hundred) {
        const auto rank = (figures.count * per_hundred + 99) / 100;
        std::uint64_t passed = 0;
        for (std::size_t i = 0; i < counts.size(); ++i) {
            passed += counts.at(i);
            if (passed >= rank) return Duration{std::min(upper_end(i), max)};
        }
        return Duration{max};
    };
    if (figures.count == 0) return figures;
    figures.p50 = percentile(50);
    figures.p95 = percentile(95);
    figures.p99 = percentile(99);
    return figures;
}

void DeliveryLag::note(Duration lag, Timestamp now) {
    const auto minute = minute_of(now);
    const auto ms = std::max<std::int64_t>(lag.count(), 0);
    const std::lock_guard lock(mutex_);
    last_at_ = std::max(last_at_.value_or(now), now);
    auto& slot =
        slots_.at(static_cast<std::size_t>(std::max<std::int64_t>(minute, 0)) % minutes_kept);
    if (slot.minute != minute) slot = Slot{.minute = minute};
    ++slot.counts.at(class_of(ms));
    slot.max = std::max(slot.max, ms);
}

DeliveryLag::Report DeliveryLag::report(Timestamp now) const {
    const auto newest = minute_of(now);
    Report report;
    Counts all{};
    std::int64_t max = 0;
    const std::lock_guard lock(mutex_);
    report.last_at = last_at_;
    for (auto minute = newest - static_cast<std::int64_t>(minutes_kept) + 1; minute <= newest;
         ++minute) {
        const auto& slot =
            slots_.at(static_cast<std::size_t>(std::max<std::int64_t>(minute, 0)) % minutes_kept);
        if (slot.minute != minute) continue;
        for (std::size_t i = 0; i < classes; ++i) all.at(i) += slot.counts.at(i);
        max = std::max(max, slot.max);
        report.minutes.push_back(
            {Timestamp{std::chrono::minutes{minute}}, figures_of(slot.counts, slot.max)});
    }
    report.hour = figures_of(all, max);
    return report;
}

}  // namespace oracode::metrics
