-- The same rows by a condition without a list: SQLite built a table for `IN (0, 2, 4)` twice with every update of a code.
DROP INDEX passing_codes;
CREATE INDEX passing_codes ON access_codes (code_no) WHERE status <> 1 AND status <> 3;

-- `next_poll_at` moves with nearly every event, mostly to later: the index keeps a moment that is no later, and follows once that has come.
DROP INDEX due_codes;
ALTER TABLE access_codes ADD COLUMN due_from INTEGER;
UPDATE access_codes SET due_from = next_poll_at WHERE next_poll_at IS NOT NULL;
CREATE INDEX due_codes ON access_codes (due_from) WHERE due_from IS NOT NULL;
