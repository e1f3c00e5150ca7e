// What is recorded, and what came of it. Plain values; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "lifecycle/apply.hpp"
#include "lifecycle/correction.hpp"
#include "lifecycle/event.hpp"

namespace oracode::store {

struct EventWithPayload {
    lifecycle::Event event;
    std::string payload;  // as Seam sent it; empty for an observation
};

struct Recorded {
    bool duplicate = false;                           // the event was known: nothing changed
    std::optional<lifecycle::Transition> transition;  // of the event's own code
    std::int64_t change_seq = 0;           // of the last transition it brought about; 0: none
    lifecycle::Corrections corrections{};  // what an answer of Seam put right
};

// What one answer of Seam brings.
struct StatementBatch {
    std::vector<EventWithPayload> statements;
    // Codes that Seam was asked about in vain at `requested_at`: their next poll backs off.
    std::vector<std::string> unanswered;
    Timestamp requested_at;
    // With `statements` every event that Seam listed up to here is stored.
    std::optional<Timestamp> backfilled_to;
};

struct BatchOutcome {
    std::vector<Result<Recorded>> recorded;  // in the order of the statements
    // All of it is kept. Otherwise `backfilled_to` stays as it was.
    bool complete = false;
};

// An authentic delivery that could not be used.
struct Quarantined {
    std::string reason;      // for people
    std::string message_id;  // of the delivery's headers
    std::string body;
};

}  // namespace oracode::store
