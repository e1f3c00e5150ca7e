#include "store/reader.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_set>

#include <fmt/format.h>

#include "lifecycle/schedule.hpp"
#include "store/code_rows.hpp"
#include "store/error.hpp"
#include "store/migrate.hpp"
#include "store/sqlite.hpp"
#include "store/stored_id.hpp"

namespace oracode {
namespace {

using store::code_columns;
using store::Database;
using store::Rows;
using store::Statement;
using store::StoredId;

constexpr std::string_view event_columns =
    "seq, event_id, event_type, occurred_at, created_at, received_at, source, body, previous";

std::string list_from(std::string_view source, std::string_view condition) {
    return fmt::format(
        "SELECT {} FROM access_codes {} WHERE {} code_no > ?1 AND (?2 >> status & 1) "
        "AND (?3 IS NULL OR ?3 = (status <> 3 AND ended_reason IS NULL "
        "AND expected_by IS NOT NULL AND expected_by <= ?4)) "
        "ORDER BY code_no LIMIT ?5",
        code_columns, source, condition);
}

StoredEvent decode_event(const Rows& rows) {
    return {store::read_id(rows, 1),   std::string(rows.bytes(2)),
            rows.instant(3),           rows.instant(4),
            rows.instant(5),           rows.word<Source>(6),
            std::string(rows.bytes(7))};
}

Transition decode_transition(const Rows& rows) {
    return {rows.is_null(1) ? std::nullopt : std::optional{rows.word<Status>(1)},
            rows.word<Status>(2),
            rows.instant(3),
            rows.instant(4),
            rows.word<Source>(5),
            store::read_id(rows, 7),
            std::string(rows.bytes(8))};
}

// A chain leads to ever lower numbers; anything else is damage, and must not become a loop.
std::int64_t before(std::int64_t seq, std::int64_t previous) {
    return previous < seq ? previous : 0;
}

constexpr unsigned bit(Status status) {
    return 1U << static_cast<unsigned>(status);
}

constexpr unsigned every_status = bit(Status::unknown) | bit(Status::unset) | bit(Status::setting) |
                                  bit(Status::set) | bit(Status::removing);
constexpr unsigned passing = bit(Status::unknown) | bit(Status::setting) | bit(Status::removing);

Error refusal(const store::SqliteError& error) {
    return {Errc::store_unavailable, error.what()};
}

}  // namespace

struct Reader::Statements {
    explicit Statements(const std::string& path) : database(path, Database::Access::read_only) {
        database.execute(
            "PRAGMA busy_timeout = 250;"
            "PRAGMA query_only = ON;"
            "PRAGMA trusted_schema = OFF;"
            "PRAGMA temp_store = MEMORY;"
            "PRAGMA cache_size = -8192;"
            // A commit makes a reader forget its cache; mapped pages need none.
            "PRAGMA mmap_size = 1073741824");
        store::require_newest_schema(database);
    }

    [[nodiscard]] Statement& list(unsigned statuses, const Filter& filter) {
        if (filter.device_id) return list_of_device;
        if (filter.overdue == true) return list_overdue;
        if ((statuses & ~passing) == 0) return list_passing;
        // A code that has ended is `unset`.
        if ((statuses & bit(Status::unset)) == 0) return list_live;
        return list_all;
    }

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
        "e.event_id, e.event_type, a.access_code_id, a.device_id "
        "FROM changes c CROSS JOIN access_codes a ON a.code_no = c.code_no "
        "LEFT JOIN events e ON e.seq = c.event WHERE c.seq > ? ORDER BY c.seq LIMIT ?"};
    Statement oldest_change{
        database,
        "SELECT max(coalesce((SELECT at FROM progress WHERE name = 'changes_removed'), 0) + 1, "
        "coalesce((SELECT min(seq) FROM changes), "
        "(SELECT seq FROM sqlite_sequence WHERE name = 'changes') + 1, 1))"};
    // The index is named, because the planner has no statistics to choose by.
    Statement due{database, fmt::format("SELECT {} FROM access_codes INDEXED BY due_codes "
                                        "WHERE next_poll_at <= ? ORDER BY next_poll_at LIMIT ?",
                                        code_columns)};
    Statement next_due{database,
                       "SELECT min(next_poll_at) FROM access_codes WHERE next_poll_at IS NOT NULL"};
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
    Statement list_all{database, list_from("NOT INDEXED", "")};
    Statement list_live{database, list_from("INDEXED BY live_codes", "ended_reason IS NULL AND")};
    Statement list_passing{database,
                           list_from("INDEXED BY passing_codes", "status IN (0, 2, 4) AND")};
    Statement list_of_device{database,
                             list_from("INDEXED BY codes_by_device", "device_id = ?6 AND")};
    Statement list_overdue{
        database, list_from("INDEXED BY awaited_codes",
                            "expected_by IS NOT NULL AND expected_by <= ?4 AND status <> 3 AND "
                            "ended_reason IS NULL AND")};
    Statement counts{database, "SELECT standing, codes FROM code_counts"};
    Statement overdue{database,
                      "SELECT count(*) FROM access_codes INDEXED BY awaited_codes "
                      "WHERE expected_by IS NOT NULL AND expected_by <= ? AND status <> 3 "
                      "AND ended_reason IS NULL"};
};

