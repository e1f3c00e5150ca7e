// Which stretches of time still have to be asked for in Seam's list of events. Pure; owned by the
// Planner.
#pragma once

#include <optional>
#include <vector>

#include "core/time.hpp"

namespace oracode::poller {

// As precise as Seam's `created_at`.
using Instant = std::chrono::sys_time<std::chrono::microseconds>;

// What lies between two instants, both exclusive, by the events' `created_at`.
struct TimeRange {
    Instant from;
    Instant to;

    friend bool operator==(const TimeRange&, const TimeRange&) = default;
};

class Backfill {
public:
    // Asks for what was created in [from, to]; what was still open is forgotten, as it lies within.
    // Where `from` is not before `to`, a clock having been set, `to` alone is asked for.
    void begin(Timestamp from, Timestamp to);

    // The stretch to ask for next; nullopt when nothing is open.
    [[nodiscard]] std::optional<TimeRange> next() const;

    // The stretch `next` was answered with `events` events where a page holds `page_limit`. A full
    // page may hide events, in whatever order they came: its stretch is asked for again in halves,
    // which overlap because Seam leaves out both ends. True when that was no longer possible, a
    // microsecond being full: what the page did not show is lost to backfilling.
    bool answered(std::size_t events, std::size_t page_limit);

    // Where the finished stretch ends, once all of it was answered; the next one may begin there.
    [[nodiscard]] std::optional<Timestamp> finished_to() const;

private:
    std::vector<TimeRange> open_;  // the next one last
    std::optional<Timestamp> end_;
};

}  // namespace oracode::poller
