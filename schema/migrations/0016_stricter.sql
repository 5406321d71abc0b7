-- What a second look at the rules asked for: approvals that can't be loosened afterwards, second pairs of eyes that nobody makes for
-- themselves, and keeping times that can't be shortened to hide what was done.

ALTER TABLE campaign
  -- how many approvals its workspace asked for when it was submitted: that many stay needed, whatever is set later
  ADD COLUMN approvals_asked smallint NOT NULL DEFAULT 1 CHECK (approvals_asked BETWEEN 1 AND 3);

ALTER TABLE membership
  -- who gave the role or the flag that it has now, and when; null: whoever installed it
  ADD COLUMN given_by int REFERENCES person,
  ADD COLUMN given_at timestamptz NOT NULL DEFAULT clock_timestamp();

ALTER TABLE workspace
  -- when a keeping time was last shortened, and what was kept until then (null: for ever)
  ADD COLUMN keeping_shortened_at         timestamptz,
  ADD COLUMN keep_content_months_before   int,
  ADD COLUMN keep_audit_months_before     int;

-- one that could not be sealed is tried again after the others
ALTER TABLE campaign ADD COLUMN seal_failed_at timestamptz;

-- by which the engine knows that what it sends is what the door let out
ALTER TYPE claimed_block ADD ATTRIBUTE fingerprint text;
