-- SQLite writes an index anew where an UPDATE names a column of it or of its condition. These moments are columns of their own, so that
-- only an event that changes one names it.
ALTER TABLE access_codes ADD COLUMN awaited_by INTEGER;   -- `expected_by` while the next step is awaited
ALTER TABLE access_codes ADD COLUMN ended_since INTEGER;  -- what is kept of an ended code is kept from here on
ALTER TABLE access_codes ADD COLUMN pins_from INTEGER;    -- events.seq from which down bodies may hold the PIN of an ended code

DROP INDEX awaited_codes;
UPDATE access_codes SET
    awaited_by = CASE WHEN status <> 3 AND ended_reason IS NULL THEN expected_by END,
    ended_since = (SELECT since FROM ended_codes AS e WHERE e.code_no = access_codes.code_no),
    pins_from = (SELECT pins FROM ended_codes AS e WHERE e.code_no = access_codes.code_no);
CREATE INDEX awaited_codes ON access_codes (awaited_by) WHERE awaited_by IS NOT NULL;

-- A table by code took a page at a random place for each end.
DROP TABLE ended_codes;
CREATE INDEX ended_codes_by_age ON access_codes (ended_since) WHERE ended_since IS NOT NULL;
CREATE INDEX ended_codes_with_pins ON access_codes (ended_since) WHERE pins_from IS NOT NULL;
