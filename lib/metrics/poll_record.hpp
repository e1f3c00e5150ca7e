// How asking Seam went lately: an hour of it, minute by minute, in a fixed amount of memory. Owned
// by Metrics; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <vector>

#include "core/time.hpp"

namespace oracode::metrics {

class PollRecord {
public:
    struct Minute {
        Timestamp begins_at;
        std::uint64_t answered = 0;
        std::uint64_t failed = 0;

        friend bool operator==(const Minute&, const Minute&) = default;
    };

    // One request; `answered`: Seam said what was asked for, or that there is no such code.
    void note(bool answered, Timestamp now);
    // The minutes of the last hour in which Seam was asked, oldest first.
    [[nodiscard]] std::vector<Minute> report(Timestamp now) const;

    static constexpr std::size_t minutes_kept = 60;

private:
    [[nodiscard]] static std::size_t place_of(Timestamp minute);

    mutable std::mutex mutex_;
    std::array<Minute, minutes_kept> minutes_{};
};

}  // namespace oracode::metrics
