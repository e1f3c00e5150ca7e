#include "store/sqlite/alert_book.hpp"

#include <array>
#include <limits>

#include "store/sqlite/code_rows.hpp"
#include "store/sqlite/outbox.hpp"
#include "store/sqlite/sqlite.hpp"

namespace oracode::store {
namespace {

constexpr std::array kinds_of_codes{lifecycle::AlertKind::not_in_order,
                                    lifecycle::AlertKind::failed};

// Up to where codes were looked at, by their start and number.
constexpr std::string_view start_mark = "alerts_start";
constexpr std::string_view code_mark = "alerts_code";

constexpr unsigned bit(lifecycle::AlertKind kind) {
    return 1U << static_cast<unsigned>(kind);
}

}  // namespace

struct AlertBook::Statements {
    explicit Statements(Database& db) : database(db) {}

    Database& database;
    Statement find{database,
                   "SELECT id, opened_at, detail FROM alerts INDEXED BY open_alerts "
                   "WHERE closed_at IS NULL AND kind = ?1 AND coalesce(code_no, 0) = ?2"};
    Statement open{database,
                   "INSERT INTO alerts (kind, code_no, opened_at, detail) VALUES (?, ?, ?, ?)"};
    Statement close{database, "UPDATE alerts SET closed_at = ?2 WHERE id = ?1"};
    Statement rephrase{database, "UPDATE alerts SET detail = ?2 WHERE id = ?1"};
    Statement with_open{database,
                        "SELECT DISTINCT code_no FROM alerts INDEXED BY open_alerts "
                        "WHERE closed_at IS NULL AND code_no > ? ORDER BY code_no LIMIT ?"};
    Statement near{database,
                   "SELECT code_no, starts_at FROM access_codes INDEXED BY live_codes_by_start "
                   "WHERE ended_reason IS NULL AND starts_at IS NOT NULL "
                   "AND (starts_at, code_no) > (?1, ?2) AND starts_at <= ?3 "
                   "ORDER BY starts_at, code_no LIMIT ?4"};
    Statement mark{database, "SELECT at FROM progress WHERE name = ?"};
    Statement set_mark{database,
                       "INSERT INTO progress (name, at) VALUES (?, ?) "
                       "ON CONFLICT (name) DO UPDATE SET at = excluded.at"};
    Statement opened_by{database,
                        "UPDATE alerts INDEXED BY open_alerts SET opened_at = ?1 "
                        "WHERE closed_at IS NULL AND opened_at > ?1"};
};

AlertBook::AlertBook(Database& database, const lifecycle::AlertPolicy& policy, Outbox& outbox)
    : policy_(policy), outbox_(outbox), statements_(std::make_unique<Statements>(database)) {}
AlertBook::~AlertBook() = default;

bool AlertBook::settle(CodeRow& row, Timestamp now) {
    const auto causes = lifecycle::alerts_of(row.code, now, policy_);
    const auto before = row.open_alerts;
    if (before == 0 && causes == lifecycle::CodeAlerts{}) return false;
    for (const auto kind : kinds_of_codes) {
        const auto& cause = causes.of(kind);
        const bool open = (before & bit(kind)) != 0;
        settle_one(kind, &row, cause, open ? Known::perhaps_open : Known::closed, now);
        row.open_alerts = cause ? row.open_alerts | bit(kind) : row.open_alerts & ~bit(kind);
    }
    return row.open_alerts != before;
}

void AlertBook::settle_daemon(const std::vector<DaemonAlert>& found, Timestamp now) {
    for (const auto& one : found)
        settle_one(one.kind, nullptr, one.cause, Known::perhaps_open, now);
}

void AlertBook::settle_one(lifecycle::AlertKind kind, const CodeRow* row,
                           const std::optional<std::string>& cause, Known known, Timestamp now) {
    auto& s = *statements_;
    const auto code_no = row != nullptr ? std::optional{row->code_no} : std::nullopt;
    Alert alert{.kind = kind};
    if (known == Known::perhaps_open) {
        auto rows = s.find.query(kind, code_no.value_or(0));
        if (rows.next()) {
            alert.id = rows.integer(0);
            alert.opened_at = rows.instant(1);
            alert.detail = rows.bytes(2);
        }
    }
    if (cause && alert.id == 0) {
        s.open.run(kind, code_no, now, std::string_view(*cause));
        alert.id = s.database.last_row();
        alert.opened_at = now;
        alert.detail = *cause;
        changed({true, std::move(alert)}, row, now);
    } else if (cause && alert.detail != *cause) {
        s.rephrase.run(alert.id, std::string_view(*cause));
    } else if (!cause && alert.id != 0) {
        s.close.run(alert.id, now);
        alert.closed_at = now;
        changed({false, std::move(alert)}, row, now);
    }
}

// Every opening and closing passes here, once, in the transaction that makes it: what has to be
// written with it is written here. `row`: of the code, about to be saved, so that a new one is not
// in its table yet; null: about the daemon.
void AlertBook::changed(AlertChange change, const CodeRow* row, Timestamp now) {
    outbox_.alert_changed(
        change.alert.id,
        change.opened ? NotificationType::alert_opened : NotificationType::alert_closed, now);
    if (row != nullptr) {
        change.alert.access_code_id = row->code.access_code_id;
        change.alert.device_id = row->code.device_id;
    }
    changes_.push_back(std::move(change));
}

std::optional<std::int64_t> AlertBook::reached(std::string_view mark) {
    auto rows = statements_->mark.query(mark);
    return rows.next() ? std::optional{rows.integer(0)} : std::nullopt;
}

std::vector<std::int64_t> AlertBook::take_due(Timestamp now, std::size_t limit) {
    std::vector<std::int64_t> numbers;
    step_back_to(now);
    if (open_settled_to_) take_open(numbers, limit);
    if (numbers.size() < limit) take_near(numbers, now, limit - numbers.size());
    return numbers;
}

void AlertBook::take_open(std::vector<std::int64_t>& numbers, std::size_t limit) {
    auto rows = statements_->with_open.query(*open_settled_to_, limit);
    while (rows.next()) numbers.push_back(rows.integer(0));
    open_settled_to_ = numbers.size() < limit ? std::nullopt : std::optional{numbers.back()};
}

void AlertBook::take_near(std::vector<std::int64_t>& numbers, Timestamp now, std::size_t limit) {
    auto& s = *statements_;
    std::optional<std::pair<std::int64_t, std::int64_t>> last;
    {
        const auto start = reached(start_mark).value_or(std::numeric_limits<std::int64_t>::min());
        auto rows =
            s.near.query(start, reached(code_mark).value_or(0), now + policy_.before, limit);
        while (rows.next()) {
            numbers.push_back(rows.integer(0));
            last = {rows.integer(1), rows.integer(0)};
        }
    }
    if (!last) return;
    s.set_mark.run(start_mark, last->first);
    s.set_mark.run(code_mark, last->second);
}

// What has come near by a clock that stood ahead, or by a longer `before`, is to come near again.
void AlertBook::step_back_to(Timestamp now) {
    auto& s = *statements_;
    if (reached(start_mark).value_or(0) <= (now + policy_.before).time_since_epoch().count())
        return;
    s.set_mark.run(start_mark, now + policy_.before);
    s.set_mark.run(code_mark, 0);
}

std::vector<std::int64_t> AlertBook::leave_the_future(Timestamp now) {
    auto& s = *statements_;
    std::vector<std::int64_t> numbers;
    {
        auto rows = s.with_open.query(0, -1);
        while (rows.next()) numbers.push_back(rows.integer(0));
    }
    s.opened_by.run(now);
    step_back_to(now);
    return numbers;
}

void AlertBook::forget_changes_after(std::size_t count) {
    changes_.resize(count);
}

void AlertBook::forget_uncommitted() {
    changes_.clear();
    open_settled_to_ = 0;
}

}  // namespace oracode::store
