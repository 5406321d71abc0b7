-- Since when a campaign has been before its approvers: a spread campaign without a start was planned to be spread from then on
-- (rules/pace.sql). Of campaigns that were submitted before, it is not known.
ALTER TABLE campaign ADD COLUMN submitted_at timestamptz;
