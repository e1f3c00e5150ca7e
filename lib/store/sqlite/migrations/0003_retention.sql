-- Codes that have ended, so that what has been kept long enough is found without a search. The end
-- counts from the moment at which it was recorded.
CREATE TABLE ended_codes (
    code_no INTEGER PRIMARY KEY,
    since INTEGER NOT NULL,
    pins INTEGER                        -- events.seq from which down bodies may hold the PIN; NULL: none does
) STRICT;
INSERT INTO ended_codes
    SELECT code_no, max(ended_at, updated_at), coalesce(last_event, 0)
    FROM access_codes WHERE ended_reason IS NOT NULL;
CREATE INDEX ended_codes_by_age ON ended_codes (since);
CREATE INDEX ended_codes_with_pins ON ended_codes (since) WHERE pins IS NOT NULL;

CREATE INDEX events_of_no_code ON events (received_at) WHERE code_no IS NULL;
CREATE INDEX disconnects_by_event ON disconnects (event);
