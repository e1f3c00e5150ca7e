-- Locks as Seam showed them last, so that their time slots are known right after a start.
CREATE TABLE devices (
    device_id ANY PRIMARY KEY NOT NULL,
    fetched_at INTEGER NOT NULL,        -- what `object` states is no older
    object TEXT NOT NULL                -- the part of Seam's JSON that is used
) STRICT, WITHOUT ROWID;

-- Orders for codes that came with an Idempotency-Key.
CREATE TABLE orders (
    idempotency_key TEXT PRIMARY KEY NOT NULL,
    digest TEXT NOT NULL,               -- of what was ordered
    ordered_at INTEGER NOT NULL,
    starts_at INTEGER,                  -- the window Seam was asked for, and when;
    ends_at INTEGER,                    -- NULL: Seam was not asked
    asked_at INTEGER,
    access_code_id ANY,                 -- the code that was made
    status INTEGER,                     -- the answer; NULL: there was none yet
    location TEXT,
    body TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX orders_by_age ON orders (ordered_at);
