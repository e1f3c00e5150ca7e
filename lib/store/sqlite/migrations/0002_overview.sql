-- Codes whose next step is awaited, by when it should have been announced: those past it are overdue.
-- The end of a `set` code is our own clock's affair, so it is not among them.
CREATE INDEX awaited_codes ON access_codes (expected_by)
    WHERE expected_by IS NOT NULL AND status <> 3 AND ended_reason IS NULL;

-- How many codes stand where. Whoever changes codes brings it up to date in the same transaction.
CREATE TABLE code_counts (
    standing INTEGER PRIMARY KEY,       -- lifecycle's Status of a code not ended; 5: ended
    codes INTEGER NOT NULL
) STRICT;
INSERT INTO code_counts
    SELECT s.column1, count(c.code_no)
    FROM (VALUES (0), (1), (2), (3), (4), (5)) AS s
    LEFT JOIN access_codes AS c
        ON s.column1 = CASE WHEN c.ended_reason IS NULL THEN c.status ELSE 5 END
    GROUP BY s.column1;
