-- What a history asks of its database, each in one round trip. The rules themselves are called and never copied; those that read the
-- clock are made anew from their own text, with the history's moment in its place (database.ts).

DROP SCHEMA IF EXISTS histories CASCADE;
CREATE SCHEMA histories;

CREATE FUNCTION histories.at(p_ms float8) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS 'SELECT to_timestamp(p_ms / 1000)';

-- Workspaces with an author and a moderator each.
CREATE FUNCTION histories.make_workspace(p jsonb) RETURNS jsonb LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  w int;
  a int;
  m int;
  s int;
  r int;
BEGIN
  INSERT INTO workspace (name, country, time_zone, per_second, per_day)
  VALUES (gen_random_uuid()::text, 'UZ', p ->> 'zone', (p ->> 'perSecond')::int, (p ->> 'perDay')::int) RETURNING id INTO w;
  INSERT INTO person (email, name) VALUES (w || '.author@histories.example', 'Author') RETURNING id INTO a;
  INSERT INTO person (email, name) VALUES (w || '.moderator@histories.example', 'Moderator') RETURNING id INTO m;
  INSERT INTO membership (workspace_id, person_id, role) VALUES (w, a, 'author'), (w, m, 'moderator');
  INSERT INTO sender (workspace_id, label, created_by) VALUES (w, 'S' || w, a) RETURNING id INTO s;
  INSERT INTO sender_revision (workspace_id, sender_id, revision, saddr, source_addr_ton, source_addr_npi, reason, status, made_by, decided_by, decided_at)
  VALUES (w, s, 1, 'S' || w, 5, 0, 'Known to all', 'approved', a, m, now()) RETURNING id INTO r;
  RETURN jsonb_build_object('id', w, 'author', a, 'moderator', m, 'sender', r);
END $$;

-- A campaign, written by the author and approved by the moderator, as the rules ask; null where they refuse it.
CREATE FUNCTION histories.make_campaign(p jsonb, w jsonb, p_channels int[]) RETURNS jsonb LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  o     campaign;
  c     int;
  l     int;
  n     int := (p ->> 'recipients')::int;
  first bigint := (p ->> 'first')::bigint;
BEGIN
  PERFORM act_as((w ->> 'author')::int, (w ->> 'id')::int);
  -- not by create_campaign, which asks the server's list of time zones (20 ms)
  o := jsonb_populate_record(o, p -> 'content');
  INSERT INTO campaign (workspace_id, name, mode, sender_revision_id, text, segments, on_lost_answer, starts_at, ends_at, starts_automatically,
                        time_zone, window_from, window_to, per_second, spread_minutes, created_by, edited_by)
  VALUES ((w ->> 'id')::int, 'A history''s', o.mode, (w ->> 'sender')::int, 'Planned maintenance tonight', o.segments, o.on_lost_answer, o.starts_at,
          o.ends_at, o.starts_automatically, o.time_zone, o.window_from, o.window_to, o.per_second, o.spread_minutes, (w ->> 'author')::int,
          (w ->> 'author')::int) RETURNING id INTO c;
  l := add_lane(c);
  PERFORM choose_channels(l, p_channels);
  IF n > 0 THEN PERFORM load_audience(l, ARRAY[ARRAY(SELECT generate_series(first, first + n - 1))::text]); END IF;
  PERFORM seal_audience(l);
  PERFORM move(d, 'submit', NULL) FROM campaign d WHERE d.id = c;
  PERFORM act_as((w ->> 'moderator')::int, (w ->> 'id')::int);
  PERFORM decide_campaign(c, 'approve', campaign_fingerprint(c));
  RETURN jsonb_build_object('id', c, 'lane', l, 'fingerprint', encode(campaign_fingerprint(c), 'hex'),
    'endsMs', (SELECT extract(epoch FROM ends_at) * 1000 FROM campaign WHERE id = c));
EXCEPTION WHEN SQLSTATE 'CS409' THEN
  RETURN jsonb_build_object('refused', SQLERRM);
END $$;

-- All that a history stands on; gives the ids.
CREATE FUNCTION histories.set_up(p jsonb) RETURNS jsonb LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  x          jsonb;
  n          int;
  workspaces jsonb := '[]';
  channels   int[] := '{}';
  campaigns  jsonb := '[]';
BEGIN
  FOR x IN SELECT * FROM jsonb_array_elements(p -> 'workspaces') LOOP workspaces := workspaces || histories.make_workspace(x); END LOOP;
  FOR x IN SELECT * FROM jsonb_array_elements(p -> 'channels') LOOP
    INSERT INTO channel (name, host, port, system_id, password, per_second, receipt_wait)
    VALUES (gen_random_uuid()::text, '127.0.0.1', 2775, 'histories', 'secret', (x ->> 'perSecond')::int, '1 us') RETURNING id INTO n;
    INSERT INTO channel_grant (channel_id, workspace_id) SELECT n, (w ->> 'id')::int FROM jsonb_array_elements(workspaces) AS w;
    channels := channels || n;
  END LOOP;
  FOR x IN SELECT * FROM jsonb_array_elements(p -> 'campaigns') LOOP
    campaigns := campaigns || histories.make_campaign(x, workspaces -> (x ->> 'workspace')::int,
      ARRAY(SELECT channels[i::int + 1] FROM jsonb_array_elements_text(x -> 'channels') AS i));
  END LOOP;
  RETURN jsonb_build_object('workspaces', workspaces, 'channels', to_jsonb(channels), 'campaigns', campaigns);
