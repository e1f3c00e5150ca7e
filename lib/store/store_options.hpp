// How a Store works, and what it reports of its own accord. Plain values.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"
#include "lifecycle/apply.hpp"
#include "lifecycle/schedule.hpp"
#include "store/alerts.hpp"

namespace oracode::store {

// A change of a code's status, or of its end, that was committed.
struct CodeChange {
    std::string access_code_id;
    std::string device_id;
    lifecycle::Transition transition;
    std::optional<lifecycle::Ended> ended;  // the code's end as it is now
};

// What became of one transaction.
struct Commit {
    std::size_t size = 0;             // pieces of work in it
    std::chrono::nanoseconds took{};  // from its begin to the end of the commit
    std::int64_t last_change = 0;     // the change feed now reaches up to here
    std::string_view failure;         // why it failed; empty when it did not
    std::vector<CodeChange> changes;  // of codes, in their order
    std::vector<AlertChange> alerts;  // that it opened and closed, in their order
    bool notified = false;            // there is a new notification to be sent
};

// What became of copying the log into the database file.
struct Checkpoint {
    bool complete = false;     // false: readers kept it from finishing, or it failed
    std::string_view failure;  // why it failed; empty when it did not
};

// Lengths of the write-ahead log, in bytes.
struct LogLimits {
    // At which it is to be in the database: lookups in it are still short, and a page that changed
    // often was seldom copied. Until then it is copied beside the deliveries, a piece at a time,
    // and they wait only while the writer copies and syncs the rest.
    std::int64_t checkpoint_at = 64L << 20;
    [[nodiscard]] std::int64_t copied_at_once() const { return checkpoint_at / 16; }
    [[nodiscard]] std::int64_t rest() const { return checkpoint_at / 64; }
    // From which on long reads are held back until it is empty: readers that leave no gap between
    // them would let it grow without end.
    std::int64_t longest = 128L << 20;
};

struct StoreOptions {
    std::string path;                // the database; it and the folder it is in are made if missing
    std::size_t max_queue = 10'000;  // writes waiting; beyond it they are refused
    std::size_t max_batch = 512;     // writes in one transaction
    lifecycle::PollPolicy policy;    // when codes are to be asked for
    lifecycle::AlertPolicy alerts{};  // when people are to be called
    Clock clock;                      // when things were received and recorded
    LogLimits log{};
};

// Each is called on the store's thread, must be quick and must not throw.
struct StoreCallbacks {
    // After each transaction, also a failed one.
    std::function<void(const Commit&)> committed{};
    // After each attempt to copy the log into the database.
    std::function<void(const Checkpoint&)> checkpointed{};
    // Once: a sync of the database file has failed, and all that is written is refused until every
    // connection to it, readers included, is closed and the Store made again. Nothing that was
    // answered is lost.
    std::function<void(std::string_view why)> given_up{};
};

struct StoreSizes {
    std::uint64_t database = 0;   // bytes
    std::uint64_t log = 0;        // of the write-ahead log
    std::uint64_t disk_free = 0;  // left to us on the file system
};

}  // namespace oracode::store
