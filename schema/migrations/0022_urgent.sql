-- Whether a workspace has a campaign that is fed is asked at every claim below its ceiling (rules/pace.sql).
CREATE INDEX campaign_fed ON campaign (workspace_id) WHERE mode = 'trigger' AND state = 'sending';

-- From when on a part of a ceiling is taken: stretches that follow one another don't take it twice. And for which channel, so that channels
-- take turns.
ALTER TABLE pace ADD COLUMN taken_from timestamptz[] NOT NULL DEFAULT '{}', ADD COLUMN taken_channel int[] NOT NULL DEFAULT '{}';
