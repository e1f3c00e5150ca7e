-- NULL in a new column: not told, or none.
ALTER TABLE access_codes ADD COLUMN is_waiting_for_code_assignment INTEGER;
ALTER TABLE access_codes ADD COLUMN is_scheduled_on_device INTEGER;
ALTER TABLE access_codes ADD COLUMN managed INTEGER;      -- 0: unmanaged
ALTER TABLE access_codes ADD COLUMN event_errors TEXT;    -- by an event later than `errors`
ALTER TABLE access_codes ADD COLUMN event_warnings TEXT;
ALTER TABLE access_codes ADD COLUMN external_id TEXT;     -- the caller's own reference
ALTER TABLE access_codes ADD COLUMN missing_looks BLOB;   -- instants, eight bytes each

CREATE INDEX codes_by_external_id ON access_codes (external_id) WHERE external_id IS NOT NULL;

-- For those that ended before their window is over: when an account comes back, so may they.
CREATE INDEX ended_codes_by_end ON access_codes (ends_at)
    WHERE ended_reason IS NOT NULL AND ends_at IS NOT NULL;

-- Until now a single 404 ended a code. Where the window was not over when the file was last
-- written, Seam is asked once more.
UPDATE access_codes SET refetch = 1, polls_without_news = 0, next_poll_at = 0
    WHERE ended_reason = 1 AND status_source = 1 AND tracked
        AND (ends_at IS NULL OR ends_at > (SELECT max(updated_at) FROM access_codes));

-- An unset code is now expected an hour before its start, which is the default of oracode.lead; its
-- next news sets it right where that is another.
UPDATE access_codes SET expected_by =
        min(expected_by, max(coalesce(created_at, status_since), starts_at - 3600000))
    WHERE status = 1 AND ended_reason IS NULL AND expected_by IS NOT NULL AND starts_at IS NOT NULL;
