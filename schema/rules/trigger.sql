-- Trigger campaigns: approved once, then fed while they are sent, one message or up to 1,000 a call, until their end.
--
-- What is approved is the text, the sender, the channels and the end; its audience is without bound, so the workspace's second threshold
-- (from so many recipients on, so many approvals) always applies to it (approvals_set in four_eyes.sql). It has one lane, which is sealed
-- empty and grows by what is fed, and by nothing else: each recipient of it stands in trigger_request, with who asked.
--
-- A key is a message: said again, also twice at once, it is answered as it was the first time, and sends nothing. A number may come as
-- often as there are messages for it. Who feeds holds the lane as a claim does, then the campaign, until it has committed: the claim that
-- is to take the message to the socket waits for that. So who has fed and then says nothing is cut off after a second.

-- Refuses with CS409 lanes that don't go with the campaign's mode.
CREATE OR REPLACE FUNCTION must_fit_its_mode(c campaign) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
BEGIN
  IF c.mode = 'trigger' AND (SELECT count(*) FROM lane l WHERE l.campaign_id = c.id) <> 1 THEN
    RAISE EXCEPTION 'trigger campaign % needs one lane: what is fed goes one way', c.id USING ERRCODE = 'CS409';
  END IF;
  IF c.mode = 'trigger' AND EXISTS (SELECT FROM lane l WHERE l.campaign_id = c.id AND l.recipients > 0) THEN
    RAISE EXCEPTION 'an audience was loaded into campaign %, and a trigger campaign is fed; make a new campaign for one of the two', c.id
      USING ERRCODE = 'CS409';
  END IF;
  IF c.mode <> 'trigger' AND EXISTS (SELECT FROM lane l WHERE l.campaign_id = c.id AND l.recipients = 0) THEN
    RAISE EXCEPTION 'campaign % has no audience, as one that is fed; make a new campaign, and load one', c.id USING ERRCODE = 'CS409';
  END IF;
END $$;

-- Whether a sealed lane has only grown, and by messages that are on record.
CREATE OR REPLACE FUNCTION was_fed(before lane, after lane) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT after.recipients > before.recipients
     AND (after.audience_digest, after.columns, after.campaign_id, after.workspace_id, after.month)
         IS NOT DISTINCT FROM (before.audience_digest, before.columns, before.campaign_id, before.workspace_id, before.month)
     AND EXISTS (SELECT FROM campaign c WHERE c.id = after.campaign_id AND c.mode = 'trigger')
     AND (SELECT count(*) FROM trigger_request r WHERE r.lane_id = after.id AND r.seq > before.recipients AND r.seq <= after.recipients)
         = after.recipients - before.recipients
$$;

CREATE OR REPLACE FUNCTION trigger_request_is_immutable() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF erasing() AND TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RAISE EXCEPTION 'what was fed is never changed, only erased when its time of keeping is over' USING ERRCODE = 'CS403';
END $$;
CREATE OR REPLACE TRIGGER trigger_request_is_immutable BEFORE UPDATE OR DELETE ON trigger_request
  FOR EACH ROW EXECUTE FUNCTION trigger_request_is_immutable();
CREATE OR REPLACE TRIGGER trigger_request_is_not_emptied BEFORE TRUNCATE ON trigger_request
  FOR EACH STATEMENT EXECUTE FUNCTION trigger_request_is_immutable();

-- Of one message's values by column, those that the text uses, by their keys.
CREATE OR REPLACE FUNCTION used_values(p_values jsonb, p_names text[]) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path = public, pg_temp AS $$
BEGIN
  IF p_names = '{}' THEN RETURN '{}'; END IF;
  RETURN (SELECT coalesce(jsonb_object_agg(v.name, v.value), '{}')
            FROM (SELECT column_key(e.key) AS name, e.value FROM jsonb_each(coalesce(p_values, '{}')) AS e) AS v WHERE v.name = ANY (p_names));
END $$;