END $$;

-- Moves a campaign at a moment, in somebody's name or, with null, by the system; gives the new state, or the SQLSTATE of a refusal.
CREATE FUNCTION histories.moved(p_campaign int, p_action text, p_person int, p_ms float8) RETURNS text
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  c campaign;
BEGIN
  SELECT * INTO c FROM campaign WHERE id = p_campaign FOR NO KEY UPDATE;
  IF p_person IS NOT NULL THEN PERFORM act_as(p_person, c.workspace_id); END IF;
  RETURN move(c, p_action, NULL, histories.at(p_ms));
EXCEPTION WHEN SQLSTATE 'CS001' OR SQLSTATE 'CS002' OR SQLSTATE 'CS403' OR SQLSTATE 'CS409' THEN
  RETURN SQLSTATE;
END $$;

-- Slows a campaign down in its author's name; gives the SQLSTATE of a refusal.
CREATE FUNCTION histories.slowed(p_campaign int, p_person int, p_per_second int) RETURNS text
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM act_as(p_person, (SELECT workspace_id FROM campaign WHERE id = p_campaign));
  PERFORM slow_campaign(p_campaign, p_per_second);
  RETURN NULL;
EXCEPTION WHEN SQLSTATE 'CS409' THEN
  RETURN SQLSTATE;
END $$;

-- Feeds a campaign numbers, each under its own as its key; gives the SQLSTATE of a refusal.
CREATE FUNCTION histories.fed(p_campaign int, p_person int, p_keys text[], p_numbers bigint[]) RETURNS text
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM act_as(p_person, (SELECT workspace_id FROM campaign WHERE id = p_campaign));
  PERFORM feed_campaign(p_campaign, p_keys, p_numbers);
  RETURN NULL;
EXCEPTION WHEN SQLSTATE 'CS002' OR SQLSTATE 'CS409' OR SQLSTATE 'CS429' THEN
  RETURN SQLSTATE;
END $$;

-- What a channel's receipts still have to say is said, and what never came is given up: nothing is moving any more.
CREATE FUNCTION histories.receipted(p_channel int, p_epoch bigint) RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM parked_receipt WHERE channel_id = p_channel) THEN
    PERFORM match_parked(p_channel, p_epoch, ARRAY(SELECT find_parked(p_channel)));
  END IF;
  IF EXISTS (SELECT FROM block WHERE channel_id = p_channel AND finished_at IS NULL) THEN
    PERFORM end_overdue(p_channel, p_epoch, ARRAY(SELECT find_overdue(p_channel)));
  END IF;
END $$;

-- As schema/channel/Channels.ts has it.
CREATE FUNCTION histories.lanes(p_channel int, p_now timestamptz)
RETURNS TABLE (lane_id int, campaign_id int, workspace_id int, unclaimed int, urgent boolean, paced boolean, ceilings text,
               campaign_per_second int, workspace_per_second int)
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT l.id AS lane_id, c.id AS campaign_id, c.workspace_id,
         l.recipients - l.next_seq + 1 + multirange_size(l.returned) + multirange_size(l.resend) AS unclaimed,
         c.mode = 'trigger' AS urgent, c.mode = 'spread' OR least(ceiling_of(c), w.per_second) IS NOT NULL AS paced, format('%s/%s/%s', c.slowed_to, w.per_second, w.per_day) AS ceilings,
         ceiling_of(c), w.per_second
    FROM campaign c JOIN workspace w ON w.id = c.workspace_id
    JOIN lane l ON l.campaign_id = c.id JOIN lane_channel lc ON lc.lane_id = l.id
   WHERE c.state = 'sending' AND lc.channel_id = p_channel AND coalesce(sending_ends(c), 'infinity') > p_now ORDER BY l.id;
END $$;

-- After a history: each campaign's state, its figures, and its numbers' outcomes.
CREATE FUNCTION histories.seen(p_campaigns int[]) RETURNS jsonb LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
BEGIN
  RETURN (SELECT jsonb_agg(jsonb_build_object('id', c.id, 'state', c.state, 'figures', to_jsonb(p),
           'outcomes', coalesce((SELECT jsonb_object_agg(r.msisdn, r.outcome) FROM ledger r WHERE r.lane_id = l.id), '{}')) ORDER BY c.id)
    FROM campaign c JOIN campaign_progress p ON p.campaign_id = c.id JOIN lane l ON l.campaign_id = c.id WHERE c.id = ANY (p_campaigns));
END $$;
