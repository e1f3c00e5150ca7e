#include "store/sqlite/purge.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "lifecycle/pins.hpp"
#include "store/notification.hpp"
#include "store/sqlite/sqlite.hpp"

namespace oracode::store {
namespace {

// What counts as a PIN. What an older rule left behind is looked through once more.
constexpr std::int64_t pin_rule = 2;

std::optional<std::string> wiped(std::optional<std::string> text,
                                 std::span<const std::string> pins) {
    if (!text) return text;
    auto without = lifecycle::without_pins(*text, pins);
    return without ? std::move(without) : std::move(text);
}

}  // namespace

struct Purge::Statements {
    explicit Statements(Database& db) : database(db) {}

    Database& database;
    Statement ended{database,
                    "SELECT code_no FROM access_codes INDEXED BY ended_codes_by_age WHERE "
                    "ended_since IS NOT NULL AND ended_since <= ? ORDER BY ended_since LIMIT 1"};
    Statement with_pins{
        database,
        "SELECT code_no, pins_from FROM access_codes INDEXED BY ended_codes_with_pins "
        "WHERE pins_from IS NOT NULL AND ended_since <= ? ORDER BY ended_since LIMIT 1"};
    Statement heads{database, "SELECT last_event, last_change FROM access_codes WHERE code_no = ?"};
    Statement cut{database,
                  "UPDATE access_codes SET last_event = ?2, last_change = ?3 WHERE code_no = ?1"};
    Statement event{database, "SELECT previous, body FROM events WHERE seq = ?"};
    Statement previous_event{database, "SELECT previous FROM events WHERE seq = ?"};
    Statement previous_change{database, "SELECT previous FROM changes WHERE seq = ?"};
    Statement set_body{database, "UPDATE events SET body = ?2 WHERE seq = ?1"};
    Statement pins_from{database, "UPDATE access_codes SET pins_from = ?2 WHERE code_no = ?1"};
    Statement texts{database,
                    "SELECT pending_mutations, errors, warnings, dormakaba_oracode_metadata, "
                    "event_errors, event_warnings, code FROM access_codes WHERE code_no = ?"};
    Statement wipe_code{database,
                        "UPDATE access_codes SET code = NULL, pending_mutations = ?2, errors = ?3, "
                        "warnings = ?4, dormakaba_oracode_metadata = ?5, event_errors = ?6, "
                        "event_warnings = ?7, version = version + 1 "
                        "WHERE code_no = ?1"};
    Statement delete_event{database, "DELETE FROM events WHERE seq = ?"};
    Statement delete_change{database, "DELETE FROM changes WHERE seq = ?"};
    Statement delete_code{database, "DELETE FROM access_codes WHERE code_no = ?"};
    Statement delete_disconnect{database, "DELETE FROM disconnects WHERE event = ?"};
    Statement events_of_no_code{database,
                                "SELECT seq FROM events INDEXED BY events_of_no_code "
                                "WHERE code_no IS NULL AND received_at <= ? "
                                "ORDER BY received_at LIMIT ?"};
    Statement bodies_of_no_code{database,
                                "SELECT seq, received_at, body FROM events "
                                "INDEXED BY events_of_no_code WHERE code_no IS NULL "
                                "AND received_at > ? AND received_at <= ? ORDER BY received_at"};
    Statement quarantined_bodies{database,
                                 "SELECT id, received_at, body FROM quarantine WHERE id > ? "
                                 "ORDER BY id LIMIT ?"};
    Statement set_quarantined{database, "UPDATE quarantine SET body = ?2 WHERE id = ?1"};
    Statement progress{database, "SELECT at FROM progress WHERE name = ?"};
    Statement quarantined{database, "SELECT id, received_at FROM quarantine ORDER BY id LIMIT ?"};
    Statement delete_alerts{database,
                            "DELETE FROM alerts WHERE id IN (SELECT id FROM alerts "
                            "INDEXED BY alerts_of_the_daemon WHERE code_no IS NULL "
                            "AND closed_at <= ? ORDER BY closed_at LIMIT ?)"};
    Statement delete_quarantined{database, "DELETE FROM quarantine WHERE id = ?"};
    Statement reached{database,
                      "INSERT INTO progress (name, at) VALUES (?1, ?2) "
                      "ON CONFLICT (name) DO UPDATE SET at = max(at, excluded.at)"};
    Statement first_end{database,
                        "SELECT min(ended_since) FROM access_codes INDEXED BY ended_codes_by_age "
                        "WHERE ended_since IS NOT NULL"};
    Statement first_pins{
        database,
        "SELECT min(ended_since) FROM access_codes INDEXED BY ended_codes_with_pins "
        "WHERE pins_from IS NOT NULL"};
    Statement first_event{database,
                          "SELECT min(received_at) FROM events INDEXED BY events_of_no_code "
                          "WHERE code_no IS NULL"};
    Statement first_body_of_no_code{
        database,
        "SELECT min(received_at) FROM events INDEXED BY events_of_no_code WHERE code_no IS NULL "
        "AND received_at > coalesce((SELECT at FROM progress WHERE name = 'event_pins'), 0)"};
    Statement first_quarantined_body{
        database,
        "SELECT received_at FROM quarantine WHERE id > "
        "coalesce((SELECT at FROM progress WHERE name = 'quarantine_pins'), 0) "
        "ORDER BY id LIMIT 1"};
    Statement delete_notifications{database,
                                   "DELETE FROM notifications WHERE id IN (SELECT id "
                                   "FROM notifications WHERE created_at <= ? "
                                   "ORDER BY created_at LIMIT ?)"};
    Statement first_notification{database, "SELECT min(created_at) FROM notifications"};
    Statement first_alert{database,
                          "SELECT min(closed_at) FROM alerts INDEXED BY alerts_of_the_daemon "
                          "WHERE code_no IS NULL"};
    Statement first_quarantined{database, "SELECT received_at FROM quarantine ORDER BY id LIMIT 1"};
};

Purge::Purge(Database& database) : statements_(std::make_unique<Statements>(database)) {}
Purge::~Purge() = default;

Purged Purge::step(Timestamp now, const RetentionPolicy& retention, std::size_t rows) {
    Purged purged;
    left_ = rows;
    look_again_by_a_new_rule();
    const auto one = [](Statement& statement, Timestamp before, int column) {
        auto found = statement.query(before);
        return found.next() ? std::pair{found.integer(0), found.integer(column)}
                            : std::pair{std::int64_t{0}, std::int64_t{0}};
    };
    while (left_ > 0) {
        const auto [code_no, from] = one(statements_->with_pins, now - retention.pins, 1);
        if (code_no == 0) break;
        wipe_pins(code_no, from, purged);
    }
    wipe_events_of_no_code(now - retention.pins, purged);
    wipe_quarantined(now - retention.pins, purged);
    while (left_ > 0) {
        const auto [code_no, same] = one(statements_->ended, now - retention.history, 0);
        if (code_no == 0) break;
        delete_code(code_no, purged);
    }
    delete_events_of_no_code(now - retention.history, purged);
    delete_quarantined(now - retention.history, purged);
    purged.notifications = static_cast<std::size_t>(
        statements_->delete_notifications.run(now - notification_lifetime, left_));
    left_ -= purged.notifications;
    // Those of a code go with it.
    left_ -=
        static_cast<std::size_t>(statements_->delete_alerts.run(now - retention.history, left_));
    purged.next = next(retention);
    purged.more = left_ == 0 || (purged.next && *purged.next <= now);
    return purged;
}

// Of the events that this step will wipe: a newer one may quote what an older one has.
std::vector<std::string> Purge::pins_of_events(std::int64_t from) {
    std::vector<std::string> pins;
    auto seq = from;
    for (auto left = left_; seq != 0 && left > 0; --left) {
        auto rows = statements_->event.query(seq);
        if (!rows.next()) break;
        lifecycle::add_pins(pins, rows.bytes(1));
        seq = rows.integer(0);
    }
    return pins;
}

// Goes down the chain of the code's events, and keeps the place where it has to stop.
void Purge::wipe_pins(std::int64_t code_no, std::int64_t from, Purged& purged) {
    auto& s = *statements_;
    std::array<std::optional<std::string>, 6> texts;
    auto pins = pins_of_events(from);
    {
        auto rows = s.texts.query(code_no);
        if (rows.next()) {
            for (std::size_t i = 0; i < texts.size(); ++i)
                texts[i] = rows.maybe_text(static_cast<int>(i));
            if (auto code = rows.maybe_text(texts.size())) pins.push_back(std::move(*code));
        }
    }
    for (const auto& text : texts) lifecycle::add_pins(pins, text.value_or(""));
    auto seq = from;
    while (seq != 0 && left_ > 0) {
        --left_;
        std::int64_t previous = 0;
        std::optional<std::string> body;
        {
            auto rows = s.event.query(seq);
            if (rows.next()) {
                previous = rows.integer(0);
                body = lifecycle::without_pins(rows.bytes(1), pins);
            }
        }
        if (body) s.set_body.run(seq, Blob{*body});
        seq = previous;
    }
    if (left_ == 0 && seq != 0) {
        s.pins_from.run(code_no, seq);
        return;
    }
    for (auto& text : texts) text = wiped(std::move(text), pins);
    s.wipe_code.run(code_no, texts[0], texts[1], texts[2], texts[3], texts[4], texts[5]);
    s.pins_from.run(code_no, nullptr);
    left_ -= std::min<std::size_t>(left_, 1);
    ++purged.pins;
}

std::int64_t Purge::reached(std::string_view mark) {
    auto rows = statements_->progress.query(mark);
    return rows.next() ? rows.integer(0) : 0;
}

void Purge::look_again_by_a_new_rule() {
    if (std::exchange(rule_checked_, true) || reached("pin_rule") >= pin_rule) return;
    auto& database = statements_->database;
    database.execute(
        "UPDATE access_codes SET pins_from = coalesce(last_event, 0) "
        "WHERE ended_since IS NOT NULL AND pins_from IS NULL");
    statements_->reached.run(std::string_view("pin_rule"), pin_rule);
}

// All of one instant in the same step: the mark is an instant.
void Purge::wipe_events_of_no_code(Timestamp before, Purged& purged) {
    if (left_ == 0) return;
    constexpr std::string_view mark = "event_pins";
    std::vector<std::pair<std::int64_t, std::string>> changed;
    std::optional<Timestamp> last;
    {
        auto rows = statements_->bodies_of_no_code.query(reached(mark), before);
        while (rows.next() && (left_ > 0 || rows.instant(1) == last)) {
            last = rows.instant(1);
            left_ -= std::min<std::size_t>(left_, 1);
            if (auto body = lifecycle::without_pins(rows.bytes(2)))
                changed.emplace_back(rows.integer(0), std::move(*body));
        }
    }
    for (const auto& [seq, body] : changed) statements_->set_body.run(seq, Blob{body});
    if (last) statements_->reached.run(mark, *last);
    purged.pins += changed.size();
}

void Purge::wipe_quarantined(Timestamp before, Purged& purged) {
    if (left_ == 0) return;
    constexpr std::string_view mark = "quarantine_pins";
    std::vector<std::pair<std::int64_t, std::string>> changed;
    std::int64_t last = 0;
    {
        auto rows = statements_->quarantined_bodies.query(reached(mark), left_);
        while (rows.next() && rows.instant(1) <= before) {
            last = rows.integer(0);
            --left_;
            if (auto body = lifecycle::without_pins(rows.bytes(2)))
                changed.emplace_back(last, std::move(*body));
        }
    }
    for (const auto& [id, body] : changed) statements_->set_quarantined.run(id, Blob{body});
    if (last != 0) statements_->reached.run(mark, last);
    purged.pins += changed.size();
}

// From the newest on: what is left is a whole chain at any moment.
void Purge::delete_code(std::int64_t code_no, Purged& purged) {
    auto& s = *statements_;
    std::int64_t event = 0;
    std::int64_t change = 0;
    {
        auto rows = s.heads.query(code_no);
        if (rows.next()) {
            event = rows.integer(0);
            change = rows.integer(1);
        }
    }
    const auto take_from = [this](std::int64_t& head, Statement& previous, Statement& remove,
                                  std::string_view mark) {
        const auto newest = head;
        std::size_t taken = 0;
        while (head != 0 && left_ > 0) {
            const auto seq = head;
            {
                auto rows = previous.query(seq);
                head = rows.next() ? rows.integer(0) : 0;
            }
            taken += static_cast<std::size_t>(remove.run(seq));
            --left_;
        }
        // Numbers are given out once, whatever is deleted.
        if (newest != 0) statements_->reached.run(mark, newest);
        return taken;
    };
    purged.events += take_from(event, s.previous_event, s.delete_event, "events_removed");
    purged.changes += take_from(change, s.previous_change, s.delete_change, "changes_removed");
    if (event != 0 || change != 0 || left_ == 0) {
        s.cut.run(code_no, unless_zero(event), unless_zero(change));
        return;
    }
    s.delete_code.run(code_no);
    s.reached.run(std::string_view("codes_removed"), code_no);
    --left_;
    ++purged.codes;
}

void Purge::delete_events_of_no_code(Timestamp before, Purged& purged) {
    if (left_ == 0) return;
    std::vector<std::int64_t> seqs;
    {
        auto rows = statements_->events_of_no_code.query(before, left_);
        while (rows.next()) seqs.push_back(rows.integer(0));
    }
    for (const auto seq : seqs) {
        statements_->delete_disconnect.run(seq);
        statements_->delete_event.run(seq);
        statements_->reached.run(std::string_view("events_removed"), seq);
    }
    left_ -= seqs.size();
    purged.events += seqs.size();
}

// They are numbered in the order in which they came.
void Purge::delete_quarantined(Timestamp before, Purged& purged) {
    if (left_ == 0) return;
    std::vector<std::int64_t> ids;
    {
        auto rows = statements_->quarantined.query(left_);
        while (rows.next() && rows.instant(1) <= before) ids.push_back(rows.integer(0));
    }
    for (const auto id : ids) statements_->delete_quarantined.run(id);
    left_ -= ids.size();
    purged.quarantined += ids.size();
}

std::optional<Timestamp> Purge::next(const RetentionPolicy& retention) {
    std::optional<Timestamp> earliest;
    const auto consider = [&](Statement& first, Duration kept) {
        auto rows = first.query();
        if (!rows.next() || rows.is_null(0)) return;
        const auto at = rows.instant(0) + kept;
        if (!earliest || at < *earliest) earliest = at;
    };
    consider(statements_->first_end, retention.history);
    consider(statements_->first_pins, retention.pins);
    consider(statements_->first_body_of_no_code, retention.pins);
    consider(statements_->first_quarantined_body, retention.pins);
    consider(statements_->first_event, retention.history);
    consider(statements_->first_quarantined, retention.history);
    consider(statements_->first_notification, notification_lifetime);
    consider(statements_->first_alert, retention.history);
    return earliest;
}

}  // namespace oracode::store
