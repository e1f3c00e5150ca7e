// The alerts in the database: opened and closed in the transaction that changes their cause. Part
// of a Ledger, used on the writer's thread inside a transaction. Refusals of SQLite are thrown as
// SqliteError.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/alerts.hpp"

namespace oracode::store {

class Database;
class Outbox;
struct CodeRow;

class AlertBook {
public:
    // `outbox` outlives this.
    AlertBook(Database& database, const lifecycle::AlertPolicy& policy, Outbox& outbox);
    ~AlertBook();
    AlertBook(const AlertBook&) = delete;
    AlertBook& operator=(const AlertBook&) = delete;

    // Opens and closes the alerts of a code that is about to be saved, and notes in the row which
    // are open. True when the row was changed. Runs a statement only where the code gives a cause
    // or gave one before.
    bool settle(CodeRow& row, Timestamp now);

    // Opens and closes alerts about the daemon.
    void settle_daemon(const std::vector<DaemonAlert>& found, Timestamp now);

    // Numbers of codes that are to be settled, `limit` at most; fewer than that: there are no more.
    // After the start those with an open alert, since the policy may be another than before; then
    // those that came within `before` of their start since the last call, by their start.
    [[nodiscard]] std::vector<std::int64_t> take_due(Timestamp now, std::size_t limit);

    // The clock was set back to `now`: numbers of codes to settle.
    [[nodiscard]] std::vector<std::int64_t> leave_the_future(Timestamp now);

    // What was opened and closed since this was last called, in order.
    [[nodiscard]] std::vector<AlertChange> take_changes() { return std::exchange(changes_, {}); }
    [[nodiscard]] std::size_t changes() const { return changes_.size(); }
    // After a rollback to a point at which there were so many changes.
    void forget_changes_after(std::size_t count);
    // After the rollback of the whole transaction.
    void forget_uncommitted();

private:
    struct Statements;
    enum class Known : std::uint8_t { closed, perhaps_open };

    void settle_one(lifecycle::AlertKind kind, const CodeRow* row,
                    const std::optional<std::string>& cause, Known known, Timestamp now);
    void changed(AlertChange change, const CodeRow* row, Timestamp now);
    void take_open(std::vector<std::int64_t>& numbers, std::size_t limit);
    void take_near(std::vector<std::int64_t>& numbers, Timestamp now, std::size_t limit);
    void step_back_to(Timestamp now);
    [[nodiscard]] std::optional<std::int64_t> reached(std::string_view mark);

    lifecycle::AlertPolicy policy_;
    Outbox& outbox_;
    std::unique_ptr<Statements> statements_;
    std::vector<AlertChange> changes_;
    // Up to which code those with an open alert were settled since the start; nullopt: all were.
    std::optional<std::int64_t> open_settled_to_{0};
};

}  // namespace oracode::store