-- Refuses with CS422 what is no message, and says which of a call it is. p_values: as `used_values` gives them.
CREATE OR REPLACE FUNCTION must_be_messages(p_keys text[], p_numbers bigint[], p_values jsonb[], p_names text[]) RETURNS void
LANGUAGE plpgsql IMMUTABLE SET search_path = public, pg_temp AS $$
DECLARE
  wrong record;
BEGIN
  SELECT w.* INTO wrong FROM (SELECT m.ord, CASE
      WHEN coalesce(length(m.key), 0) NOT BETWEEN 1 AND 255 THEN 'a key has 1 to 255 characters'
      WHEN m.nth_of_key > 1 THEN format('its key, “%s”, is that of an earlier message of this call', m.key)
      -- E.164, 6: at most fifteen digits
      WHEN coalesce(m.number NOT BETWEEN 1 AND 999999999999999, true) THEN 'a number is up to 15 digits, with its country code'
      ELSE (SELECT CASE WHEN coalesce(btrim(m.values ->> n.name), '') = '' THEN format('it has no value for ((%s))', n.name)
                        ELSE format('its value for ((%s)) is not a text of up to 250 characters', n.name) END
              FROM unnest(p_names) WITH ORDINALITY AS n (name, ord)
             WHERE coalesce(btrim(m.values ->> n.name), '') = '' OR jsonb_typeof(m.values -> n.name) <> 'string' OR length(m.values ->> n.name) > 250
             ORDER BY n.ord LIMIT 1)
    END AS why
    FROM (SELECT u.*, row_number() OVER (PARTITION BY u.key ORDER BY u.ord) AS nth_of_key
            FROM unnest(p_keys, p_numbers, p_values) WITH ORDINALITY AS u (key, number, values, ord)) AS m) AS w
   WHERE w.why IS NOT NULL ORDER BY w.ord LIMIT 1;
  IF FOUND THEN RAISE EXCEPTION 'message %: %', wrong.ord, wrong.why USING ERRCODE = 'CS422'; END IF;
END $$;

-- The campaign as it is, held so until the transaction ends: it can't be stopped or closed meanwhile. Who has it in hand for longer than
-- a move takes keeps nobody waiting, who has the lane already: CS409.
CREATE OR REPLACE FUNCTION held_campaign(p_campaign int) RETURNS campaign
LANGUAGE plpgsql SET search_path = public, pg_temp SET lock_timeout = '100ms' AS $$
DECLARE
  c campaign;
BEGIN
  SELECT * INTO c FROM campaign WHERE id = p_campaign FOR SHARE;
  RETURN c;
EXCEPTION WHEN lock_not_available THEN
  RAISE EXCEPTION 'campaign % is in somebody''s hands at this moment; send the message again, under the same key', p_campaign USING ERRCODE = 'CS409';
END $$;

-- Whether it takes messages now. One that is paused does: they wait.
CREATE OR REPLACE FUNCTION must_take_messages(c campaign) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
BEGIN
  IF c.state IN ('draft', 'in_review') THEN
    RAISE EXCEPTION 'campaign % is %; it takes messages once it is approved and has begun', c.id, replace(c.state, '_', ' ') USING ERRCODE = 'CS409';
  ELSIF c.state = 'scheduled' THEN
    RAISE EXCEPTION 'campaign % has not begun%; it takes messages from then on', c.id,
      CASE WHEN c.starts_automatically THEN coalesce(', it starts at ' || local_words(c.starts_at, c.time_zone), '') ELSE ', it waits for somebody to press Start' END
      USING ERRCODE = 'CS002';
  ELSIF c.state NOT IN ('sending', 'paused') THEN
    RAISE EXCEPTION 'campaign % is %, and takes no more messages', c.id, c.state USING ERRCODE = 'CS409';
  ELSIF c.ends_at <= clock_timestamp() THEN
    RAISE EXCEPTION 'campaign % took messages until %; make a new one', c.id, local_words(c.ends_at, c.time_zone) USING ERRCODE = 'CS002';
  END IF;
END $$;

-- Refuses with CS429 messages for which nothing is left of the workspace's day: that on which they could leave at the soonest. What waits
-- of this campaign is counted; the door counts exactly.
CREATE OR REPLACE FUNCTION must_fit_the_day(c campaign, l lane, p_messages int) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
DECLARE
  w     workspace;
  p     pace;
  at    timestamptz := clock_timestamp();
  taken int;
