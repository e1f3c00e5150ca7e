-- What people are to be called for: opened and closed in the transaction that changes the cause.
CREATE TABLE alerts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- given out once
    kind INTEGER NOT NULL,
    code_no INTEGER REFERENCES access_codes (code_no) ON DELETE CASCADE
        DEFERRABLE INITIALLY DEFERRED,     -- NULL: about the daemon
    opened_at INTEGER NOT NULL,
    closed_at INTEGER,                     -- NULL: it is open
    detail TEXT NOT NULL                   -- a sentence for people
) STRICT;

CREATE UNIQUE INDEX open_alerts ON alerts (kind, coalesce(code_no, 0)) WHERE closed_at IS NULL;
CREATE INDEX alerts_of_code ON alerts (code_no) WHERE code_no IS NOT NULL;
CREATE INDEX alerts_of_the_daemon ON alerts (closed_at) WHERE code_no IS NULL;

-- Which kinds are open for the code, a bit each; NULL: none.
ALTER TABLE access_codes ADD COLUMN open_alerts INTEGER;
