-- The hot half. A row is a run of up to 1,000 recipients, never a message; columns are arrays, read through views.
-- Partitioned by the month in which the audience was loaded, so that retention drops tables and deletes no row.

-- The part of a campaign that one pool of channels serves. The cursor moves by one small update a claim.
CREATE TABLE lane (
  id               int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  workspace_id     int NOT NULL,
  campaign_id      int NOT NULL,
  month            date NOT NULL DEFAULT date_trunc('month', now())::date CHECK (month = date_trunc('month', month)::date),
  recipients       int NOT NULL DEFAULT 0,
  -- Merkle root over the audience's leaves; set once, by sealing, after which nothing more is loaded
  audience_digest  bytea CHECK (length(audience_digest) = 32),
  next_seq         int NOT NULL DEFAULT 1,
  -- runs to be claimed again: never submitted, and (campaigns approved with `resend`) submitted without a known answer
  returned         int4multirange NOT NULL DEFAULT '{}',
  resend           int4multirange NOT NULL DEFAULT '{}',
  suppressed       int NOT NULL DEFAULT 0,
  FOREIGN KEY (workspace_id, campaign_id) REFERENCES campaign (workspace_id, id)
) WITH (fillfactor = 50);
CREATE INDEX lane_by_campaign ON lane (campaign_id);

CREATE TABLE lane_channel (
  lane_id     int NOT NULL REFERENCES lane,
  channel_id  int NOT NULL REFERENCES channel,
  PRIMARY KEY (lane_id, channel_id)
);
CREATE INDEX lane_channel_by_channel ON lane_channel (channel_id);

CREATE TABLE audience (
  month         date NOT NULL,
  workspace_id  int NOT NULL,
  lane_id       int NOT NULL,
  first_seq     int NOT NULL,
  last_seq      int NOT NULL,
  -- E.164 without the plus sign, in upload order: recipient `seq` is msisdn[seq - first_seq + 1]
  msisdn        bigint[] NOT NULL CHECK (cardinality(msisdn) = last_seq - first_seq + 1),
  -- one dimension, counted from 1, no nulls, at most 15 digits (E.164, 6): whatever is loaded, seqs and numbers stay in step
  CHECK (array_ndims(msisdn) = 1 AND array_lower(msisdn, 1) = 1 AND array_position(msisdn, NULL) IS NULL
         AND 1 <= ALL (msisdn) AND 999999999999999 >= ALL (msisdn)),
  digest        bytea NOT NULL CHECK (length(digest) = 32),
  PRIMARY KEY (month, lane_id, first_seq),
  CHECK (last_seq - first_seq BETWEEN 0 AND 999)
) PARTITION BY RANGE (month);
-- not compressed: 3.6 bytes a number more of table, and 33 us a run less for each claim and each number's history
ALTER TABLE audience ALTER COLUMN msisdn SET STORAGE EXTERNAL;
CREATE INDEX audience_by_msisdn ON audience USING gin (msisdn);

-- Lines of an upload that did not become recipients.
CREATE TABLE rejected_line (
  month    date NOT NULL,
  workspace_id int NOT NULL,
  lane_id  int NOT NULL,
  line     int[] NOT NULL,
  reason   text[] NOT NULL,
  raw      text[] NOT NULL
) PARTITION BY RANGE (month);
CREATE INDEX rejected_line_by_lane ON rejected_line (lane_id);