BEGIN
  SELECT * INTO w FROM workspace WHERE id = c.workspace_id;
  IF w.per_day IS NULL THEN RETURN; END IF;
  SELECT * INTO p FROM pace WHERE workspace_id = c.workspace_id AND campaign_id = 0;
  IF c.window_from IS NOT NULL THEN
    at := greatest(at, (SELECT x.opens FROM window_at(at, c.window_from, c.window_to, c.time_zone) x));
  END IF;
  taken := coalesce(messages_of(w, p, at), 0) + (l.recipients - l.next_seq + 1 + multirange_size(l.returned) + multirange_size(l.resend)) * c.segments;
  IF taken + p_messages * c.segments > w.per_day THEN
    RAISE EXCEPTION 'of the % messages that this workspace sends a day, % are sent or wait; the next day begins at %', w.per_day, taken,
      local_words(moment_of((at AT TIME ZONE w.time_zone)::date + 1 + time '00:00', w.time_zone), w.time_zone) USING ERRCODE = 'CS429';
  END IF;
END $$;

-- Said to the audit the first time on a day (of UTC) that somebody feeds a campaign, and not once a message: who asked for each is in
-- trigger_request, and what became of it is in the ledger, whose root enters the audit.
CREATE OR REPLACE FUNCTION note_feeding(c campaign, me identity) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  today timestamptz := date_trunc('day', clock_timestamp(), 'UTC');
BEGIN
  IF EXISTS (SELECT FROM audit a WHERE a.workspace_id = c.workspace_id AND a.object_id = c.id AND a.person_id = me.person_id
                AND a.action = 'campaign.feed' AND a.at >= today)
     OR EXISTS (SELECT FROM audit_pending a WHERE a.action = 'campaign.feed' AND a.object_id = c.id AND a.at >= today) THEN RETURN; END IF;
  PERFORM audit('campaign.feed', 'campaign', c.id);
END $$;

