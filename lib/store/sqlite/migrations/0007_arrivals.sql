-- Who is in the house and who comes next: codes that have not ended, by the start of their window.
CREATE INDEX live_codes_by_start ON access_codes (starts_at)
    WHERE ended_reason IS NULL AND starts_at IS NOT NULL;
