// The writing half of the store's SQL: what one transaction may do, in the domain's words. Owned by
// the Writer and called on its thread only, always inside a transaction of its. Refusals of SQLite
// are thrown as store::SqliteError.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lifecycle/apply.hpp"
#include "lifecycle/correction.hpp"
#include "lifecycle/schedule.hpp"
#include "store/idempotency_keys.hpp"
#include "store/purge.hpp"

namespace oracode {

struct Recorded {
    bool duplicate = false;                // the event was known: nothing changed
    std::optional<Transition> transition;  // of the event's own code
    std::int64_t change_seq = 0;           // of the last transition it brought about; 0: none
    Corrections corrections{};             // what an answer of Seam put right
};

// A change of a code's status, or of its end, that was committed.
struct CodeChange {
    std::string access_code_id;
    std::string device_id;
    Transition transition;
    std::optional<Ended> ended;  // the code's end as it is now
};

// An authentic delivery that could not be used.
struct Quarantined {
    std::string reason;      // for people
    std::string message_id;  // of the delivery's headers
    std::string body;
};

}  // namespace oracode

namespace oracode::store {

class Database;
struct CodeRow;

class Ledger {
public:
    // Opens a file that exists and takes it to the newest schema. Throws StoreError or SqliteError.
    Ledger(const std::string& path, const PollPolicy& policy);
    ~Ledger();
    Ledger(const Ledger&) = delete;
    Ledger& operator=(const Ledger&) = delete;

    // Remembers `event` with the bytes it came in and applies it: to its own code, or to the codes
    // under its account or device that have not ended; those that ended before their window is
    // over become due. An event whose event_id is known changes nothing.
    Recorded record(const Event& event, std::string_view payload, Timestamp now);

    // Keeps the delivery; one that is kept already is not kept twice. Its number.
    std::int64_t quarantine(const Quarantined& item, Timestamp now);

    // Records the event of a quarantined delivery and removes it from there.
    Recorded release(std::int64_t quarantined, const Event& event, std::string_view payload,
                     Timestamp now);

    // Seam was asked about the code in vain: its next poll backs off. False when there is no such
    // code.
    bool postpone(std::string_view access_code_id, Timestamp now);

    // Whether Seam is to be asked about the code from now on. False when there is no such code.
    bool set_tracked(std::string_view access_code_id, bool tracked, Timestamp now);

    // The store has every event that Seam listed up to here.
    bool note_backfill(Timestamp to, Timestamp now);

    // Locks, and orders with an Idempotency-Key.
    [[nodiscard]] IdempotencyKeys& orders() { return *orders_; }

    // Deletes some of what has been kept long enough.
    Purged purge(const RetentionPolicy& retention, Timestamp now);
    // Every change of a code since this was last called.
    [[nodiscard]] std::vector<CodeChange> take_changes() { return std::exchange(changes_, {}); }
    // Something was purged since this was last asked: SQLite's log still shows it.
    [[nodiscard]] bool purged_lately() { return std::exchange(purged_, false); }

    // A write of its own accord, to learn whether the disk takes it.
    Timestamp probe(Timestamp now);

    // How far the database goes: it never goes back, or something has been lost.
    [[nodiscard]] std::int64_t last_event() const { return last_event_; }
    [[nodiscard]] std::int64_t last_change() const { return last_change_; }

    // To be called before a transaction is committed: brings the counts of codes up to date.
    void settle();

    // For the Writer, which opens and closes the transactions.
    [[nodiscard]] Database& database();
    // To be called after a rollback: the numbers given out in it are free again.
    void forget_uncommitted();

private:
    struct Statements;
    struct Place;

    [[nodiscard]] CodeRow load(std::string_view access_code_id);
    [[nodiscard]] CodeRow load(std::int64_t code_no);
    [[nodiscard]] bool known(const CodeRow& row, std::string_view event_id);
    std::optional<std::int64_t> remember(const Event& event, std::string_view payload,
                                         const CodeRow* row, Timestamp now);
    std::optional<Transition> apply_to(CodeRow& row, const Event& event, std::int64_t event_seq,
                                       Timestamp now);
    void leave_the_future(Timestamp now);
    void catch_up_with_disconnects(CodeRow& row, Timestamp now);
    Recorded record_for_account_or_device(const Event& event, std::string_view payload,
                                          Timestamp now);
    void save(const CodeRow& row, const Place& before);
    void note_end(const CodeRow& row, const Place& before);

    PollPolicy policy_;
    std::unique_ptr<Database> database_;
    std::unique_ptr<Statements> statements_;
    std::unique_ptr<IdempotencyKeys> orders_;
    bool purged_ = false;
    std::unique_ptr<Purge> purge_;  // once there is something to delete
    std::int64_t last_code_ = 0;
    std::int64_t last_event_ = 0;
    std::int64_t last_change_ = 0;
    std::vector<CodeChange> changes_;
    Timestamp latest_;                             // up to where the clock has been seen
    std::array<std::int64_t, 6> count_changes_{};  // of this transaction, by standing
};

}  // namespace oracode::store
