#include "store/sqlite/outbox.hpp"

#include <algorithm>

#include "store/sqlite/sqlite.hpp"

namespace oracode::store {
namespace {

// Changes in the outbox for one target; the others wait in the feed, where they cost nothing more.
constexpr std::int64_t most_changes = 1'000;
// So few that a delivery that comes meanwhile does not wait longer than for another's commit.
constexpr std::int64_t changes_at_once = 128;

constexpr std::int64_t bit(NotificationType type) {
    return std::int64_t{1} << static_cast<unsigned>(type);
}

std::int64_t bits(const std::vector<NotificationType>& types) {
    std::int64_t all = 0;
    for (const auto type : types) all |= bit(type);
    return all;
}

}  // namespace

struct Outbox::Statements {
    explicit Statements(Database& db) : database(db) {}

    Database& database;
    Statement targets{database, "SELECT name, types, position FROM notification_targets"};
    // Its position stays where it wanted changes before and still does.
    Statement put_target{
        database,
        "INSERT INTO notification_targets (name, types, position) VALUES (?1, ?2, ?3) "
        "ON CONFLICT (name) DO UPDATE SET types = excluded.types, position = "
        "CASE WHEN types & ?4 THEN position ELSE excluded.position END"};
    Statement drop_target{database, "DELETE FROM notification_targets WHERE name = ?"};
    Statement drop_notifications{database, "DELETE FROM notifications WHERE target = ?"};
    Statement drop_unwanted{database,
                            "DELETE FROM notifications WHERE target = ?1 AND NOT (?2 >> type & 1)"};
    Statement retry{database,
                    "UPDATE notifications SET next_attempt_at = min(next_attempt_at, ?2) "
                    "WHERE target = ?1 AND state = 0"};
    Statement add_alert{database,
                        "INSERT INTO notifications "
                        "(target, message_id, type, alert, subject, created_at, next_attempt_at) "
                        "SELECT name, 'msg_' || lower(hex(randomblob(16))), ?2, ?1, ?1, ?3, ?3 "
                        "FROM notification_targets WHERE types & ?4"};
    Statement pending_changes{database,
                              "SELECT count(*) FROM notifications "
                              "INDEXED BY pending_change_notifications "
                              "WHERE target = ? AND state = 0 AND change IS NOT NULL"};
    Statement last_of_batch{database,
                            "SELECT max(seq) FROM (SELECT seq FROM changes WHERE seq > ?1 "
                            "AND seq <= ?2 ORDER BY seq LIMIT ?3)"};
    Statement add_changes{
        database,
        "INSERT INTO notifications "
        "(target, message_id, type, change, subject, created_at, next_attempt_at) "
        "SELECT ?1, 'msg_' || lower(hex(randomblob(16))), ?2, seq, code_no, recorded_at, ?5 "
        "FROM changes WHERE seq > ?3 AND seq <= ?4 AND recorded_at > ?6 ORDER BY seq"};
    Statement move{database, "UPDATE notification_targets SET position = ?2 WHERE name = ?1"};
    Statement settle{database,
                     "UPDATE notifications SET state = ?2, attempts = ?3, next_attempt_at = ?4, "
                     "last_error = ?5 WHERE id = ?1"};
    Statement drop_delivered_change{
        database, "DELETE FROM notifications WHERE id = ? AND change IS NOT NULL"};
};

Outbox::Outbox(Database& database) : statements_(std::make_unique<Statements>(database)) {}
Outbox::~Outbox() = default;

void Outbox::set_targets(const std::vector<NotificationTarget>& targets, std::int64_t last_change,
                         Timestamp now) {
    auto& s = *statements_;
    std::vector<std::string> gone;
    {
        auto rows = s.targets.query();
        while (rows.next()) {
            std::string name{rows.bytes(0)};
            if (std::ranges::find(targets, name, &NotificationTarget::name) == targets.end())
                gone.push_back(std::move(name));
        }
    }
    for (const auto& name : gone) {
        s.drop_notifications.run(std::string_view(name));
        s.drop_target.run(std::string_view(name));
    }
    for (const auto& target : targets) {
        const std::string_view name = target.name;
        const auto wanted = bits(target.types);
        s.put_target.run(name, wanted, last_change, bit(NotificationType::access_code_changed));
        s.drop_unwanted.run(name, wanted);
        if (target.retry_now) s.retry.run(name, now);
    }
}

void Outbox::alert_changed(std::int64_t alert, NotificationType type, Timestamp now) {
    if (statements_->add_alert.run(alert, type, now, bit(type)) != 0) written_ = true;
}

TakenChanges Outbox::take_changes(std::int64_t last_change, Timestamp now) {
    auto& s = *statements_;
    std::vector<std::pair<std::string, std::int64_t>> behind;
    {
        auto rows = s.targets.query();
        while (rows.next()) {
            const bool wants = (rows.integer(1) & bit(NotificationType::access_code_changed)) != 0;
            if (wants && rows.integer(2) < last_change)
                behind.emplace_back(rows.bytes(0), rows.integer(2));
        }
    }
    TakenChanges taken;
    for (const auto& [name, position] : behind) {
        const auto first = [](Rows rows) { return rows.next() ? rows.integer(0) : 0; };
        const std::string_view target = name;
        auto last = position;
        if (first(s.pending_changes.query(target)) + changes_at_once <= most_changes) {
            last = first(s.last_of_batch.query(position, last_change, changes_at_once));
            if (last == 0) last = last_change;  // what was behind the position is not kept any more
            const auto added = s.add_changes.run(target, NotificationType::access_code_changed,
                                                 position, last, now, now - notification_lifetime);
            s.move.run(target, last);
            taken.moved = true;
            if (added != 0) written_ = true;
        }
        if (last < last_change) taken.left = true;
    }
    return taken;
}

bool Outbox::settle(const NotificationOutcome& outcome) {
    auto& s = *statements_;
    if (outcome.state == DeliveryState::delivered && s.drop_delivered_change.run(outcome.id) != 0)
        return true;
    const auto error = outcome.last_error.empty()
                           ? std::nullopt
                           : std::optional{std::string_view(outcome.last_error)};
    return s.settle.run(outcome.id, outcome.state, outcome.attempts, outcome.next_attempt_at,
                        error) != 0;
}

}  // namespace oracode::store
