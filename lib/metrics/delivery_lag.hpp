// How late deliveries came lately: an hour of it, minute by minute, in a fixed amount of memory.
// Owned by Metrics; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "core/time.hpp"

namespace oracode::metrics {

class DeliveryLag {
public:
    struct Figures {
        std::uint64_t count = 0;
        Duration p50{};  // a percentile is exact to within an eighth of its value
        Duration p95{};
        Duration p99{};
        Duration max{};
    };
    struct Minute {
        Timestamp begins_at;
        Figures figures;
    };
    struct Report {
        std::optional<Timestamp> last_at;  // when the last delivery came
        Figures hour;                      // of the last hour
        std::vector<Minute> minutes;       // those with deliveries, oldest first
    };

    void note(Duration lag, Timestamp now);
    [[nodiscard]] Report report(Timestamp now) const;

    static constexpr std::size_t minutes_kept = 60;

private:
    // Eight to an octave of milliseconds, up to twelve days.
    static constexpr std::size_t classes = 8UL * 28;
    using Counts = std::array<std::uint32_t, classes>;
    struct Slot {
        std::int64_t minute = -1;  // since the epoch
        std::int64_t max = 0;
        Counts counts{};
    };

    static std::size_t class_of(std::int64_t ms);
    static std::int64_t upper_end(std::size_t of_class);
    static Figures figures_of(const Counts& counts, std::int64_t max);

    mutable std::mutex mutex_;
    std::optional<Timestamp> last_at_;
    std::array<Slot, minutes_kept> slots_;
};

}  // namespace oracode::metrics