Reader::Reader(const std::string& path) {
    try {
        statements_ = std::make_unique<Statements>(path);
    } catch (const store::SqliteError& error) {
        throw StoreError(
            error.of_permission() ? StoreError::Kind::permission : StoreError::Kind::io,
            error.what());
    }
}

Reader::~Reader() = default;

Result<AccessCode> Reader::find(std::string_view access_code_id) try {
    const StoredId id(access_code_id);
    auto rows = statements_->code.query(id);
    if (!rows.next()) return Error{Errc::not_found, "no such access code"};
    return store::decode_code(rows);
} catch (const store::SqliteError& error) {
    return refusal(error);
}

// The events of the chain that ends with `seq`, and their numbers.
std::vector<StoredEvent> Reader::Statements::events_to(std::int64_t seq,
                                                       std::unordered_set<std::int64_t>& seen) {
    std::vector<StoredEvent> events;
    while (seq != 0) {
        auto rows = event.query(seq);
        if (!rows.next()) break;
        events.push_back(decode_event(rows));
        seen.insert(seq);
        seq = before(seq, rows.integer(8));
    }
    return events;
}

Result<History> Reader::history(std::string_view access_code_id) try {
    // One state for all the statements below.
    const store::Transaction snapshot(statements_->database, store::Transaction::Kind::read);
    std::int64_t last_event = 0;
    std::int64_t last_change = 0;
    {
        const StoredId id(access_code_id);
        auto rows = statements_->heads.query(id);
        if (!rows.next()) return Error{Errc::not_found, "no such access code"};
        last_event = rows.integer(0);
        last_change = rows.integer(1);
    }
    History history;
    std::unordered_set<std::int64_t> seen;
    history.events = statements_->events_to(last_event, seen);
    std::vector<std::int64_t> of_the_account;
    for (auto seq = last_change; seq != 0;) {
        auto rows = statements_->change.query(seq);
        if (!rows.next()) break;
        history.transitions.push_back(decode_transition(rows));
        const auto event = rows.integer(6);
        if (event != 0 && seen.insert(event).second) of_the_account.push_back(event);
        seq = before(seq, rows.integer(0));
    }
    for (const auto seq : of_the_account) {
        auto rows = statements_->event.query(seq);
        if (rows.next()) history.events.push_back(decode_event(rows));
    }
    std::sort(history.events.begin(), history.events.end(), [](const auto& a, const auto& b) {
        return std::tie(a.occurred_at, a.created_at, a.event_id) <
               std::tie(b.occurred_at, b.created_at, b.event_id);
    });
    std::reverse(history.transitions.begin(), history.transitions.end());
    return history;
} catch (const store::SqliteError& error) {
    return refusal(error);
}

