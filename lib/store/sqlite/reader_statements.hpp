// The reading statements of a Reader, prepared once. Private to the files that implement it.
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include <fmt/format.h>

#include "core/fold.hpp"
#include "store/reader.hpp"
#include "store/sqlite/code_rows.hpp"
#include "store/sqlite/reading.hpp"

namespace oracode::store {

inline constexpr std::string_view event_columns =
    "seq, event_id, event_type, occurred_at, created_at, received_at, source, body, previous";

// Columns 1 to 5, 7 and 8 of a row of a change with its event.
[[nodiscard]] lifecycle::Transition decode_transition(const Rows& rows);

struct Reader::Statements {
    explicit Statements(const std::string& path) : database(path, Database::Access::read_only) {
        prepare_for_reading(database);
        database.define("mentions", [](std::string_view words, std::string_view text) {
            return has_all_words(words, folded(text));
        });
        // Without mapping the file: a disk that fails would then end the process by SIGBUS, and
        // the whole file counts as its memory. A random point read took 28 us instead of 20 while
        // nothing was written, and 31 instead of 90 with a commit after every tenth.
        database.execute("PRAGMA cache_size = -8192");
    }

    [[nodiscard]] Statement& list(unsigned statuses, const Filter& filter);
    // A list by the way through the table that `source` begins; it ends with WHERE or AND.
    static std::string list_of(std::string_view source);

    // The first notification about an `object`, a column, that waits for no earlier one.
    static std::string pending_head_of(std::string_view object);

    std::vector<StoredEvent> events_to(std::int64_t seq, std::unordered_set<std::int64_t>& seen);

