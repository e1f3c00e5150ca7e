-- Who comes next: asked for by the start of the window. A code's start is told once and seldom
-- changed, so this costs each code one entry in its life.
CREATE INDEX codes_by_start ON access_codes (starts_at) WHERE starts_at IS NOT NULL;
