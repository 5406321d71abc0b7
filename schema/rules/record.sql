-- The journal's one statement: what happened since the last flush, appended, counted and closed in one transaction, by
-- the channel's owner alone. After it commits, receipts are acknowledged to the operator.
--
-- Rows are locked in this order, whoever locks several: channel, lane (by id), campaign, block (by lane, then id), pace (its campaign's,
-- then its workspace's, by workspace), progress (by lane). Who claims has its pace before its block, which nobody else knows yet.
-- A row that others refer to is locked FOR NO KEY UPDATE and never FOR UPDATE: the first row of progress, which this
-- function puts in when it has the blocks already, takes its lane's key, and a claim or a return that has the lane and
-- wants a block must not be in its way.
--
-- Every argument is a column over the whole flush, sorted by block; block i's share are the elements up to its `upto`.

CREATE OR REPLACE FUNCTION own_channel(p_channel int, p_epoch bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM FROM channel WHERE id = p_channel AND epoch = p_epoch FOR SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'another engine has taken channel %: epoch % is over', p_channel, p_epoch USING ERRCODE = 'CS004';
  END IF;
END $$;

-- The same, with nothing else of the channel under way: no claim, no flush, and not the same call said a second time by
-- an engine whose connection died while the first still ran.
CREATE OR REPLACE FUNCTION own_channel_alone(p_channel int, p_epoch bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM FROM channel WHERE id = p_channel FOR NO KEY UPDATE;
  PERFORM own_channel(p_channel, p_epoch);
END $$;

DROP FUNCTION IF EXISTS record_outcomes(int, bigint, bigint, date[], bigint[], int[], smallint[], smallint[], smallint[], smallint[], "char"[], int[],
  text[], int[], int[], date[], bigint[], int[], smallint[], smallint[], smallint[], text[], int[], text[], text[], bigint[], smallint[], text[],
  date[], bigint[], int[], int[], int[], int[], int[], int[], boolean[], text[]);
CREATE OR REPLACE FUNCTION record_outcomes(
  p_channel int, p_epoch bigint, p_flush bigint,
  -- submit_sm and their answers: block i has the elements up to a_upto[i]
  a_month date[], a_block bigint[], a_upto int[],
  a_nth smallint[], a_part smallint[], a_try smallint[], a_bind smallint[], a_verdict "char"[], a_status int[],
  a_message_id text[], a_submitted_ms int[], a_answered_ms int[],
  -- receipts, likewise; r_odd null where all were in order
  r_month date[], r_block bigint[], r_upto int[],
  r_nth smallint[], r_part smallint[], r_state smallint[], r_error text[], r_received_ms int[], r_odd text[],
  -- receipts that found no message, or null
  p_message_key text[], p_msisdn bigint[], p_state smallint[], p_error text[],
  -- blocks that changed: what each counter grew by, whether it closed, and its outcomes once all are final
  b_month date[], b_block bigint[], b_accepted int[], b_delivered int[], b_undelivered int[], b_expired int[],
  b_rejected int[], b_unknown int[], b_closed boolean[], b_outcomes text[],
  -- and, of those in which recipients get messages of different length, the parts of each, an octet in two hex digits; else null
  b_parts text[] DEFAULT NULL
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM own_channel(p_channel, p_epoch);
  -- a flush whose commit was not heard of is sent again, and must not count twice
  INSERT INTO journal AS j (channel_id, epoch, flush) VALUES (p_channel, p_epoch, p_flush)
  ON CONFLICT (channel_id) DO UPDATE SET epoch = excluded.epoch, flush = excluded.flush
    WHERE (excluded.epoch, excluded.flush) > (j.epoch, j.flush);
  IF NOT FOUND THEN
    IF EXISTS (SELECT FROM journal j WHERE j.channel_id = p_channel AND (j.epoch, j.flush) <> (p_epoch, p_flush)) THEN
      RAISE EXCEPTION 'flush % of channel % comes after a later one, and can''t be written any more', p_flush, p_channel USING ERRCODE = 'CS409';
    END IF;
    RETURN;
  END IF;

  IF EXISTS (SELECT FROM unnest(a_month || r_month || b_month, a_block || r_block || b_block) AS u (month, id)
              WHERE NOT EXISTS (SELECT FROM block b WHERE b.month = u.month AND b.id = u.id AND b.channel_id = p_channel)) THEN
    RAISE EXCEPTION 'channel % has no such block', p_channel USING ERRCODE = 'CS409';
  END IF;

  -- a finished block is on record for good: what an operator says again of its messages changes nothing, and is not kept
  IF cardinality(a_block) > 0 THEN
    INSERT INTO attempt (month, workspace_id, block_id, nth, part, try, bind, verdict, command_status, message_id, submitted_ms, answered_ms)
    SELECT m, k.workspace_id, b, a_nth[lo:hi], a_part[lo:hi], a_try[lo:hi], a_bind[lo:hi], a_verdict[lo:hi], a_status[lo:hi], a_message_id[lo:hi],
           a_submitted_ms[lo:hi], a_answered_ms[lo:hi]
      FROM (SELECT m, b, coalesce(lag(hi) OVER (ORDER BY hi), 0) + 1 AS lo, hi FROM unnest(a_month, a_block, a_upto) AS u (m, b, hi)) AS slice
      JOIN block k ON k.month = m AND k.id = b AND k.finished_at IS NULL;
  END IF;

  IF cardinality(r_block) > 0 THEN
    INSERT INTO receipt (month, workspace_id, block_id, nth, part, state, error, received_ms, odd)
    SELECT m, k.workspace_id, b, r_nth[lo:hi], r_part[lo:hi], r_state[lo:hi], r_error[lo:hi], r_received_ms[lo:hi], r_odd[lo:hi]
      FROM (SELECT m, b, coalesce(lag(hi) OVER (ORDER BY hi), 0) + 1 AS lo, hi FROM unnest(r_month, r_block, r_upto) AS u (m, b, hi)) AS slice
      JOIN block k ON k.month = m AND k.id = b AND k.finished_at IS NULL;
  END IF;

  IF p_message_key IS NOT NULL THEN
    INSERT INTO parked_receipt (channel_id, message_key, msisdn, state, error)
    VALUES (p_channel, p_message_key, p_msisdn, p_state, p_error);
  END IF;

  IF cardinality(b_block) > 0 THEN
    WITH change AS (
      SELECT * FROM unnest(b_month, b_block, b_accepted, b_delivered, b_undelivered, b_expired, b_rejected, b_unknown, b_closed, b_outcomes, b_parts)
        AS u (month, id, accepted, delivered, undelivered, expired, rejected, unknown, closed, outcomes, parts)
    ), changed AS (
      UPDATE block b SET
        accepted = b.accepted + u.accepted, delivered = b.delivered + u.delivered, undelivered = b.undelivered + u.undelivered,
        expired = b.expired + u.expired, rejected = b.rejected + u.rejected, unknown = b.unknown + u.unknown,
        closed_at = CASE WHEN u.closed THEN coalesce(b.closed_at, clock_timestamp()) ELSE b.closed_at END,
        finished_at = CASE WHEN u.outcomes IS NOT NULL THEN clock_timestamp() END,
        outcomes = u.outcomes,
        parts = coalesce(b.parts, decode(u.parts, 'hex')),
        digest = CASE WHEN u.outcomes IS NOT NULL THEN block_digest(b.month, b.lane_id, b.first_seq, b.last_seq, u.outcomes) END
      FROM change u WHERE b.month = u.month AND b.id = u.id AND b.channel_id = p_channel AND b.finished_at IS NULL
      RETURNING b.workspace_id, b.lane_id, u.accepted, u.delivered, u.undelivered, u.expired, u.rejected, u.unknown
    )
    INSERT INTO progress AS p (lane_id, channel_id, workspace_id, accepted, delivered, undelivered, expired, rejected, unknown)
    SELECT lane_id, p_channel, workspace_id, sum(accepted), sum(delivered), sum(undelivered), sum(expired), sum(rejected), sum(unknown)
      FROM changed GROUP BY lane_id, workspace_id ORDER BY lane_id
    ON CONFLICT (lane_id, channel_id) DO UPDATE SET
      accepted = p.accepted + excluded.accepted, delivered = p.delivered + excluded.delivered,
      undelivered = p.undelivered + excluded.undelivered, expired = p.expired + excluded.expired,
      rejected = p.rejected + excluded.rejected, unknown = p.unknown + excluded.unknown;
  END IF;
END $$;

-- A finished block's digest: SHA-256 of its first seq, its numbers as Postgres sends them, and a letter a recipient.
CREATE OR REPLACE FUNCTION block_digest(p_month date, p_lane int, p_first_seq int, p_last_seq int, p_outcomes text) RETURNS bytea
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
BEGIN
  RETURN sha256(int4send(p_first_seq) || array_send(numbers_of(p_month, p_lane, p_first_seq, p_last_seq)) || convert_to(p_outcomes, 'UTF8'));
END $$;

-- Gives a run that was claimed back to its lane (stop, drain, a campaign that is no more live). What has an
-- answer on record, or was kept back, can't go back.
-- p_may_have_left: then it goes out again marked, and counts for the workspace's day both times.
CREATE OR REPLACE FUNCTION give_back(p_channel int, p_epoch bigint, p_month date, p_block bigint, p_seqs int4multirange, p_may_have_left boolean)
RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  b    block;
  back int4multirange;
BEGIN
  PERFORM own_channel(p_channel, p_epoch);
  -- the lane first, as in the door, so that the two can't wait for each other; then the block as it is by now
  PERFORM FROM lane WHERE id = (SELECT lane_id FROM block WHERE month = p_month AND id = p_block) FOR NO KEY UPDATE;
  SELECT * INTO b FROM block WHERE month = p_month AND id = p_block AND channel_id = p_channel AND closed_at IS NULL FOR NO KEY UPDATE;
  IF b.id IS NULL OR NOT p_seqs <@ int4multirange(int4range(b.first_seq, b.last_seq + 1)) THEN
    RAISE EXCEPTION 'block % is not open on channel %, or does not hold %', p_block, p_channel, p_seqs USING ERRCODE = 'CS409';
  END IF;
  -- said again after a lost answer, what already went back (and may be claimed by now) does not go back twice
  back := p_seqs - b.returned;
  IF EXISTS (SELECT FROM unnest(b.suppressed_nth) AS nth WHERE b.first_seq + nth <@ back)
     OR EXISTS (SELECT FROM attempt a, unnest(a.nth, a.verdict) AS t (nth, verdict)
                 WHERE a.month = p_month AND a.block_id = p_block AND t.verdict <> 't' AND b.first_seq + t.nth <@ back) THEN
    RAISE EXCEPTION 'some of % was submitted or kept back, and can''t be claimed again', back USING ERRCODE = 'CS409';
  END IF;
  UPDATE lane SET returned = CASE WHEN b.resend OR p_may_have_left THEN returned ELSE returned + back END,
                  resend = CASE WHEN b.resend OR p_may_have_left THEN resend + back ELSE resend END,
                  -- the time that they had on a spread campaign's way is theirs again, as fast as it may catch up: else the last would come too late
                  paced_until = paced_until - make_interval(secs => multirange_size(back) / (most_catching_up() * asked_pace))
   WHERE id = b.lane_id;
  UPDATE block SET returned = returned + back WHERE month = p_month AND id = p_block;
  IF NOT p_may_have_left THEN PERFORM give_back_to_day(b, back); END IF;
END $$;

-- Of what was not submitted.
CREATE OR REPLACE FUNCTION return_recipients(p_channel int, p_epoch bigint, p_month date, p_block bigint, p_seqs int4multirange)
RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT give_back(p_channel, p_epoch, p_month, p_block, p_seqs, false)
$$;

-- Of recipients whose answer was lost, while their owner drains. What an owner that died leaves so is
-- settle_open_blocks' to find; a clean end must not hide it.
CREATE OR REPLACE FUNCTION return_to_resend(p_channel int, p_epoch bigint, p_month date, p_block bigint, p_seqs int4multirange)
RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT give_back(p_channel, p_epoch, p_month, p_block, p_seqs, true)
$$;

-- Blocks of this epoch that the engine does not know, because the connection died between their claim's commit and its
-- answer: nothing of them was submitted, so they go back whole.
CREATE OR REPLACE FUNCTION return_lost_claims(p_channel int, p_epoch bigint, p_known bigint[]) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  b     block;
  whole int4multirange;
  n     int := 0;
BEGIN
  PERFORM own_channel_alone(p_channel, p_epoch);
  PERFORM FROM lane WHERE id IN (SELECT lane_id FROM block WHERE channel_id = p_channel AND epoch = p_epoch AND closed_at IS NULL AND id <> ALL (p_known))
    ORDER BY id FOR NO KEY UPDATE;
  -- the pace of one workspace after the other
  FOR b IN SELECT * FROM block WHERE channel_id = p_channel AND epoch = p_epoch AND closed_at IS NULL AND id <> ALL (p_known)
             AND NOT EXISTS (SELECT FROM attempt a WHERE a.month = block.month AND a.block_id = block.id) ORDER BY workspace_id, lane_id, id LOOP
    SELECT coalesce(range_agg(int4range(b.first_seq + nth, b.first_seq + nth + 1)), '{}') INTO whole
      FROM generate_series(0, b.last_seq - b.first_seq) AS nth WHERE nth <> ALL (b.suppressed_nth);
    PERFORM give_back(p_channel, p_epoch, b.month, b.id, whole, false);
    UPDATE block SET closed_at = clock_timestamp() WHERE month = b.month AND id = b.id;
    PERFORM recount_block(b.month, b.id);
    n := n + 1;
  END LOOP;
  RETURN n;
END $$;

GRANT EXECUTE ON FUNCTION
  record_outcomes(int, bigint, bigint, date[], bigint[], int[], smallint[], smallint[], smallint[], smallint[], "char"[], int[], text[], int[], int[],
    date[], bigint[], int[], smallint[], smallint[], smallint[], text[], int[], text[], text[], bigint[], smallint[], text[],
    date[], bigint[], int[], int[], int[], int[], int[], int[], boolean[], text[], text[]),
  return_recipients(int, bigint, date, bigint, int4multirange), return_to_resend(int, bigint, date, bigint, int4multirange),
  return_lost_claims(int, bigint, bigint[])
  TO countersign_engine;
