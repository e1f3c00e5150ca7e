// What the Ledger does once for all that a transaction has brought.
#include <utility>
#include <vector>

#include "store/sqlite/ledger.hpp"
#include "store/sqlite/ledger_statements.hpp"

namespace oracode::store {

// Brings entries of the index of due codes whose moment has come to where their codes are due, a
// limited number of them at each commit, so that readers find few that are not.
void Ledger::refile_passed() {
    constexpr std::size_t at_once = 16;
    struct Passed {
        std::int64_t code_no;
        std::optional<Timestamp> next_poll_at;
    };
    std::vector<Passed> passed;
    std::size_t seen = 0;
    {
        auto rows = statements_->passed_due.query(refiled_.due_from, refiled_.code_no,
                                                  numbers_.latest, at_once);
        for (; rows.next(); ++seen) {
            refiled_ = {rows.instant(0), rows.integer(1)};
            const auto next_poll_at = rows.maybe_instant(2);
            if (!next_poll_at || *next_poll_at > numbers_.latest)
                passed.push_back({refiled_.code_no, next_poll_at});
        }
    }
    if (seen < at_once) refiled_ = {};
    for (const auto& code : passed) statements_->refile_due.run(code.code_no, code.next_poll_at);
}

void Ledger::settle() {
    refile_passed();
    for (std::size_t standing = 0; standing < numbers_.count_changes.size(); ++standing) {
        const auto change = std::exchange(numbers_.count_changes.at(standing), 0);
        if (change != 0) statements_->update_count.run(standing, change);
    }
}

}  // namespace oracode::store
