// The writing half of the store's SQL: what one transaction may do, in the domain's words. Owned by
// the Writer and called on its thread only, always inside a transaction of its. Refusals of SQLite
// are thrown as SqliteError.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/result.hpp"
#include "lifecycle/apply.hpp"
#include "lifecycle/schedule.hpp"
#include "store/sqlite/alert_book.hpp"
#include "store/sqlite/device_cache.hpp"
#include "store/sqlite/idempotency_keys.hpp"
#include "store/sqlite/outbox.hpp"
#include "store/sqlite/purge.hpp"
#include "store/statement_batch.hpp"
#include "store/store_options.hpp"

namespace oracode::store {

class Database;
struct CodeRow;

class Ledger {
public:
    // Opens a file that exists and takes it to the newest schema. Throws StoreError or SqliteError.
    Ledger(const std::string& path, const lifecycle::PollPolicy& policy,
           const lifecycle::AlertPolicy& alerts);
    ~Ledger();
    Ledger(const Ledger&) = delete;
    Ledger& operator=(const Ledger&) = delete;

    // Remembers `event` with the bytes it came in and applies it: to its own code, or to the codes
    // under its account or device that have not ended; those that ended before their window is
    // over become due. An event whose event_id is known changes nothing.
    Recorded record(const lifecycle::Event& event, std::string_view payload, Timestamp now);

    // All that an answer of Seam brings. A statement that cannot be taken for what is in it, or for
    // damage in its way, is undone alone.
    BatchOutcome record_all(const StatementBatch& batch, Timestamp now);

    // Keeps the delivery; one that is kept already is not kept twice. Its number.
    std::int64_t quarantine(const Quarantined& item, Timestamp now);

    // Records the event of a quarantined delivery and removes it from there.
    Recorded release(std::int64_t quarantined, const lifecycle::Event& event,
                     std::string_view payload, Timestamp now);

    // Seam was asked about the code in vain: its next poll backs off. False when there is no such
    // code.
    bool postpone(std::string_view access_code_id, Timestamp now);

    // Whether Seam is to be asked about the code from now on. False when there is no such code.
    bool set_tracked(std::string_view access_code_id, bool tracked, Timestamp now);

    // The store has every event that Seam listed up to here.
    bool note_backfill(Timestamp to, Timestamp now);

    // Opens and closes the alerts of codes that came near their start since the last call, a
    // limited number of them. True when it has to be called again at once.
    bool look_at_alerts(Timestamp now);
    // Opens and closes alerts about the daemon.
    bool set_daemon_alerts(const std::vector<DaemonAlert>& found, Timestamp now);
    // Alerts opened and closed since this was last called.
    [[nodiscard]] std::vector<AlertChange> take_alert_changes() { return alerts_.take_changes(); }

    [[nodiscard]] IdempotencyKeys& keys() { return keys_; }
    [[nodiscard]] DeviceCache& devices() { return devices_; }
    [[nodiscard]] Outbox& outbox() { return outbox_; }

    // Deletes some of what has been kept long enough.
    Purged purge(const RetentionPolicy& retention, Timestamp now);
    // Every change of a code since this was last called.
    [[nodiscard]] std::vector<CodeChange> take_changes() { return std::exchange(changes_, {}); }
    // Something was purged since this was last asked: SQLite's log still shows it.
    [[nodiscard]] bool purged_lately() { return std::exchange(purged_, false); }

    // A write of its own accord, to learn whether the disk takes it.
    Timestamp probe(Timestamp now);

    // How far the database goes: it never goes back, or something has been lost.
    [[nodiscard]] std::int64_t last_event() const { return numbers_.last_event; }
    [[nodiscard]] std::int64_t last_change() const { return numbers_.last_change; }

    // To be called before a transaction is committed: brings the counts of codes up to date, and
    // some of the index of those that are due.
    void settle();

    // For the Writer, which opens and closes the transactions.
    [[nodiscard]] Database& database();
    // To be called after a rollback: the numbers given out in it are free again.
    void forget_uncommitted();

private:
    struct Statements;
    struct Place;
    // What a transaction moves on beside the database.
    struct Numbers {
        std::int64_t last_code = 0;
        std::int64_t last_event = 0;
        std::int64_t last_change = 0;
        Timestamp latest;                             // up to where the clock has been seen
        std::array<std::int64_t, 6> count_changes{};  // of this transaction, by standing
    };

    [[nodiscard]] CodeRow load(std::string_view access_code_id);
    [[nodiscard]] CodeRow load(std::int64_t code_no);
    [[nodiscard]] bool known(const CodeRow& row, std::string_view event_id);
    std::optional<std::int64_t> remember(const lifecycle::Event& event, std::string_view payload,
                                         const CodeRow* row, Timestamp now);
    std::optional<lifecycle::Transition> apply_to(CodeRow& row, const lifecycle::Event& event,
                                                  std::int64_t event_seq, Timestamp now);
    void leave_the_future(Timestamp now);
    void catch_up_with_disconnects(CodeRow& row, Timestamp now);
    Recorded record_for_account_or_device(const lifecycle::Event& event, std::string_view payload,
                                          Timestamp now);
    template <class Act>
    [[nodiscard]] auto attempt(const Act& act) -> Result<decltype(act())>;
    void undo_attempt(const Numbers& before, std::size_t changes, std::size_t alert_changes);
    void save(CodeRow& row, const Place& before);
    void settle_alerts(const std::vector<std::int64_t>& code_numbers);
    static void note_end(CodeRow& row);
    void refile_passed();

    lifecycle::PollPolicy policy_;
    std::unique_ptr<Database> database_;
    std::unique_ptr<Statements> statements_;
    IdempotencyKeys keys_;
    DeviceCache devices_;
    Outbox outbox_;
    AlertBook alerts_;
    // The entry of the index of due codes that was looked at last.
    struct {
        Timestamp due_from{Duration::min()};
        std::int64_t code_no = 0;
    } refiled_;
    bool purged_ = false;
    std::unique_ptr<Purge> purge_;  // once there is something to delete
    Numbers numbers_;
    std::vector<CodeChange> changes_;
};

}  // namespace oracode::store
