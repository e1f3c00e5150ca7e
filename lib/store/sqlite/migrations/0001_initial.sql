-- Instants are integer milliseconds since the epoch, UTC. Ids are blobs of 16 bytes (UUIDs in their
-- canonical form) or texts. Everything grows at its end: the histories of a code are chains through
-- `previous`, newest first, so that no index has to take entries at random places.

CREATE TABLE access_codes (
    code_no INTEGER PRIMARY KEY,
    access_code_id ANY NOT NULL UNIQUE,
    device_id ANY,
    workspace_id ANY,
    connected_account_id ANY,
    status INTEGER NOT NULL,            -- lifecycle's Status
    ended_reason INTEGER,               -- lifecycle's EndReason; NULL: not ended
    ended_at INTEGER,
    next_poll_at INTEGER,
    status_since INTEGER NOT NULL,
    status_source INTEGER NOT NULL,     -- lifecycle's Source
    starts_at INTEGER,
    ends_at INTEGER,
    created_at INTEGER,
    refetch INTEGER NOT NULL,
    expected_by INTEGER,
    last_polled_at INTEGER,
    clock_at INTEGER,
    polls_without_news INTEGER NOT NULL,
    tracked INTEGER NOT NULL,
    version INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    last_event INTEGER,                 -- events.seq of the one recorded last
    last_change INTEGER,                -- changes.seq likewise
    is_offline_access_code INTEGER,
    name TEXT,
    code TEXT,                          -- the PIN
    type TEXT,
    errors TEXT,
    warnings TEXT,
    pending_mutations TEXT,
    dormakaba_oracode_metadata TEXT,
    stamps BLOB NOT NULL,               -- when each fact was told
    observations BLOB NOT NULL,         -- the statements about the status
    marks BLOB NOT NULL                 -- of the events recorded
) STRICT;

CREATE INDEX codes_by_device ON access_codes (device_id);
CREATE INDEX live_codes_by_account ON access_codes (connected_account_id) WHERE ended_reason IS NULL;
CREATE INDEX live_codes ON access_codes (code_no) WHERE ended_reason IS NULL;
-- unknown, setting, removing: few at any time, and what operators look for.
CREATE INDEX passing_codes ON access_codes (code_no) WHERE status IN (0, 2, 4);
CREATE INDEX live_codes_by_end ON access_codes (ends_at) WHERE ended_reason IS NULL AND ends_at IS NOT NULL;
CREATE INDEX due_codes ON access_codes (next_poll_at) WHERE next_poll_at IS NOT NULL;

CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    created_at INTEGER NOT NULL,
    event_id ANY NOT NULL,
    event_type TEXT NOT NULL,
    occurred_at INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    source INTEGER NOT NULL,
    code_no INTEGER,                    -- NULL: concerns no single code
    previous INTEGER,                   -- seq of the event recorded before for the same code
    body BLOB NOT NULL,                 -- as it was received
    -- The same event always carries the same created_at; in this order the entries come at the end.
    UNIQUE (created_at, event_id)
) STRICT;

-- The change feed: its numbers are given out once and in the order of the commits.
CREATE TABLE changes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    code_no INTEGER NOT NULL,
    previous INTEGER,                   -- seq of the change before of the same code
    from_status INTEGER,                -- NULL: the code was not known
    to_status INTEGER NOT NULL,
    at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    source INTEGER NOT NULL,
    event INTEGER,                      -- events.seq; NULL: our own observation
    ready INTEGER NOT NULL              -- whether the code was, at recorded_at
) STRICT;

-- When Seam lost accounts: a code first heard of afterwards still has to be told.
CREATE TABLE disconnects (
    connected_account_id ANY NOT NULL,
    occurred_at INTEGER NOT NULL,
    event INTEGER NOT NULL,             -- events.seq
    PRIMARY KEY (connected_account_id, occurred_at)
) STRICT, WITHOUT ROWID;

-- Authentic deliveries that could not be used.
CREATE TABLE quarantine (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    digest BLOB NOT NULL UNIQUE,        -- of message_id and body: a repeated delivery is kept once
    received_at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    message_id TEXT NOT NULL,
    body BLOB NOT NULL
) STRICT;

-- How far something has come that goes on after a restart.
CREATE TABLE progress (
    name TEXT PRIMARY KEY,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Written to learn whether the disk takes writes.
CREATE TABLE probes (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    at INTEGER NOT NULL
) STRICT;
