// The part of the Ledger that keeps deliveries that could not be used.
#include "core/sha256.hpp"
#include "store/sqlite/ledger.hpp"
#include "store/sqlite/ledger_statements.hpp"

namespace oracode::store {

std::int64_t Ledger::quarantine(const Quarantined& item, Timestamp now) {
    // With the final NUL the two cannot be shifted against each other.
    const auto digest = sha256({item.message_id, std::string_view{"\0", 1}, item.body});
    const Blob key{{reinterpret_cast<const char*>(digest.data()), digest.size()}};
    const auto added =
        statements_->insert_quarantined.run(key, now, std::string_view(item.reason),
                                            std::string_view(item.message_id), Blob{item.body});
    if (added != 0) return database_->last_row();
    auto rows = statements_->quarantined.query(key);
    return rows.next() ? rows.integer(0) : 0;
}

Recorded Ledger::release(std::int64_t quarantined, const lifecycle::Event& event,
                         std::string_view payload, Timestamp now) {
    auto recorded = record(event, payload, now);
    statements_->delete_quarantined.run(quarantined);
    return recorded;
}

}  // namespace oracode::store
