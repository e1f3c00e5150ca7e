// The notifications in the database, written in the transaction that causes them. Changes of codes
// cause none of their own: the change feed is durable, and each target that wants them has a
// position in it, from which `take_changes` brings what is new into the outbox, off the path of
// deliveries. Part of a Ledger, used on the writer's thread inside a transaction. Refusals of
// SQLite are thrown as SqliteError.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "store/notification.hpp"

namespace oracode::store {

class Database;

class Outbox {
public:
    explicit Outbox(Database& database);
    ~Outbox();
    Outbox(const Outbox&) = delete;
    Outbox& operator=(const Outbox&) = delete;

    // These and no others are there from now on; what was for others goes. One that begins to want
    // changes gets those behind `last_change`.
    void set_targets(const std::vector<NotificationTarget>& targets, std::int64_t last_change,
                     Timestamp now);

    // An alert was opened or closed: a notification for each target that wants to know.
    void alert_changed(std::int64_t alert, NotificationType type, Timestamp now);

    // Notifications of changes up to `last_change`, of which each target has a limited number at a
    // time.
    TakenChanges take_changes(std::int64_t last_change, Timestamp now);

    // Notes what became of an attempt. A delivered change is not kept.
    bool settle(const NotificationOutcome& outcome);

    // Whether a notification was written since this was last called.
    [[nodiscard]] bool take_written() { return std::exchange(written_, false); }

private:
    struct Statements;

    std::unique_ptr<Statements> statements_;
    bool written_ = false;
};

}  // namespace oracode::store
