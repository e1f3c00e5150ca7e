// An AccessCode as a row of `access_codes` and back. Pure mapping: no statement is run here.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "lifecycle/access_code.hpp"
#include "store/sqlite/sqlite.hpp"
#include "store/sqlite/stored_id.hpp"

namespace oracode::store {

// A code with what only the store knows of it.
struct CodeRow {
    std::int64_t code_no = 0;  // 0: not stored yet
    lifecycle::AccessCode code;
    std::int64_t last_event = 0;     // head of the chain of its events; 0: none
    std::int64_t last_change = 0;    // likewise of its transitions
    unsigned open_alerts = 0;        // a bit for each AlertKind; kept by the AlertBook
    std::string event_fingerprints;  // see `fingerprint_of`
    // By which the code is found when it is due: never later than `next_poll_at`.
    std::optional<Timestamp> due_from{};
    // By which the code is found when its next step is overdue; nullopt: it awaits none.
    std::optional<Timestamp> awaited_by{};
    // What is kept of the code is kept from here on; nullopt: it has not ended.
    std::optional<Timestamp> ended_since{};
    // The event from which down bodies may hold the PIN of an ended code; nullopt: none does.
    std::optional<std::int64_t> pins_from{};
};

// The columns in the order in which `decode` reads them and `BoundCode` numbers its parameters,
// beginning with 1.
inline constexpr std::string_view code_columns =
    "code_no, access_code_id, device_id, workspace_id, connected_account_id, status, ended_reason, "
    "ended_at, next_poll_at, status_since, status_source, starts_at, ends_at, created_at, refetch, "
    "expected_by, last_polled_at, clock_at, polls_without_news, tracked, version, updated_at, "
    "last_event, last_change, "
    "is_offline_access_code, name, code, type, errors, warnings, pending_mutations, "
    "dormakaba_oracode_metadata, is_waiting_for_code_assignment, is_scheduled_on_device, managed, "
    "event_errors, event_warnings, external_id, missing_looks, open_alerts, stamps, observations, "
    "due_from, awaited_by, ended_since, pins_from, marks";

inline constexpr auto code_column_count =
    static_cast<int>(1 + std::count(code_columns.begin(), code_columns.end(), ','));

[[nodiscard]] CodeRow decode_row(const Rows& rows);
[[nodiscard]] lifecycle::AccessCode decode_code(const Rows& rows);

// Binds a row to a statement whose numbered parameters are the columns; has to live until the
// statement has run.
class BoundCode {
public:
    BoundCode(Statement& statement, const CodeRow& row);
    BoundCode(const BoundCode&) = delete;
    BoundCode& operator=(const BoundCode&) = delete;

private:
    StoredId access_code_id_;
    StoredId device_id_;
    StoredId workspace_id_;
    StoredId connected_account_id_;
    std::string stamps_;
    std::string observations_;
    std::string missing_looks_;
};

// Four bytes of an event's identity, kept with the code for each event of it: an event_id whose
// fingerprint is not among them is new without a look at the events.
[[nodiscard]] std::uint32_t fingerprint_of(std::string_view event_id);
[[nodiscard]] bool has_fingerprint(std::string_view event_fingerprints, std::uint32_t fingerprint);
void add_fingerprint(std::string& event_fingerprints, std::uint32_t fingerprint);

}  // namespace oracode::store