    Database database;
    Statement code{database, fmt::format("SELECT {} FROM access_codes WHERE access_code_id = ?",
                                         code_columns)};
    Statement heads{database,
                    "SELECT last_event, last_change FROM access_codes WHERE access_code_id = ?"};
    Statement event{database, fmt::format("SELECT {} FROM events WHERE seq = ?", event_columns)};
    Statement change{
        database,
        "SELECT c.previous, c.from_status, c.to_status, c.at, c.recorded_at, c.source, "
        "c.event, e.event_id, e.event_type "
        "FROM changes c LEFT JOIN events e ON e.seq = c.event WHERE c.seq = ?"};
    // In this order of the tables whatever statistics there are: CROSS JOIN holds SQLite to it.
    Statement changes{
        database,
        "SELECT c.seq, c.from_status, c.to_status, c.at, c.recorded_at, c.source, c.ready, "
        "e.event_id, e.event_type, a.access_code_id, a.device_id, a.external_id "
        "FROM changes c CROSS JOIN access_codes a ON a.code_no = c.code_no "
        "LEFT JOIN events e ON e.seq = c.event WHERE c.seq > ? ORDER BY c.seq LIMIT ?"};
    Statement oldest_change{
        database,
        "SELECT max(coalesce((SELECT at FROM progress WHERE name = 'changes_removed'), 0) + 1, "
        "coalesce((SELECT min(seq) FROM changes), "
        "(SELECT seq FROM sqlite_sequence WHERE name = 'changes') + 1, 1))"};
    // The indexes are named, because the planner has no statistics to choose by. The numbers come
    // first: all that are due are sorted, and only those wanted are read.
    Statement due{
        database,
        fmt::format("WITH urgent AS MATERIALIZED (SELECT code_no AS number, "
                    "CASE WHEN ended_reason IS NOT NULL AND NOT refetch THEN 9223372036854775807 "
                    "ELSE abs(coalesce(starts_at, ?1) - ?1) END AS distance, next_poll_at AS since "
                    "FROM access_codes INDEXED BY due_codes WHERE due_from <= ?1 "
                    "AND next_poll_at <= ?1 "
                    "ORDER BY distance, since LIMIT ?2) "
                    "SELECT {} FROM urgent CROSS JOIN access_codes ON code_no = number "
                    "ORDER BY distance, since",
                    code_columns)};
    // Of those whose entry's moment has come it is known when they are due; of the others, that it
    // is no earlier.
    Statement next_due{database,
                       "SELECT min(next_poll_at) FROM access_codes INDEXED BY due_codes "
                       "WHERE due_from <= ?1 UNION ALL "
                       "SELECT min(due_from) FROM access_codes INDEXED BY due_codes "
                       "WHERE due_from > ?1"};
    Statement expired{database,
                      "SELECT access_code_id FROM access_codes INDEXED BY live_codes_by_end "
                      "WHERE ended_reason IS NULL AND ends_at IS NOT NULL AND ends_at <= ? "
                      "ORDER BY ends_at LIMIT ?"};
    Statement next_end{database,
                       "SELECT min(ends_at) FROM access_codes INDEXED BY live_codes_by_end "
                       "WHERE ended_reason IS NULL AND ends_at IS NOT NULL"};
    Statement live{database, fmt::format("SELECT {} FROM access_codes INDEXED BY live_codes "
                                         "WHERE ended_reason IS NULL AND tracked AND code_no > ? "
                                         "ORDER BY code_no LIMIT ?",
                                         code_columns)};
    Statement progress{database, "SELECT at FROM progress WHERE name = ?"};
    Statement list_all{database, list_of("NOT INDEXED WHERE")};
    Statement list_live{database, list_of("INDEXED BY live_codes WHERE ended_reason IS NULL AND")};
    Statement list_passing{
        database, list_of("INDEXED BY passing_codes WHERE status <> 1 AND status <> 3 AND")};
    Statement list_of_device{database,
                             list_of("INDEXED BY codes_by_device WHERE device_id = ?6 AND")};
    Statement list_of_external_id{
        database, list_of("INDEXED BY codes_by_external_id WHERE external_id = ?13 AND")};
    Statement list_overdue{database,
                           list_of("INDEXED BY awaited_codes WHERE awaited_by <= ?4 AND")};
    // The numbers first: a sort of whole rows would be one of megabytes.
    Statement list_by_start{
        database,
        list_of("NOT INDEXED WHERE code_no IN (SELECT code_no FROM access_codes "
                "INDEXED BY codes_by_start WHERE starts_at IS NOT NULL AND starts_at > ?9 "
                "AND starts_at < coalesce(?8, 9223372036854775807) AND code_no > ?1) AND")};
    Statement arrivals{
        database,
        fmt::format("SELECT {}, (SELECT object FROM devices AS d "
                    "WHERE d.device_id = access_codes.device_id) "
                    "FROM access_codes INDEXED BY live_codes_by_start "
                    "WHERE ended_reason IS NULL AND starts_at IS NOT NULL AND starts_at <= ?3 "
                    "AND (starts_at, code_no) > (?1, ?2) AND (?4 IS NULL OR device_id = ?4) "
                    "ORDER BY starts_at, code_no LIMIT ?5",
                    code_columns)};
    Statement starting{database,
                       fmt::format("SELECT {} FROM access_codes INDEXED BY live_codes_by_start "
                                   "WHERE ended_reason IS NULL AND starts_at IS NOT NULL "
                                   "AND starts_at <= ?",
                                   code_columns)};
    static std::string alerts_of(std::string_view source) {
        return fmt::format(
            "SELECT n.id, n.kind, n.opened_at, n.closed_at, n.detail, a.access_code_id, "
            "a.device_id FROM {} n.id < ?1 AND (?2 IS NULL OR (n.closed_at IS NULL) = ?2) "
            "AND (?3 IS NULL OR n.kind = ?3) ORDER BY n.id DESC LIMIT ?4",
            source);
    }
    Statement alerts{database,
                     alerts_of("alerts n NOT INDEXED "
                               "LEFT JOIN access_codes a ON a.code_no = n.code_no WHERE")};
    Statement alerts_open{database,
                          alerts_of("alerts n INDEXED BY open_alerts LEFT JOIN access_codes a "
                                    "ON a.code_no = n.code_no WHERE n.closed_at IS NULL AND")};
    Statement alerts_of_code{
        database, alerts_of("access_codes a CROSS JOIN alerts n INDEXED BY alerts_of_code "
                            "ON n.code_no = a.code_no WHERE a.access_code_id = ?5 AND")};
    Statement open_alerts{database,
                          "SELECT kind, count(*) FROM alerts INDEXED BY open_alerts "
                          "WHERE closed_at IS NULL GROUP BY kind"};
    Statement next_start{
        database,
        "SELECT starts_at FROM access_codes INDEXED BY live_codes_by_start "
        "WHERE ended_reason IS NULL AND starts_at IS NOT NULL AND (starts_at, code_no) > "
        "(coalesce((SELECT at FROM progress WHERE name = 'alerts_start'), -9223372036854775808), "
        "coalesce((SELECT at FROM progress WHERE name = 'alerts_code'), 0)) "
        "ORDER BY starts_at, code_no LIMIT 1"};
    Statement counts{database, "SELECT standing, codes FROM code_counts"};
    Statement overdue{database,
                      "SELECT count(*) FROM access_codes INDEXED BY awaited_codes "
                      "WHERE awaited_by <= ?"};
    Statement next_expected{database,
                            "SELECT min(awaited_by) FROM access_codes INDEXED BY awaited_codes "
                            "WHERE awaited_by > ?"};
    Statement pending_alert{database, pending_head_of("alert")};
    Statement pending_change{database, pending_head_of("change")};
    Statement count_pending{database,
                            "SELECT target, count(*) FROM (SELECT target FROM notifications "
                            "WHERE state = 0 AND alert IS NOT NULL UNION ALL "
                            "SELECT target FROM notifications "
                            "WHERE state = 0 AND change IS NOT NULL) GROUP BY target"};
    Statement deliveries{database,
                         "SELECT target, type, state, attempts, next_attempt_at, last_error "
                         "FROM notifications INDEXED BY notifications_of_alert "
                         "WHERE alert = ? ORDER BY id"};
    Statement quarantine{database,
                         "SELECT id, received_at, reason, message_id, length(body) FROM quarantine "
                         "WHERE id < ? ORDER BY id DESC LIMIT ?"};
    Statement quarantined{database,
                          "SELECT id, received_at, reason, message_id, length(body), body "
                          "FROM quarantine WHERE id = ?"};
};

}  // namespace oracode::store
