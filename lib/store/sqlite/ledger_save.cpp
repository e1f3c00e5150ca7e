// The part of the Ledger that writes a code's row, with all that follows from how it has changed.
#include <algorithm>

#include "store/sqlite/ledger_place.hpp"
#include "store/sqlite/ledger_statements.hpp"

namespace oracode::store {
namespace {

std::size_t standing_of(const lifecycle::AccessCode& code) {
    return code.ended ? standing_of_ended : static_cast<std::size_t>(code.status);
}

// The index of due codes is written only where a code comes due earlier than it says, or its moment
// has come: most events move that to later, each at another place of the index.
std::optional<Timestamp> due_from(const CodeRow& row, Timestamp now) {
    const auto& due = row.code.next_poll_at;
    const bool still_holds = row.due_from && *row.due_from > now && !(due && *due < *row.due_from);
    return still_holds ? row.due_from : due;
}

std::optional<Timestamp> awaited_by(const lifecycle::AccessCode& code) {
    // The end of a `set` code is our own clock's affair.
    const bool awaits = !code.ended && code.status != lifecycle::Status::set;
    return awaits ? code.expected_by : std::nullopt;
}

std::optional<lifecycle::EndReason> reason_of(const lifecycle::AccessCode& code) {
    return code.ended ? std::optional{code.ended->reason} : std::nullopt;
}

}  // namespace

Ledger::Place::Place(const CodeRow& row)
    : is_new(row.code_no == 0),
      status(row.code.status),
      due_from(row.due_from),
      awaited_by(row.awaited_by),
      ended(reason_of(row.code)),
      ended_since(row.ended_since),
      pins_from(row.pins_from),
      device_id(row.code.device_id),
      connected_account_id(row.code.connected_account_id),
      external_id(row.code.external_id),
      starts_at(row.code.starts_at.value),
      ends_at(row.code.ends_at.value),
      standing(standing_of(row.code)),
      last_change(row.last_change) {}

unsigned Ledger::Place::changed(const CodeRow& row) const {
    unsigned bits = 0;
    const auto note = [&bits](IndexedColumns columns, bool changed) {
        bits |= static_cast<unsigned>(changed) << static_cast<unsigned>(columns);
    };
    note(IndexedColumns::status, row.code.status != status);
    note(IndexedColumns::due, row.due_from != due_from);
    note(IndexedColumns::awaited, row.awaited_by != awaited_by);
    note(IndexedColumns::end, reason_of(row.code) != ended || row.ended_since != ended_since);
    note(IndexedColumns::pins, row.pins_from != pins_from);
    note(IndexedColumns::whereabouts, row.code.device_id != device_id ||
                                          row.code.connected_account_id != connected_account_id ||
                                          row.code.external_id != external_id);
    note(IndexedColumns::window,
         row.code.starts_at.value != starts_at || row.code.ends_at.value != ends_at);
    return bits;
}

// Alerts are judged by the latest that the clock has shown: a clock that goes back by less than
// what leave_the_future tolerates takes none back.
void Ledger::save(CodeRow& row, const Place& before) {
    alerts_.settle(row, numbers_.latest);
    const auto& code = row.code;
    row.due_from = due_from(row, numbers_.latest);
    row.awaited_by = awaited_by(code);
    note_end(row);
    auto& statement = before.is_new ? statements_->insert_code
                                    : statements_->update_code.naming(before.changed(row));
    const BoundCode bound(statement, row);
    statement.run();
    if (!before.is_new) --numbers_.count_changes.at(before.standing);
    ++numbers_.count_changes.at(standing_of(code));
}

// When what is kept of the code is to be deleted.
void Ledger::note_end(CodeRow& row) {
    const auto& ended = row.code.ended;
    if (!ended) {
        row.ended_since.reset();
        row.pins_from.reset();
        return;
    }
    if (!row.ended_since) row.ended_since = std::max(ended->at, row.code.updated_at);
    row.pins_from = row.last_event;
}

}  // namespace oracode::store