Result<Page> Reader::list(const Filter& filter) try {
    unsigned statuses = 0;
    for (const auto status : filter.statuses) statuses |= bit(status);
    if (statuses == 0) statuses = every_status;

    auto& statement = statements_->list(statuses, filter);
    const StoredId device(filter.device_id ? std::string_view(*filter.device_id) : "");
    const auto limit = static_cast<std::int64_t>(filter.limit);
    // One more than asked for tells whether there is a next page.
    auto rows = filter.device_id ? statement.query(filter.after, statuses, filter.overdue,
                                                   filter.overdue_at, limit + 1, device)
                                 : statement.query(filter.after, statuses, filter.overdue,
                                                   filter.overdue_at, limit + 1);
    Page page;
    std::int64_t last = filter.after;
    while (rows.next()) {
        if (page.codes.size() == filter.limit) {
            page.next = last;
            break;
        }
        auto row = store::decode_row(rows);
        last = row.code_no;
        page.codes.push_back(std::move(row.code));
    }
    return page;
} catch (const store::SqliteError& error) {
    return refusal(error);
}

Result<std::vector<Change>> Reader::changes(std::int64_t after, std::size_t limit) try {
    std::vector<Change> changes;
    auto rows = statements_->changes.query(after, limit);
    while (rows.next()) {
        auto& change = changes.emplace_back();
        change.seq = rows.integer(0);
        change.transition = decode_transition(rows);
        change.ready = rows.integer(6) != 0;
        change.access_code_id = store::read_id(rows, 9);
        change.device_id = store::read_id(rows, 10);
    }
    return changes;
} catch (const store::SqliteError& error) {
    return refusal(error);
}

Result<std::int64_t> Reader::oldest_change() try {
    auto rows = statements_->oldest_change.query();
    return rows.next() ? rows.integer(0) : 1;
} catch (const store::SqliteError& error) {
    return refusal(error);
}

Result<CodeCounts> Reader::counts(Timestamp overdue_at) try {
    const store::Transaction snapshot(statements_->database, store::Transaction::Kind::read);
    CodeCounts counts;
    auto rows = statements_->counts.query();
    while (rows.next()) {
        const auto standing = static_cast<std::size_t>(rows.integer(0));
        (standing < counts.live.size() ? counts.live.at(standing) : counts.ended) = rows.integer(1);
    }
    auto overdue = statements_->overdue.query(overdue_at);
    if (overdue.next()) counts.overdue = overdue.integer(0);
    return counts;
} catch (const store::SqliteError& error) {
    return refusal(error);
}

Result<Kept> Reader::kept() try {
    auto& database = statements_->database;
    return Kept{database.integer("SELECT count(*) FROM quarantine"),
                database.integer("PRAGMA freelist_count") * database.integer("PRAGMA page_size")};
} catch (const store::SqliteError& error) {
    return refusal(error);
}

std::vector<DueCode> Reader::due(Timestamp now, std::size_t limit) {
    std::vector<DueCode> codes;
    auto rows = statements_->due.query(now, limit);
    while (rows.next()) {
        const auto code = store::decode_code(rows);
        codes.push_back({code.access_code_id, details_missing(code)});
    }
    return codes;
}

std::optional<Timestamp> Reader::next_due() {
    auto rows = statements_->next_due.query();
    return rows.next() ? rows.maybe_instant(0) : std::nullopt;
}

std::vector<std::string> Reader::expired(Timestamp now, std::size_t limit) {
    std::vector<std::string> ids;
    auto rows = statements_->expired.query(now, limit);
    while (rows.next()) ids.push_back(store::read_id(rows, 0));
    return ids;
}

std::optional<Timestamp> Reader::next_end() {
    auto rows = statements_->next_end.query();
    return rows.next() ? rows.maybe_instant(0) : std::nullopt;
}

LiveCodes Reader::live_codes(std::int64_t after, std::size_t limit) {
    LiveCodes live;
    auto rows = statements_->live.query(after, limit);
    while (rows.next()) {
        const auto row = store::decode_row(rows);
        live.codes.push_back({row.code.access_code_id, details_missing(row.code)});
        live.last = row.code_no;
    }
    return live;
}

std::optional<Timestamp> Reader::backfilled_to() {
    auto rows = statements_->progress.query(std::string_view("backfill"));
    return rows.next() ? rows.maybe_instant(0) : std::nullopt;
}

}  // namespace oracode
