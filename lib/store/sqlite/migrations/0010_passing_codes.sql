-- The same rows by a condition without a list: SQLite built a table for `IN (0, 2, 4)` twice with every update of a code.
DROP INDEX passing_codes;
CREATE INDEX passing_codes ON access_codes (code_no) WHERE status <> 1 AND status <> 3;
