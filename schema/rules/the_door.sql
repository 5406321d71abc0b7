-- THE DOOR. `claim_block` is the only way by which numbers leave an audience, and the engine's role has no other access
-- to them. It checks, and only then hands out, the next run of recipients of a lane:
--
--   CS001  the campaign's current fingerprint carries the approvals its workspace asks for, none by one of its makers
--   CS002  it is its time: between its start and its end
--   CS003  it is `sending`: not stopped, paused or finished
--   CS004  the caller still owns the channel (its epoch is the current one)
--   CS005  the channel is in service, serves this lane and is granted to the campaign's workspace
--
-- With the numbers goes the fingerprint that the approvals stand for: the engine compares it with that of the content it holds, so that
-- what is sent is what the door let out.
--
-- Numbers on the workspace's stop list are not handed out: their places are left empty, and the block says why. One that was
-- to be sent again may have got its message the first time: it is kept back in a block of its own, and its outcome is unknown.
-- With those of a text with placeholders go the values that it uses, of these recipients and no others.
-- What leaves when is decided here too (rules/pace.sql): with the numbers comes the slot in which they may leave. Where the next
-- slot is not yet near, nothing is handed out but when to ask again.
--
-- A campaign that was stopped is seen to be so by every later claim, and its stop waits for a claim that is under way: both lock the
-- campaign. A claim waits for nobody but who feeds its lane, whose commit it takes to the socket: a campaign in somebody's hands is refused
-- for the moment (55P03), and others go on.

-- Keeps back a run of stopped numbers that was to be sent again: in a block that is finished at once and no engine sees.
CREATE OR REPLACE FUNCTION keep_back(l lane, p_channel int, p_epoch bigint, p_first_seq int, p_causes text[]) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  n    int := cardinality(p_causes);
  made bigint;
BEGIN
  INSERT INTO block (month, workspace_id, lane_id, channel_id, epoch, first_seq, last_seq, resend, suppressed_nth, suppressed_cause, closed_at)
  VALUES (l.month, l.workspace_id, l.id, p_channel, p_epoch, p_first_seq, p_first_seq + n - 1, true,
          ARRAY(SELECT generate_series(0, n - 1)), p_causes, clock_timestamp())
  RETURNING id INTO made;
  PERFORM recount_block(l.month, made);
END $$;

