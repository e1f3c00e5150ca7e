// Which stretches of time still have to be asked for in Seam's list of events. Pure; owned by the
// Planner.
#pragma once

#include <optional>
#include <vector>

#include "core/time.hpp"

namespace oracode::poller {

// Both ends inclusive, by the events' `created_at`.
struct Window {
    Timestamp from;
    Timestamp to;

    friend bool operator==(const Window&, const Window&) = default;
};

class Backfill {
public:
    // Asks for [from, to] anew; what was still open is forgotten, as it lies within.
    void begin(Window window);

    // The stretch to ask for next; nullopt when nothing is open.
    [[nodiscard]] std::optional<Window> next() const;

    // The stretch `next` was answered with `events` events where a page holds `page_limit`. A full
    // page may hide events, in whatever order they came: its stretch is halved and asked for again.
    // True when that was no longer possible, a millisecond being full: what the page did not show
    // is lost to backfilling.
    bool answered(std::size_t events, std::size_t page_limit);

    // Where the finished stretch ends, once all of it was answered; the next one may begin there.
    [[nodiscard]] std::optional<Timestamp> finished_to() const;

private:
    std::vector<Window> open_;  // the next one last
    std::optional<Timestamp> end_;
};

}  // namespace oracode::poller
