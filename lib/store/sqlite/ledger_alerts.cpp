// What the Ledger does about alerts beside saving a code.
#include "store/sqlite/code_rows.hpp"
#include "store/sqlite/ledger.hpp"
#include "store/sqlite/ledger_statements.hpp"

namespace oracode::store {

bool Ledger::look_at_alerts(Timestamp now) {
    // So few that a delivery that comes meanwhile does not wait longer than for another's commit.
    constexpr std::size_t codes_at_once = 256;
    leave_the_future(now);
    const auto due = alerts_.take_due(numbers_.latest, codes_at_once);
    settle_alerts(due);
    return due.size() == codes_at_once;
}

bool Ledger::set_daemon_alerts(const std::vector<DaemonAlert>& found, Timestamp now) {
    leave_the_future(now);
    alerts_.settle_daemon(found, now);
    return true;
}

void Ledger::settle_alerts(const std::vector<std::int64_t>& code_numbers) {
    for (const auto code_no : code_numbers) {
        auto row = load(code_no);
        if (row.code_no == 0 || !alerts_.settle(row, numbers_.latest)) continue;
        statements_->set_open_alerts.run(code_no, unless_zero(row.open_alerts));
    }
}

}  // namespace oracode::store
