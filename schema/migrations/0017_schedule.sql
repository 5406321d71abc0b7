-- When a campaign leaves, and how fast: its mode, its daily window, its ceilings, and the timelines on which the door hands out slots
-- (rules/pace.sql).

ALTER TABLE campaign DROP CONSTRAINT campaign_mode_check;
ALTER TABLE campaign
  ADD CHECK (mode IN ('on_demand', 'scheduled', 'spread', 'trigger')),
  -- in which its window, and the times that its author wrote, are meant
  ADD COLUMN time_zone text NOT NULL DEFAULT 'UTC',
  -- a window that ends before it begins ends on the next day
  ADD COLUMN window_from time,
  ADD COLUMN window_to time,
  ADD CHECK ((window_from IS NULL) = (window_to IS NULL) AND window_from <> window_to),
  -- messages (parts) a second that its approvers agreed to; null: as fast as its channels
  ADD COLUMN per_second int CHECK (per_second > 0),
  -- of a spread campaign that begins when it is opened
  ADD COLUMN spread_minutes int CHECK (spread_minutes > 0),
  -- what somebody slowed it down to while it runs: never above what was approved, and no part of it
  ADD COLUMN slowed_to int CHECK (slowed_to > 0);

ALTER TABLE workspace
  ADD COLUMN per_second int CHECK (per_second > 0),
  -- messages a day of its time zone
  ADD COLUMN per_day int CHECK (per_day > 0);

-- Of a spread campaign's lane: its next recipients go after this.
ALTER TABLE lane ADD COLUMN paced_until timestamptz;

-- What of a ceiling is taken: of a campaign's, or, with campaign 0, of a workspace's, which also counts its messages of a day. Rows come
-- with the first claim that needs them.
CREATE TABLE pace (
  workspace_id  int NOT NULL REFERENCES workspace,
  campaign_id   int NOT NULL,
  -- who has how many messages a second of it, and until when: a claim's stretch each, so a few
  taken_until   timestamptz[] NOT NULL DEFAULT '{}',
  taken_rate    float8[] NOT NULL DEFAULT '{}',
  day           date,
  day_messages  int NOT NULL DEFAULT 0,
  PRIMARY KEY (workspace_id, campaign_id)
) WITH (fillfactor = 50);

ALTER TYPE claimed_block
  -- milliseconds from the claim until its first message may leave, and from one recipient's to the next one's; 0 and 0: as fast as the
  -- channel allows
  ADD ATTRIBUTE delay_ms float8,
  ADD ATTRIBUTE spacing_ms float8,
  -- when nothing was handed out because it is not time: milliseconds until it is worth asking again. All else is null then
  ADD ATTRIBUTE rest_ms float8;
