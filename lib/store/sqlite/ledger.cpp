#include "store/sqlite/ledger.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "store/error.hpp"
#include "store/sqlite/code_rows.hpp"
#include "store/sqlite/ledger_place.hpp"
#include "store/sqlite/ledger_statements.hpp"
#include "store/sqlite/migrate.hpp"
#include "store/sqlite/sqlite.hpp"
#include "store/sqlite/stored_id.hpp"

namespace oracode::store {
namespace {

std::unique_ptr<Database> open(const std::string& path) {
    auto database = std::make_unique<Database>(path, Database::Access::read_write);
    database->execute(
        "PRAGMA busy_timeout = 2000;"
        // Of a new file: most pages are written for one row, so that smaller ones write less.
        "PRAGMA page_size = 2048;"
        "PRAGMA trusted_schema = OFF;"
        "PRAGMA foreign_keys = ON;"
        "PRAGMA temp_store = MEMORY");
    migrate(*database);
    return database;
}

void configure(Database& database) {
    Statement wal(database, "PRAGMA journal_mode = WAL");
    auto rows = wal.query();
    if (!rows.next() || rows.bytes(0) != "wal")
        throw StoreError(StoreError::Kind::io,
                         "the database's file system does not allow SQLite's write-ahead log");
}

Recorded already_known() {
    Recorded recorded;
    recorded.duplicate = true;
    return recorded;
}

}  // namespace

Ledger::Ledger(const std::string& path, const lifecycle::PollPolicy& policy,
               const lifecycle::AlertPolicy& alerts)
    : policy_(policy),
      database_(open(path)),
      keys_(*database_),
      devices_(*database_),
      outbox_(*database_),
      alerts_(*database_, alerts, outbox_) {
    configure(*database_);
    database_->execute(
        "PRAGMA synchronous = FULL;"
        // Larger is slower: SQLite looks through all of it at a commit for which a page was split.
        "PRAGMA cache_size = -8192;"
        // What is deleted is overwritten, freed pages too: PINs are not to stay behind.
        "PRAGMA secure_delete = ON;"
        // More than LogLimits::checkpoint_at: the log becomes longer while that waits for a sync,
        // and to cut it each time would cost the next commits.
        "PRAGMA journal_size_limit = 100663296");
    statements_ = std::make_unique<Statements>(*database_);
    forget_uncommitted();
}

Ledger::~Ledger() = default;

Database& Ledger::database() {
    return *database_;
}

void Ledger::forget_uncommitted() {
    // Numbers are given out once, also those of what was deleted.
    numbers_.last_code =
        std::max(database_->integer("SELECT max(code_no) FROM access_codes"),
                 database_->integer("SELECT at FROM progress WHERE name = 'codes_removed'"));
    numbers_.last_event =
        std::max(database_->integer("SELECT max(seq) FROM events"),
                 database_->integer("SELECT at FROM progress WHERE name = 'events_removed'"));
    numbers_.last_change =
        database_->integer("SELECT seq FROM sqlite_sequence WHERE name = 'changes'");
    numbers_.count_changes.fill(0);
    changes_.clear();
    alerts_.forget_uncommitted();
    numbers_.latest = Timestamp{Duration{
        std::max({database_->integer("SELECT received_at FROM events ORDER BY seq DESC LIMIT 1"),
                  database_->integer("SELECT recorded_at FROM changes ORDER BY seq DESC LIMIT 1"),
                  database_->integer("SELECT at FROM probes")})}};
}

Recorded Ledger::record(const lifecycle::Event& event, std::string_view payload, Timestamp now) {
    leave_the_future(now);
    if (event.access_code_id.empty()) return record_for_account_or_device(event, payload, now);

    auto row = load(event.access_code_id);
    const Place before(row);
    if (row.code_no == 0) row.code_no = ++numbers_.last_code;
    std::int64_t event_seq = 0;
    if (!event.event_id.empty()) {
        if (known(row, event.event_id)) return already_known();
        const auto seq = remember(event, payload, &row, now);
        if (!seq) return already_known();
        event_seq = row.last_event = *seq;
        add_fingerprint(row.event_fingerprints, fingerprint_of(event.event_id));
    }
    Recorded recorded;
    const auto known_before =
        event.source == lifecycle::Source::poll ? std::optional{row.code} : std::nullopt;
    recorded.transition = apply_to(row, event, event_seq, now);
    if (known_before) recorded.corrections = lifecycle::corrections(*known_before, row.code);
    const bool under_another_account = row.code.connected_account_id != before.connected_account_id;
    const bool back_again = before.ended && !row.code.ended;
    if (under_another_account || back_again) catch_up_with_disconnects(row, now);
    if (row.last_change != before.last_change) recorded.change_seq = row.last_change;
    save(row, before);
    return recorded;
}

bool Ledger::postpone(std::string_view access_code_id, Timestamp now) {
    auto row = load(access_code_id);
    if (row.code_no == 0) return false;
    const Place before(row);
    row.code.last_polled_at = now;
    ++row.code.polls_without_news;
    lifecycle::reschedule(row.code, now, policy_);
    save(row, before);
    return true;
}

bool Ledger::set_tracked(std::string_view access_code_id, bool tracked, Timestamp now) {
    leave_the_future(now);
    auto row = load(access_code_id);
    if (row.code_no == 0) return false;
    const Place before(row);
    row.code.tracked = tracked;
    ++row.code.version;
    row.code.updated_at = now;
    lifecycle::reschedule(row.code, now, policy_);
    save(row, before);
    return true;
}

bool Ledger::note_backfill(Timestamp to, Timestamp now) {
    leave_the_future(now);
    statements_->note_progress.run(std::string_view("backfill"), to);
    return true;
}

Purged Ledger::purge(const RetentionPolicy& retention, Timestamp now) {
    leave_the_future(now);
    // So few that a delivery that comes meanwhile does not wait longer than for another's commit.
    constexpr std::size_t rows_at_once = 64;
    if (!purge_) purge_ = std::make_unique<Purge>(*database_);
    const auto purged = purge_->step(now, retention, rows_at_once);
    numbers_.count_changes.at(standing_of_ended) -= static_cast<std::int64_t>(purged.codes);
    if (purged.pins + purged.codes + purged.events + purged.quarantined > 0) purged_ = true;
    return purged;
}

Timestamp Ledger::probe(Timestamp now) {
    leave_the_future(now);
    statements_->write_probe.run(now);
    return now;
}

CodeRow Ledger::load(std::string_view access_code_id) {
    const StoredId id(access_code_id);
    auto rows = statements_->code_by_id.query(id);
    return rows.next() ? decode_row(rows) : CodeRow{};
}

CodeRow Ledger::load(std::int64_t code_no) {
    auto rows = statements_->code_by_number.query(code_no);
    return rows.next() ? decode_row(rows) : CodeRow{};
}

// An event_id that comes again under another created_at would slip past the events' own uniqueness.
bool Ledger::known(const CodeRow& row, std::string_view event_id) {
    if (!has_fingerprint(row.event_fingerprints, fingerprint_of(event_id))) return false;
    for (auto seq = row.last_event; seq != 0;) {
        auto rows = statements_->event.query(seq);
        if (!rows.next()) return false;
        if (read_id(rows, 0) == event_id) return true;
        seq = rows.integer(1);
    }
    return false;
}

// The event's number, or nullopt when it is known.
std::optional<std::int64_t> Ledger::remember(const lifecycle::Event& event,
                                             std::string_view payload, const CodeRow* row,
                                             Timestamp now) {
    const StoredId event_id(event.event_id);
    const auto code_no = unless_zero(row != nullptr ? row->code_no : 0);
    const auto previous = unless_zero(row != nullptr ? row->last_event : 0);
    const auto seq = numbers_.last_event + 1;
    const auto added = statements_->insert_event.run(
        seq, event.created_at, event_id, std::string_view(event.event_type), event.occurred_at, now,
        event.source, code_no, previous, Blob{payload});
    if (added == 0) return std::nullopt;
    return numbers_.last_event = seq;
}

std::optional<lifecycle::Transition> Ledger::apply_to(CodeRow& row, const lifecycle::Event& event,
                                                      std::int64_t event_seq, Timestamp now) {
    auto transition = lifecycle::apply(row.code, event, now);
    lifecycle::reschedule(row.code, now, policy_);
    if (!transition) return transition;
    statements_->insert_change.run(row.code_no, unless_zero(row.last_change), transition->from,
                                   transition->to, transition->at, transition->recorded_at,
                                   transition->source, unless_zero(event_seq),
                                   lifecycle::ready(row.code, now));
    row.last_change = numbers_.last_change = database_->last_row();
    changes_.push_back({row.code.access_code_id, row.code.device_id, *transition, row.code.ended});
    return transition;
}

// The clock was set back: what was recorded meanwhile, ends above all, holds no longer than it
// does by the right time. Looks at every code, so only when it has happened.
void Ledger::leave_the_future(Timestamp now) {
    constexpr auto tolerance = std::chrono::seconds{1};
    const auto latest = std::exchange(numbers_.latest, now);
    if (now >= latest - tolerance) {
        numbers_.latest = std::max(latest, now);
        return;
    }
    std::vector<std::int64_t> ahead;
    {
        auto rows = statements_->codes_of_the_future.query(now);
        while (rows.next()) ahead.push_back(rows.integer(0));
    }
    lifecycle::Event clock;
    clock.source = lifecycle::Source::clock;
    clock.occurred_at = now;
    for (const auto code_no : ahead) {
        auto row = load(code_no);
        const Place before(row);
        apply_to(row, clock, 0, now);
        save(row, before);
    }
    settle_alerts(alerts_.leave_the_future(now));
}

// The order in which we hear of a code and of the loss of its account must not matter.
void Ledger::catch_up_with_disconnects(CodeRow& row, Timestamp now) {
    if (row.code.connected_account_id.empty() || row.code.ended) return;
    struct Disconnect {
        lifecycle::Event event;
        std::int64_t seq;
    };
    std::vector<Disconnect> disconnects;
    {
        const StoredId account(row.code.connected_account_id);
        auto rows = statements_->disconnects.query(account, lifecycle::max_observations);
        while (rows.next()) {
            lifecycle::Event event;
            event.occurred_at = rows.instant(0);
            event.event_id = read_id(rows, 2);
            event.event_type = rows.bytes(3);
            event.source = rows.word<lifecycle::Source>(4);
            event.step = lifecycle::LifecycleStep::unknown;
            event.refetch = true;
            disconnects.push_back({std::move(event), rows.integer(1)});
        }
    }
    for (auto at = disconnects.rbegin(); at != disconnects.rend(); ++at)
        apply_to(row, at->event, at->seq, now);
}

Recorded Ledger::record_for_account_or_device(const lifecycle::Event& event,
                                              std::string_view payload, Timestamp now) {
    Recorded recorded;
    std::int64_t event_seq = 0;
    if (!event.event_id.empty()) {
        const auto seq = remember(event, payload, nullptr, now);
        if (!seq) return already_known();
        event_seq = *seq;
    }
    const StoredId account(event.connected_account_id);
    const StoredId device(event.device_id);
    if (event.reach == lifecycle::Reach::device && !event.device_id.empty()) {
        statements_->ask_codes_of_device.run(device, now);
        return recorded;
    }
    if (event.reach != lifecycle::Reach::account || event.connected_account_id.empty())
        return recorded;
    statements_->ask_ended_codes_of_account.run(account, now);
    if (!event.step) {
        statements_->ask_codes_of_account.run(account, now);
        return recorded;
    }
    if (event_seq != 0 && event.step == lifecycle::LifecycleStep::unknown)
        statements_->insert_disconnect.run(account, std::min(event.occurred_at, now), event_seq);
    std::vector<std::int64_t> code_numbers;
    {
        auto rows = statements_->live_codes_of_account.query(account);
        while (rows.next()) code_numbers.push_back(rows.integer(0));
    }
    for (const auto code_no : code_numbers) {
        auto row = load(code_no);
        const Place before(row);
        apply_to(row, event, event_seq, now);
        if (row.last_change != before.last_change) recorded.change_seq = row.last_change;
        save(row, before);
    }
    return recorded;
}

}  // namespace oracode::store
