#include "store/sqlite/ledger_statements.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "store/sqlite/code_rows.hpp"

namespace oracode::store {
namespace {

// The last parameter is among the steady columns, so that a whole row can be bound to each of the
// statements.
constexpr std::string_view steady_columns =
    "workspace_id, status_since, status_source, ended_at, created_at, "
    "next_poll_at, refetch, expected_by, last_polled_at, clock_at, polls_without_news, tracked, "
    "version, updated_at, last_event, last_change, "
    "is_offline_access_code, name, code, type, errors, warnings, pending_mutations, "
    "dormakaba_oracode_metadata, is_waiting_for_code_assignment, is_scheduled_on_device, managed, "
    "event_errors, event_warnings, missing_looks, open_alerts, stamps, observations, marks";
// In the order of IndexedColumns.
constexpr std::array<std::string_view, static_cast<std::size_t>(IndexedColumns::count)>
    indexed_columns{
        "status",
        "due_from",
        "awaited_by",
        "ended_reason, ended_since",
        "pins_from",
        "device_id, connected_account_id, external_id",
        "starts_at, ends_at",
    };

template <class Take>
void each_column(std::string_view list, Take&& take) {
    while (!list.empty()) {
        const auto end = std::min(list.find(", "), list.size());
        take(list.substr(0, end));
        list.remove_prefix(std::min(end + 2, list.size()));
    }
}

int parameter_of(std::string_view column) {
    int parameter = 0;
    int found = 0;
    each_column(code_columns, [&](std::string_view c) {
        ++parameter;
        if (c == column) found = parameter;
    });
    return found;
}

std::string update_of(unsigned indexed) {
    std::string sql = "UPDATE access_codes SET ";
    const auto name = [&](std::string_view column) {
        sql += fmt::format("{} = ?{}, ", column, parameter_of(column));
    };
    each_column(steady_columns, name);
    for (unsigned group = 0; group < indexed_columns.size(); ++group) {
        if ((indexed >> group & 1U) != 0) each_column(indexed_columns.at(group), name);
    }
    sql.resize(sql.size() - 2);
    return sql + " WHERE code_no = ?1";
}

std::string insert_of() {
    std::string places;
    each_column(code_columns, [&](std::string_view column) {
        places += fmt::format("{}?{}", places.empty() ? "" : ", ", parameter_of(column));
    });
    return fmt::format("INSERT INTO access_codes ({}) VALUES ({})", code_columns, places);
}

std::string select_of(std::string_view condition) {
    return fmt::format("SELECT {} FROM access_codes WHERE {}", code_columns, condition);
}

}  // namespace

Statement& CodeUpdates::naming(unsigned changed) {
    auto& statement = statements_.at(changed);
    if (!statement) statement = std::make_unique<Statement>(database_, update_of(changed));
    return *statement;
}

Ledger::Statements::Statements(Database& db)
    : code_by_id(db, select_of("access_code_id = ?")),
      code_by_number(db, select_of("code_no = ?")),
      insert_code(db, insert_of()),
      update_code(db),
      event(db, "SELECT event_id, previous FROM events WHERE seq = ?"),
      insert_event(db,
                   "INSERT INTO events (seq, created_at, event_id, event_type, occurred_at, "
                   "received_at, source, code_no, previous, body) "
                   "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
                   "ON CONFLICT (created_at, event_id) DO NOTHING"),
      insert_change(db,
                    "INSERT INTO changes (code_no, previous, from_status, to_status, at, "
                    "recorded_at, source, event, ready) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      insert_disconnect(db,
                        "INSERT INTO disconnects (connected_account_id, occurred_at, event) "
                        "VALUES (?, ?, ?) ON CONFLICT DO NOTHING"),
      disconnects(db,
                  "SELECT d.occurred_at, d.event, e.event_id, e.event_type, e.source "
                  "FROM disconnects d JOIN events e ON e.seq = d.event "
                  "WHERE d.connected_account_id = ? ORDER BY d.occurred_at DESC LIMIT ?"),
      live_codes_of_account(db,
                            "SELECT code_no FROM access_codes "
                            "WHERE connected_account_id = ? AND ended_reason IS NULL"),
      ask_codes_of_account(db,
                           "UPDATE access_codes SET refetch = 1, polls_without_news = 0, "
                           "next_poll_at = min(?2, coalesce(next_poll_at, ?2)), "
                           "due_from = min(?2, coalesce(due_from, ?2)) "
                           "WHERE connected_account_id = ?1 AND ended_reason IS NULL AND tracked"),
      ask_codes_of_device(db,
                          "UPDATE access_codes SET refetch = 1, polls_without_news = 0, "
                          "next_poll_at = min(?2, coalesce(next_poll_at, ?2)), "
                          "due_from = min(?2, coalesce(due_from, ?2)) "
                          "WHERE device_id = ?1 AND (ended_reason IS NULL OR ends_at > ?2) "
                          "AND tracked"),
      ask_ended_codes_of_account(
          db,
          "UPDATE access_codes INDEXED BY ended_codes_by_end "
          "SET refetch = 1, polls_without_news = 0, "
          "next_poll_at = min(?2, coalesce(next_poll_at, ?2)), "
          "due_from = min(?2, coalesce(due_from, ?2)) "
          "WHERE ended_reason IS NOT NULL AND ends_at IS NOT NULL AND ends_at > ?2 "
          "AND connected_account_id = ?1 AND tracked"),
      passed_due(db,
                 "SELECT due_from, code_no, next_poll_at FROM access_codes INDEXED BY due_codes "
                 "WHERE due_from IS NOT NULL AND (due_from, code_no) > (?1, ?2) "
                 "AND due_from <= ?3 ORDER BY due_from, code_no LIMIT ?4"),
      refile_due(db, "UPDATE access_codes SET due_from = ?2 WHERE code_no = ?1"),
      codes_of_the_future(db,
                          "SELECT code_no FROM access_codes WHERE updated_at > ?1 "
                          "OR last_polled_at > ?1 OR clock_at > ?1"),
      insert_quarantined(db,
                         "INSERT INTO quarantine (digest, received_at, reason, message_id, body) "
                         "VALUES (?, ?, ?, ?, ?) ON CONFLICT (digest) DO NOTHING"),
      quarantined(db, "SELECT id FROM quarantine WHERE digest = ?"),
      delete_quarantined(db, "DELETE FROM quarantine WHERE id = ?"),
      write_probe(db,
                  "INSERT INTO probes (id, at) VALUES (1, ?) "
                  "ON CONFLICT (id) DO UPDATE SET at = excluded.at"),
      update_count(db, "UPDATE code_counts SET codes = codes + ?2 WHERE standing = ?1"),
      set_open_alerts(db, "UPDATE access_codes SET open_alerts = ?2 WHERE code_no = ?1"),
      note_progress(db,
                    "INSERT INTO progress (name, at) VALUES (?, ?) "
                    "ON CONFLICT (name) DO UPDATE SET at = excluded.at") {}

}  // namespace oracode::store
