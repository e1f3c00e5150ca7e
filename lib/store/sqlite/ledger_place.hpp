// Where a row stood in the indexes and counts before it was changed; part of the Ledger.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "store/sqlite/code_rows.hpp"
#include "store/sqlite/ledger.hpp"

namespace oracode::store {

// Where a code is counted: the rows of `code_counts`.
inline constexpr std::size_t standing_of_ended = 5;

struct Ledger::Place {
    explicit Place(const CodeRow& row);

    // The bits of IndexedColumns of what has changed since.
    [[nodiscard]] unsigned changed(const CodeRow& row) const;

    bool is_new;
    lifecycle::Status status;
    std::optional<Timestamp> due_from;
    std::optional<Timestamp> awaited_by;
    std::optional<lifecycle::EndReason> ended;
    std::optional<Timestamp> ended_since;
    std::optional<std::int64_t> pins_from;
    std::string device_id;
    std::string connected_account_id;
    std::optional<std::string> external_id;
    std::optional<Timestamp> starts_at;
    std::optional<Timestamp> ends_at;
    std::size_t standing;
    std::int64_t last_change;
};

}  // namespace oracode::store