-- The next recipients of a lane from p_run on, p_most at most, with their numbers: up to the end of a run of the audience, which is one
-- look; or, where they come in ones and twos (p_gather: a triggered campaign's), as many as have gathered.
CREATE OR REPLACE FUNCTION next_recipients(l lane, p_run int4range, p_most int, p_gather boolean, OUT run int4range, OUT numbers bigint[])
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
DECLARE
  a audience;
BEGIN
  run := p_run * int4range(lower(p_run), lower(p_run) + p_most);
  SELECT * INTO a FROM audience
   WHERE month = l.month AND lane_id = l.id AND first_seq <= lower(run) ORDER BY first_seq DESC LIMIT 1;
  IF p_gather AND upper(run) > a.last_seq + 1 THEN
    numbers := numbers_of(l.month, l.id, lower(run), upper(run) - 1);
  ELSE
    run := run * int4range(a.first_seq, a.last_seq + 1);
    numbers := a.msisdn[lower(run) - a.first_seq + 1 : upper(run) - a.first_seq];
  END IF;
END $$;

-- p_limit: how many recipients at most, 1 to 1,000. Gives one row, or none when the lane has nothing left to claim.
CREATE OR REPLACE FUNCTION claim_block(p_channel int, p_epoch bigint, p_lane int, p_limit int) RETURNS SETOF claimed_block
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT * FROM claim_block_at(p_channel, p_epoch, p_lane, p_limit, NULL)
$$;

-- The same at a moment that the caller gives, who is not the engine: whoever could set the clock could send at any time. Null: now.
CREATE OR REPLACE FUNCTION claim_block_at(p_channel int, p_epoch bigint, p_lane int, p_limit int, p_now timestamptz) RETURNS SETOF claimed_block
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  l         lane;
  c         campaign;
  w         workspace;
  is_paced  boolean;
  given     slot;
  run       int4range;
  current   bytea;
  is_resend boolean;
  numbers   bigint[];
  kept      int[];
  causes    text[];
  first     int;
  at        timestamptz;
  claimed   claimed_block;
BEGIN
  PERFORM FROM channel WHERE id = p_channel AND epoch = p_epoch FOR SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'another engine has taken channel %: epoch % is over', p_channel, p_epoch USING ERRCODE = 'CS004';
  END IF;

  SELECT * INTO l FROM lane WHERE id = p_lane FOR NO KEY UPDATE;
  IF l.id IS NULL THEN RAISE EXCEPTION 'lane % does not exist', p_lane USING ERRCODE = 'CS005'; END IF;
  SELECT * INTO c FROM campaign WHERE id = l.campaign_id FOR SHARE NOWAIT;
  IF c.state IS DISTINCT FROM 'sending' THEN
    RAISE EXCEPTION 'campaign % is %', l.campaign_id, c.state USING ERRCODE = 'CS003';
  END IF;
  at := coalesce(p_now, clock_timestamp());
  IF at < c.starts_at OR at >= sending_ends(c) THEN
    RAISE EXCEPTION 'campaign % is sent from % to % only', c.id, coalesce(c.starts_at, '-infinity'), coalesce(sending_ends(c), 'infinity')
      USING ERRCODE = 'CS002';
  END IF;
  current := campaign_fingerprint(c.id);
  IF approvals_counting(c.id, current) < approvals_needed(c.id) THEN
    RAISE EXCEPTION 'campaign % needs % approvals of what it is now and has %', c.id, approvals_needed(c.id), approvals_counting(c.id, current)
      USING ERRCODE = 'CS001';
  END IF;
  IF NOT EXISTS (SELECT FROM lane_channel WHERE lane_id = l.id AND channel_id = p_channel)
     OR NOT EXISTS (SELECT FROM channel WHERE id = p_channel AND enabled)
     OR NOT EXISTS (SELECT FROM channel_grant WHERE channel_id = p_channel AND workspace_id = c.workspace_id) THEN
    RAISE EXCEPTION 'channel % does not serve lane %', p_channel, p_lane USING ERRCODE = 'CS005';
  END IF;

  SELECT * INTO w FROM workspace WHERE id = c.workspace_id;
  is_paced := c.mode = 'spread' OR c.window_from IS NOT NULL OR ceiling_of(c) IS NOT NULL OR w.per_second IS NOT NULL OR w.per_day IS NOT NULL;
  given := (least(greatest(p_limit, 1), 1000), at, NULL)::slot;
  IF is_paced AND is_unclaimed(l) THEN
    PERFORM hold_ceilings(c, w);
    -- from here on nothing is waited for: who waited must not be given a slot that is over
    at := coalesce(p_now, clock_timestamp());
    given := next_slot(c, l, w, p_channel, given.recipients, at);
    IF given.recipients = 0 THEN
      claimed.rest_ms := extract(epoch FROM given.begins_at - at) * 1000;
      RETURN NEXT claimed;
      RETURN;
    END IF;
  END IF;

  LOOP
    -- what came back goes first, then the cursor
    is_resend := isempty(l.returned) AND NOT isempty(l.resend);
    SELECT r INTO run FROM unnest(CASE WHEN is_resend THEN l.resend ELSE l.returned END) AS r LIMIT 1;
    IF run IS NULL THEN
      IF l.next_seq > l.recipients THEN RETURN; END IF;
      run := int4range(l.next_seq, l.recipients + 1);
    END IF;

    SELECT r.run, r.numbers INTO run, numbers FROM next_recipients(l, run, given.recipients, c.mode = 'trigger') AS r;
    SELECT s.places, s.causes INTO kept, causes FROM stopped(c.workspace_id, numbers) AS s;
    EXIT WHEN kept IS NULL OR NOT is_resend;
    IF kept[1] > 1 THEN
      -- whoever comes before the first of them goes out
      run := int4range(lower(run), lower(run) + kept[1] - 1);
      numbers := numbers[:kept[1] - 1];
      kept := NULL;
      causes := NULL;
      EXIT;
    END IF;
    -- how many in a row, from the run's beginning
    SELECT count(*) INTO first FROM unnest(kept) WITH ORDINALITY AS k (place, ord) WHERE place = ord;
    PERFORM keep_back(l, p_channel, p_epoch, lower(run), causes[:first]);
    UPDATE lane SET resend = resend - int4multirange(int4range(lower(run), lower(run) + first)) WHERE id = l.id RETURNING * INTO l;
  END LOOP;

  FOR i IN 1..coalesce(cardinality(kept), 0) LOOP
    numbers[kept[i]] := NULL;
    kept[i] := kept[i] - 1;
  END LOOP;

  INSERT INTO block (month, workspace_id, lane_id, channel_id, epoch, first_seq, last_seq, resend, suppressed_nth, suppressed_cause)
  VALUES (l.month, l.workspace_id, l.id, p_channel, p_epoch, lower(run), upper(run) - 1, is_resend,
          coalesce(kept, '{}'), coalesce(causes, '{}'))
  RETURNING id, block.month, first_seq, last_seq - first_seq + 1, resend, array_to_string(numbers, ',', ''),
            extract(epoch FROM opened_at) * 1000, encode(current, 'hex'), greatest(0, extract(epoch FROM given.begins_at - coalesce(p_now, clock_timestamp()))) * 1000,
            coalesce(given.spacing_seconds, 0) * 1000, NULL, CASE WHEN position('((' IN c.text) > 0 THEN values_of(l, lower(run), upper(run) - 1, placeholders_of(c.text), kept) END
    INTO claimed;
  IF is_paced THEN PERFORM take_slot(c, l, w, p_channel, given, upper(run) - lower(run) - coalesce(cardinality(kept), 0), at); END IF;

  UPDATE lane SET
    next_seq = greatest(next_seq, upper(run)),
    returned = returned - int4multirange(run),
    resend = resend - int4multirange(run),
    suppressed = suppressed + coalesce(cardinality(kept), 0)
   WHERE id = l.id;

  RETURN NEXT claimed;
END $$;

GRANT EXECUTE ON FUNCTION claim_block(int, bigint, int, int) TO countersign_engine;
