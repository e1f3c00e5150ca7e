// The statements of a Ledger, prepared once; part of it, and included by nothing else.
#pragma once

#include "store/sqlite/ledger.hpp"
#include "store/sqlite/sqlite.hpp"

namespace oracode::store {

struct Ledger::Statements {
    explicit Statements(Database& db);

    Statement code_by_id;
    Statement code_by_number;
    Statement insert_code;
    Statement update_code;
    Statement update_code_and_due;
    Statement update_code_and_places;
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
    Statement insert_ended;
    Statement delete_ended;
    Statement set_open_alerts;
    Statement note_progress;
};

}  // namespace oracode::store
