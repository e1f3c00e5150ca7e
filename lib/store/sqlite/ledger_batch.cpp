// The part of the Ledger that records all that one answer of Seam brings.
#include <exception>

#include "store/sqlite/ledger.hpp"
#include "store/sqlite/sqlite.hpp"

namespace oracode::store {

// What one row or one statement is guilty of (a damaged page, a value too big) is undone to the
// point before it, and the rest goes on. What ends the connection is thrown.
template <class Act>
auto Ledger::attempt(const Act& act) -> Result<decltype(act())> {
    const auto numbers = numbers_;
    const auto changes = changes_.size();
    const auto alert_changes = alerts_.changes();
    database_->execute("SAVEPOINT attempt");
    try {
        auto done = act();
        database_->execute("RELEASE attempt");
        return done;
    } catch (const SqliteError& error) {
        if (error.ends_connection() || !database_->in_transaction()) throw;
        undo_attempt(numbers, changes, alert_changes);
        return Error{Errc::store_unavailable, error.what()};
    } catch (const std::exception& error) {
        undo_attempt(numbers, changes, alert_changes);
        return Error{Errc::store_unavailable, error.what()};
    }
}

void Ledger::undo_attempt(const Numbers& before, std::size_t changes, std::size_t alert_changes) {
    database_->execute("ROLLBACK TO attempt; RELEASE attempt");
    numbers_ = before;
    changes_.erase(changes_.begin() + static_cast<std::ptrdiff_t>(changes), changes_.end());
    alerts_.forget_changes_after(alert_changes);
}

BatchOutcome Ledger::record_all(const StatementBatch& batch, Timestamp now) {
    leave_the_future(now);
    BatchOutcome outcome;
    outcome.complete = true;
    for (const auto& statement : batch.statements) {
        outcome.recorded.push_back(
            attempt([&] { return record(statement.event, statement.payload, now); }));
        outcome.complete = outcome.complete && outcome.recorded.back().has_value();
    }
    for (const auto& id : batch.unanswered) {
        const auto postponed = attempt([&] { return postpone(id, batch.requested_at); });
        outcome.complete = outcome.complete && postponed.has_value();
    }
    if (batch.backfilled_to && outcome.complete) note_backfill(*batch.backfilled_to, now);
    return outcome;
}

}  // namespace oracode::store
