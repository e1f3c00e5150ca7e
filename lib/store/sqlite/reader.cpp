#include "store/reader.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_set>

#include "store/sqlite/reader_statements.hpp"
#include "store/sqlite/stored_id.hpp"

namespace oracode::store {
namespace {

StoredEvent decode_event(const Rows& rows) {
    return {read_id(rows, 1),          std::string(rows.bytes(2)),
            rows.instant(3),           rows.instant(4),
            rows.instant(5),           rows.word<lifecycle::Source>(6),
            std::string(rows.bytes(7))};
}

// A chain leads to ever lower numbers; anything else is damage, and must not become a loop.
std::int64_t before(std::int64_t seq, std::int64_t previous) {
    return previous < seq ? previous : 0;
}

DueCode as_due(const lifecycle::AccessCode& code) {
    return {code.access_code_id, code.ended.has_value(), code.starts_at.value,
            code.workspace_id,   code.managed.value,     !code.missing_looks.empty()};
}

}  // namespace

lifecycle::Transition decode_transition(const Rows& rows) {
    return {rows.is_null(1) ? std::nullopt : std::optional{rows.word<lifecycle::Status>(1)},
            rows.word<lifecycle::Status>(2),
            rows.instant(3),
            rows.instant(4),
            rows.word<lifecycle::Source>(5),
            read_id(rows, 7),
            std::string(rows.bytes(8))};
}

Reader::Reader(const std::string& path) : statements_(std::make_unique<Statements>(path)) {}

Reader::~Reader() = default;

void Reader::interrupt() {
    statements_->database.interrupt();
}

Result<lifecycle::AccessCode> Reader::find(std::string_view access_code_id) try {
    const StoredId id(access_code_id);
    auto rows = statements_->code.query(id);
    if (!rows.next()) return Error{Errc::not_found, "no such access code"};
    return decode_code(rows);
} catch (const SqliteError& error) {
    return refusal(error);
}

Result<MarkedCode> Reader::find(std::string_view access_code_id,
                                const CodeRevisions& revisions) try {
    const auto began = revisions.now();
    const StoredId id(access_code_id);
    auto rows = statements_->code.query(id);
    if (!rows.next()) return Error{Errc::not_found, "no such access code"};
    auto row = decode_row(rows);
    return MarkedCode{std::move(row.code), revisions.mark(row.code_no, began)};
} catch (const SqliteError& error) {
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
    const Transaction snapshot(statements_->database, Transaction::Kind::read);
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
} catch (const SqliteError& error) {
    return refusal(error);
}

Result<StorageFigures> Reader::kept() try {
    auto& database = statements_->database;
    return StorageFigures{
        database.integer("SELECT count(*) FROM quarantine"),
        database.integer("PRAGMA freelist_count") * database.integer("PRAGMA page_size")};
} catch (const SqliteError& error) {
    return refusal(error);
}

std::vector<DueCode> Reader::due(Timestamp now, std::size_t limit) {
    std::vector<DueCode> codes;
    auto rows = statements_->due.query(now, limit);
    while (rows.next()) codes.push_back(as_due(decode_code(rows)));
    return codes;
}

std::optional<Timestamp> Reader::next_due(Timestamp now) {
    std::optional<Timestamp> earliest;
    auto rows = statements_->next_due.query(now);
    while (rows.next()) {
        const auto due = rows.maybe_instant(0);
        if (due && !(earliest && *earliest <= *due)) earliest = due;
    }
    return earliest;
}

std::optional<Timestamp> Reader::next_expected(Timestamp after) {
    auto rows = statements_->next_expected.query(after);
    return rows.next() ? rows.maybe_instant(0) : std::nullopt;
}

std::vector<std::string> Reader::expired(Timestamp now, std::size_t limit) {
    std::vector<std::string> ids;
    auto rows = statements_->expired.query(now, limit);
    while (rows.next()) ids.push_back(read_id(rows, 0));
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
        const auto row = decode_row(rows);
        live.codes.push_back(as_due(row.code));
        live.last = row.code_no;
    }
    return live;
}

std::optional<DueCode> Reader::due_code(std::string_view access_code_id) {
    const StoredId id(access_code_id);
    auto rows = statements_->code.query(id);
    return rows.next() ? std::optional{as_due(decode_code(rows))} : std::nullopt;
}

std::optional<Timestamp> Reader::backfilled_to() {
    auto rows = statements_->progress.query(std::string_view("backfill"));
    return rows.next() ? rows.maybe_instant(0) : std::nullopt;
}

}  // namespace oracode::store