-- Takes messages: each with a key of its own, a number in E.164, and its values by column ({"name": "Anna"}). Gives for each, in order, its
-- seq in the campaign's lane and whether it was taken now or had been before. All of a call are taken, or none. Refuses in words: CS403
-- who may not; CS422 what is no message; CS409 another message under a key that was used, and a campaign that takes none; CS002 before
-- its start and after its end; CS429 when the workspace's day is used up. A number on the stop list is taken, and kept back by the door.
CREATE OR REPLACE FUNCTION feed_campaign(p_campaign int, p_keys text[], p_numbers bigint[], p_values jsonb[] DEFAULT NULL)
RETURNS TABLE (key text, seq int, state text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  c       campaign := campaign_here(p_campaign);
  me      identity := must('campaign.feed', c.created_by);
  n       int := coalesce(cardinality(p_keys), 0);
  names   text[] := placeholders_of(c.text);
  used    jsonb[];
  digests bytea[];
  other   text;
  fresh   int[];
  l       lane;
BEGIN
  IF c.mode <> 'trigger' THEN
    RAISE EXCEPTION 'campaign % is not a trigger campaign; its audience is what was approved', c.id USING ERRCODE = 'CS409';
  END IF;
  IF n NOT BETWEEN 1 AND 1000 OR cardinality(p_numbers) IS DISTINCT FROM n OR cardinality(p_values) <> n THEN
    RAISE EXCEPTION 'a call brings 1 to 1,000 messages, each with a key, a number and, where the text has placeholders, values' USING ERRCODE = 'CS422';
  END IF;
  IF EXISTS (SELECT FROM unnest(p_values) AS v WHERE jsonb_typeof(v) <> 'object') THEN
    RAISE EXCEPTION 'values are given by column, as {"name": "Anna"}' USING ERRCODE = 'CS422';
  END IF;
  SELECT array_agg(used_values(u.v, names) ORDER BY u.ord) INTO used FROM unnest(p_keys, p_values) WITH ORDINALITY AS u (k, v, ord);
  PERFORM must_be_messages(p_keys, p_numbers, used, names);
  SELECT array_agg(sha256(int8send(u.number) || convert_to(u.v::text, 'UTF8')) ORDER BY u.ord) INTO digests
    FROM unnest(p_numbers, used) WITH ORDINALITY AS u (number, v, ord);

  -- who says nothing for a second from here on is cut off: the door waits for the lane
  PERFORM set_config('idle_in_transaction_session_timeout', '1s', true);
  SELECT * INTO l FROM lane WHERE campaign_id = c.id ORDER BY id LIMIT 1 FOR NO KEY UPDATE;
  SELECT min(u.k) FILTER (WHERE r.digest <> u.digest), coalesce(array_agg(u.ord::int ORDER BY u.ord) FILTER (WHERE r.key IS NULL), '{}')
    INTO other, fresh
    FROM unnest(p_keys, digests) WITH ORDINALITY AS u (k, digest, ord) LEFT JOIN trigger_request r ON r.campaign_id = c.id AND r.key = u.k;
  IF other IS NOT NULL THEN
    RAISE EXCEPTION 'key “%” was used for another message of campaign %; give each message a key of its own', other, c.id USING ERRCODE = 'CS409';
  END IF;
  IF fresh <> '{}' THEN
    c := held_campaign(c.id);
    PERFORM must_take_messages(c);
    PERFORM must_fit_the_day(c, l, cardinality(fresh));
    PERFORM take_in(c, l, me, p_keys, p_numbers, used, digests, fresh);
  END IF;
  RETURN QUERY
  SELECT u.k, r.seq, CASE WHEN u.ord = ANY (fresh) THEN 'taken' ELSE 'repeated' END
    FROM unnest(p_keys) WITH ORDINALITY AS u (k, ord) JOIN trigger_request r ON r.campaign_id = c.id AND r.key = u.k
   ORDER BY u.ord;
END $$;

-- Those of p_fresh, as one run of the lane's audience; then wakes whoever serves it, at commit: "lane last_seq channel,channel".
CREATE OR REPLACE FUNCTION take_in(c campaign, l lane, me identity, p_keys text[], p_numbers bigint[], p_values jsonb[], p_digests bytea[], p_fresh int[])
RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  upto    int := l.recipients + cardinality(p_fresh);
  numbers bigint[];
  columns jsonb;
BEGIN
  SELECT array_agg(p_numbers[f.i] ORDER BY f.i) INTO numbers FROM unnest(p_fresh) AS f (i);
  IF p_values[1] <> '{}' THEN
    SELECT jsonb_object_agg(v.name, v.list) INTO columns
      FROM (SELECT e.key AS name, jsonb_agg(e.value ORDER BY f.i) AS list FROM unnest(p_fresh) AS f (i), jsonb_each(p_values[f.i]) AS e GROUP BY 1) AS v;
  END IF;
  INSERT INTO audience (month, workspace_id, lane_id, first_seq, last_seq, msisdn, placeholder_values, digest)
  VALUES (l.month, l.workspace_id, l.id, l.recipients + 1, upto, numbers, columns, audience_leaf(l.recipients + 1, numbers, columns));
  INSERT INTO trigger_request (campaign_id, workspace_id, key, lane_id, seq, digest, person_id)
  SELECT c.id, c.workspace_id, p_keys[f.i], l.id, l.recipients + f.ord, p_digests[f.i], me.person_id
    FROM unnest(p_fresh) WITH ORDINALITY AS f (i, ord);
  UPDATE lane SET recipients = upto WHERE id = l.id;
  PERFORM note_feeding(c, me);
  IF c.state = 'sending' THEN
    PERFORM pg_notify('countersign_feed', format('%s %s %s', l.id, upto,
      (SELECT string_agg(s.channel_id::text, ',' ORDER BY s.channel_id) FROM lane_channel s WHERE s.lane_id = l.id)));
  END IF;
END $$;

GRANT EXECUTE ON FUNCTION feed_campaign(int, text[], bigint[], jsonb[]) TO countersign_portal;