CREATE SEQUENCE block_id;
CREATE TABLE block (
  id            bigint NOT NULL DEFAULT nextval('block_id'),
  month         date NOT NULL,
  workspace_id  int NOT NULL,
  lane_id       int NOT NULL,
  channel_id    int NOT NULL,
  epoch         bigint NOT NULL,
  first_seq     int NOT NULL,
  last_seq      int NOT NULL,
  -- true: handed out again after an answer was lost
  resend        boolean NOT NULL DEFAULT false,
  -- what went back to the lane, in seq
  returned      int4multirange NOT NULL DEFAULT '{}',
  -- what the door kept back, in nth (seq = first_seq + nth), and why
  suppressed_nth    smallint[] NOT NULL DEFAULT '{}',
  suppressed_cause  text[] NOT NULL DEFAULT '{}',
  opened_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- every recipient has an outcome of submission
  closed_at     timestamptz,
  -- every recipient has its final outcome: one letter each, '-' for what went back (letters: see rules/ledger.sql)
  finished_at   timestamptz,
  outcomes      text,
  digest        bytea,
  accepted      smallint NOT NULL DEFAULT 0,
  delivered     smallint NOT NULL DEFAULT 0,
  undelivered   smallint NOT NULL DEFAULT 0,
  expired       smallint NOT NULL DEFAULT 0,
  rejected      smallint NOT NULL DEFAULT 0,
  unknown       smallint NOT NULL DEFAULT 0,
  PRIMARY KEY (month, id),
  CHECK (last_seq - first_seq BETWEEN 0 AND 999),
  CHECK ((finished_at IS NULL) = (outcomes IS NULL) AND (finished_at IS NULL) = (digest IS NULL)),
  CHECK (length(outcomes) = last_seq - first_seq + 1)
) PARTITION BY RANGE (month) ;
CREATE INDEX block_by_lane ON block (lane_id, first_seq);
CREATE INDEX block_open ON block (channel_id, lane_id) WHERE closed_at IS NULL;
CREATE INDEX block_unfinished ON block (channel_id, opened_at) WHERE finished_at IS NULL;

-- What the door hands out. `numbers` are the digits of each recipient in order, separated by commas, empty where one was
-- kept back: text, because digits are what goes on the wire. Recipient nth (from 0) has seq first_seq + nth.
CREATE TYPE claimed_block AS (
  block_id      bigint,
  month         date,
  first_seq     int,
  recipients    int,
  resend        boolean,
  numbers       text,
  opened_at_ms  float8
);

-- One row a flush and block; element i of every column belongs to the same submit_sm. Appended, never updated.
CREATE TABLE attempt (
  month           date NOT NULL,
  block_id        bigint NOT NULL,
  nth             smallint[] NOT NULL,
  part            smallint[] NOT NULL,
  try             smallint[] NOT NULL,
  bind            smallint[] NOT NULL,
  -- a accepted, r rejected for good, t temporary (tried again), u unknown (no answer came)
  verdict         "char"[] NOT NULL,
  -- -1 where no answer came
  command_status  int[] NOT NULL,
  message_id      text[] NOT NULL,
  -- milliseconds after block.opened_at
  submitted_ms    int[] NOT NULL,
  answered_ms     int[] NOT NULL
) PARTITION BY RANGE (month);
CREATE INDEX attempt_by_block ON attempt (block_id);

-- One row a flush and block, appended, never updated.
CREATE TABLE receipt (
  month        date NOT NULL,
  block_id     bigint NOT NULL,
  nth          smallint[] NOT NULL,
  part         smallint[] NOT NULL,
  -- SMPP 3.4, 5.2.28 message_state; -1: none came in time
  state        smallint[] NOT NULL,
  error        text[] NOT NULL,
  received_ms  int[] NOT NULL,
  -- the text of those that were odd, null when all were in order
  odd          text[]
) PARTITION BY RANGE (month);
CREATE INDEX receipt_by_block ON receipt (block_id);

-- Receipts whose message is not (or no longer) in an engine's memory: acknowledged, kept, matched in bulk.
CREATE TABLE parked_receipt (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  channel_id   int NOT NULL REFERENCES channel,
  -- in the dress of the submit_sm_resp, lower case, without leading zeros
  message_key  text[] NOT NULL,
  msisdn       bigint[] NOT NULL,
  state        smallint[] NOT NULL,
  error        text[] NOT NULL,
  received_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX parked_receipt_by_channel ON parked_receipt (channel_id);

-- The last flush that each channel's journal has committed.
CREATE TABLE journal (
  channel_id  int PRIMARY KEY REFERENCES channel,
  epoch       bigint NOT NULL,
  flush       bigint NOT NULL
) WITH (fillfactor = 50);

-- What happened so far, a row a lane and channel: changed once a flush, by the channel's owner alone.
CREATE TABLE progress (
  lane_id      int NOT NULL REFERENCES lane,
  channel_id   int NOT NULL REFERENCES channel,
  workspace_id int NOT NULL REFERENCES workspace,
  accepted     int NOT NULL DEFAULT 0,
  delivered    int NOT NULL DEFAULT 0,
  undelivered  int NOT NULL DEFAULT 0,
  expired      int NOT NULL DEFAULT 0,
  rejected     int NOT NULL DEFAULT 0,
  unknown      int NOT NULL DEFAULT 0,
  PRIMARY KEY (lane_id, channel_id)
) WITH (fillfactor = 50);
