// The statements of a Ledger, prepared once; part of it, and included by nothing else.
#pragma once

#include <array>
#include <memory>

#include "store/sqlite/ledger.hpp"
#include "store/sqlite/sqlite.hpp"

namespace oracode::store {

// Columns that indexes are over or have conditions on, in groups that change together: a bit each.
enum class IndexedColumns : unsigned {
    status,
    due,
    awaited,
    end,
    pins,
    whereabouts,
    window,
    count,
};

// UPDATEs of a whole row that name the indexed columns which have changed and no other: SQLite
// takes an entry out and puts it in again for every index that an UPDATE touches by name, changed
// or not.
class CodeUpdates {
public:
    explicit CodeUpdates(Database& db) : database_(db) {}

    // `changed`: bits of IndexedColumns.
    [[nodiscard]] Statement& naming(unsigned changed);

private:
    Database& database_;
    std::array<std::unique_ptr<Statement>, 1U << static_cast<unsigned>(IndexedColumns::count)>
        statements_;
};

struct Ledger::Statements {
    explicit Statements(Database& db);

    Statement code_by_id;
    Statement code_by_number;
    Statement insert_code;
    CodeUpdates update_code;
    Statement event;
    Statement insert_event;
    Statement insert_change;
    Statement insert_disconnect;
    Statement disconnects;
    Statement live_codes_of_account;
    Statement ask_codes_of_account;
    Statement ask_codes_of_device;
    Statement ask_ended_codes_of_account;
    Statement passed_due;
    Statement refile_due;
    Statement codes_of_the_future;
    Statement insert_quarantined;
    Statement quarantined;
    Statement delete_quarantined;
    Statement write_probe;
    Statement update_count;
    Statement set_open_alerts;
    Statement note_progress;
};

}  // namespace oracode::store
