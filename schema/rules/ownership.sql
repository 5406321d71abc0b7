-- Who may drive a channel, and how a new owner settles what the last one left open.
--
-- Taking a channel moves its epoch on; whatever still carries the old one is refused at the door and by the journal. The
-- taker then settles each block the last owner left open: a recipient without a recorded answer may or may not have been
-- submitted, so it becomes `unknown`, or, where the campaign was approved with `resend`, goes back to be sent again and
-- marked so. Nothing is guessed and nothing is silently repeated.

-- Gives the new epoch.
CREATE OR REPLACE FUNCTION take_channel(p_channel int) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE channel SET epoch = epoch + 1 WHERE id = p_channel AND enabled RETURNING epoch
$$;

-- Recounts a block that no engine has in memory from what was appended; finishes it when nothing in it is still moving.
CREATE OR REPLACE FUNCTION recount_block(p_month date, p_block bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  old     block;
  new     block;
  letters text;
  done    boolean;
BEGIN
  -- first the lock, then the look: what a journal is just committing to this block must be seen
  SELECT * INTO old FROM block WHERE month = p_month AND id = p_block FOR NO KEY UPDATE;
  letters := block_outcomes(p_month, p_block);
  done := letters !~ '[aw]';
  UPDATE block SET
    accepted = (SELECT count(*) FROM block_recipients(p_month, p_block) r WHERE r.outcome NOT IN ('w', 's') AND r.command_status = 0),
    delivered = length(letters) - length(replace(letters, 'd', '')), undelivered = length(letters) - length(replace(letters, 'u', '')),
    expired = length(letters) - length(replace(letters, 'e', '')), rejected = length(letters) - length(replace(letters, 'r', '')),
    unknown = length(letters) - length(replace(letters, 'k', '')),
    finished_at = CASE WHEN done THEN clock_timestamp() END,
    outcomes = CASE WHEN done THEN letters END,
    digest = CASE WHEN done THEN block_digest(month, lane_id, first_seq, last_seq, letters) END
   WHERE month = p_month AND id = p_block RETURNING * INTO new;
  INSERT INTO progress AS p (lane_id, channel_id, workspace_id, accepted, delivered, undelivered, expired, rejected, unknown)
  VALUES (new.lane_id, new.channel_id, new.workspace_id, new.accepted - old.accepted, new.delivered - old.delivered,
          new.undelivered - old.undelivered, new.expired - old.expired, new.rejected - old.rejected, new.unknown - old.unknown)
  ON CONFLICT (lane_id, channel_id) DO UPDATE SET
    accepted = p.accepted + excluded.accepted, delivered = p.delivered + excluded.delivered,
    undelivered = p.undelivered + excluded.undelivered, expired = p.expired + excluded.expired,
    rejected = p.rejected + excluded.rejected, unknown = p.unknown + excluded.unknown;
END $$;

-- Parts of the given recipients that have no answer for good on record, each with the number its next try would have.
CREATE OR REPLACE FUNCTION missing_parts(p_month date, p_block bigint, p_nths smallint[])
RETURNS TABLE (nth smallint, part smallint, try smallint) LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT w.nth, p.part::smallint, (coalesce(max(t.try), 0) + 1)::smallint
    FROM block b JOIN lane l ON l.id = b.lane_id JOIN campaign c ON c.id = l.campaign_id
    CROSS JOIN unnest(p_nths) AS w (nth)
    CROSS JOIN LATERAL generate_series(1, coalesce(get_byte(b.parts, w.nth), c.segments)) AS p (part)
    LEFT JOIN (SELECT u.* FROM attempt a, unnest(a.nth, a.part, a.try, a.verdict) AS u (nth, part, try, verdict)
                WHERE a.month = p_month AND a.block_id = p_block) t ON t.nth = w.nth AND t.part = p.part
   WHERE b.month = p_month AND b.id = p_block
   GROUP BY w.nth, p.part HAVING coalesce(bool_and(t.verdict = 't'), true)
$$;

-- Settles every block that an earlier epoch left open on this channel. Gives how many recipients became unknown, and how
-- many go out again.
CREATE OR REPLACE FUNCTION settle_open_blocks(p_channel int, p_epoch bigint, OUT blocks int, OUT unknown int, OUT resent int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  b       block;
  resend  boolean;
  missing smallint[];
  back    int4multirange;
BEGIN
  blocks := 0; unknown := 0; resent := 0;
  PERFORM own_channel_alone(p_channel, p_epoch);
  FOR b IN SELECT * FROM block WHERE channel_id = p_channel AND closed_at IS NULL AND epoch < p_epoch ORDER BY lane_id, id LOOP
    SELECT array_agg(r.nth ORDER BY r.nth), range_agg(int4range(b.first_seq + r.nth, b.first_seq + r.nth + 1))
      INTO missing, back
      FROM block_recipients(b.month, b.id) r WHERE r.outcome = 'w';
    SELECT c.on_lost_answer = 'resend' INTO resend FROM lane l JOIN campaign c ON c.id = l.campaign_id WHERE l.id = b.lane_id;
    IF missing IS NOT NULL AND resend THEN
      UPDATE lane SET resend = lane.resend + back WHERE id = b.lane_id;
      UPDATE block SET returned = returned + back WHERE month = b.month AND id = b.id;
      resent := resent + cardinality(missing);
    ELSIF missing IS NOT NULL THEN
      INSERT INTO attempt (month, workspace_id, block_id, nth, part, try, bind, verdict, command_status, message_id, submitted_ms, answered_ms)
      SELECT b.month, b.workspace_id, b.id, array_agg(m.nth), array_agg(m.part), array_agg(m.try), array_agg(0::smallint), array_agg('u'::"char"),
             array_agg(-1), array_agg(''::text), array_agg(0), array_agg(0)
        FROM missing_parts(b.month, b.id, missing) m;
      unknown := unknown + cardinality(missing);
    END IF;
    UPDATE block SET closed_at = clock_timestamp() WHERE month = b.month AND id = b.id;
    PERFORM recount_block(b.month, b.id);
    blocks := blocks + 1;
  END LOOP;
END $$;

GRANT EXECUTE ON FUNCTION take_channel(int), settle_open_blocks(int, bigint) TO countersign_engine;
