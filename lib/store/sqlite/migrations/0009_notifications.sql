-- What is to be sent to the targets of notifications: the outbox.
CREATE TABLE notifications (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    target TEXT NOT NULL,
    message_id TEXT NOT NULL,             -- the same at each attempt
    type INTEGER NOT NULL,
    alert INTEGER,                        -- of `alerts`
    change INTEGER,                       -- of `changes`; either the one or the other
    subject INTEGER NOT NULL,             -- the alert, or the number of the change's code: in order
    created_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER,              -- NULL unless it is pending
    state INTEGER NOT NULL DEFAULT 0,     -- pending, delivered, failed
    last_error TEXT
) STRICT;

CREATE INDEX pending_alert_notifications ON notifications (target, next_attempt_at, id)
    WHERE state = 0 AND alert IS NOT NULL;
CREATE INDEX pending_change_notifications ON notifications (target, next_attempt_at, id)
    WHERE state = 0 AND change IS NOT NULL;
CREATE INDEX pending_alert_notifications_by_subject ON notifications (subject, target, id)
    WHERE state = 0 AND alert IS NOT NULL;
CREATE INDEX pending_change_notifications_by_subject ON notifications (subject, target, id)
    WHERE state = 0 AND change IS NOT NULL;
CREATE INDEX notifications_of_alert ON notifications (alert) WHERE alert IS NOT NULL;
CREATE INDEX notifications_by_age ON notifications (created_at);

-- The targets as the settings named them last.
CREATE TABLE notification_targets (
    name TEXT PRIMARY KEY,
    types INTEGER NOT NULL,               -- a bit for each type
    position INTEGER NOT NULL             -- changes up to here are in the outbox, or never will be
) STRICT, WITHOUT ROWID;
