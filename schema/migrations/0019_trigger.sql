-- Trigger campaigns are fed message by message while they are sent (rules/trigger.sql).

-- Each message that was asked for, under the key that whoever asked gave it: the same key is the same message, however often it is said.
-- Nothing refers to workspace, lane and person here: that would lock their rows at each message. Seqs of a lane are recipients of it.
CREATE TABLE trigger_request (
  campaign_id   int NOT NULL REFERENCES campaign,
  workspace_id  int NOT NULL,
  key           text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
  lane_id       int NOT NULL,
  seq           int NOT NULL,
  -- SHA-256 of number and values, to know the same message from another one
  digest        bytea NOT NULL CHECK (length(digest) = 32),
  person_id     int NOT NULL,
  asked_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (campaign_id, key)
);
-- whose key a recipient has, and that each has one
CREATE UNIQUE INDEX trigger_request_by_seq ON trigger_request (lane_id, seq);

-- who has fed what on which day: asked at each call
CREATE INDEX audit_by_feeder ON audit (workspace_id, object_id, person_id, at) WHERE action = 'campaign.feed';
