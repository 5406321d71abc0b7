-- The audience: loaded in runs of up to 1,000 while its lane is open, sealed once, never changed.
--
-- A run's digest is a leaf, SHA-256 of 0x00, its first seq and its numbers in the binary form Postgres sends them
-- (int4send, array_send), and, if there are placeholder values, these as Postgres writes them (jsonb::text); an inner node is SHA-256 of 0x01 and its two children; an odd last one moves up as it is
-- (RFC 6962, 2.1, in shape). The root is the audience digest of the lane.
--
-- A number appears once in a campaign, whoever wrote the file: asked when a lane is sealed, of it and the lanes sealed before.
-- One sort of all numbers then costs a tenth of their loading (bench/load); an index that knew it would cost more than all
-- the rest, since it would be a row a number.

DROP FUNCTION IF EXISTS audience_leaf(int, bigint[]);
CREATE OR REPLACE FUNCTION audience_leaf(p_first_seq int, p_msisdn bigint[], p_values jsonb DEFAULT NULL) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT sha256('\x00'::bytea || int4send(p_first_seq) || array_send(p_msisdn) || coalesce(convert_to(p_values::text, 'UTF8'), ''))
$$;

CREATE OR REPLACE FUNCTION merkle_root(leaves bytea[]) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  level bytea[] := leaves;
  above bytea[];
  n     int := cardinality(leaves);
BEGIN
  IF n = 0 THEN RETURN sha256(''); END IF;
  WHILE n > 1 LOOP
    above := ARRAY[]::bytea[];
    FOR i IN 1..n / 2 LOOP
      above := above || sha256('\x01'::bytea || level[2 * i - 1] || level[2 * i]);
    END LOOP;
    IF n % 2 = 1 THEN above := above || level[n]; END IF;
    level := above;
    n := cardinality(above);
  END LOOP;
  RETURN level[1];
END $$;

-- Appends runs to an open lane. Each run is the text of a bigint[] of 1 to 1,000 E.164 numbers, so that one statement
-- carries many; p_values has, where there are placeholder values, a JSON object for each run: by column, a string a recipient. Who
-- loads it is noted as a maker of the campaign. Gives the lane's recipients so far. Not audited by itself: sealing says what was loaded.
DROP FUNCTION IF EXISTS load_audience(int, text[]);
CREATE OR REPLACE FUNCTION load_audience(p_lane int, p_runs text[], p_values text[] DEFAULT NULL) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  l     lane := own_lane(p_lane);
  c     campaign;
  kept  text[] := l.columns;
  added int;
BEGIN
  IF l.audience_digest IS NOT NULL THEN
    RAISE EXCEPTION 'the audience of lane % is sealed; make a new campaign to send to other numbers', p_lane USING ERRCODE = 'CS409';
  END IF;
  c := note_maker(l.campaign_id);
  IF c.mode = 'trigger' THEN
    RAISE EXCEPTION 'campaign % is fed while it is sent, and takes no file; seal its lane empty', c.id USING ERRCODE = 'CS409';
  END IF;
  -- once a file, which comes in many calls; what it came to is said when it is sealed
  IF l.recipients = 0 THEN PERFORM audit('campaign.load_audience', 'campaign', l.campaign_id, jsonb_build_object('lane', l.id)); END IF;
  IF l.recipients = 0 AND p_values IS NOT NULL THEN kept := ARRAY(SELECT json_object_keys(p_values[1]::json)); END IF;
  IF cardinality(p_values) <> cardinality(p_runs) OR (p_values IS NULL) <> (kept IS NULL) AND p_runs <> '{}' THEN
    RAISE EXCEPTION 'each run of an audience has values, or none has' USING ERRCODE = 'CS422';
  END IF;
  WITH run AS (
    SELECT ord, literal::bigint[] AS msisdn,
           CASE WHEN kept IS NOT NULL THEN must_be_values(vals, cardinality(literal::bigint[]), kept) END AS vals
      FROM unnest(p_runs, p_values) WITH ORDINALITY AS r (literal, vals, ord)
  ), placed AS (
    SELECT msisdn, vals, l.recipients + sum(cardinality(msisdn)) OVER (ORDER BY ord)::int AS last_seq FROM run
  ), stored AS (
    INSERT INTO audience (month, workspace_id, lane_id, first_seq, last_seq, msisdn, placeholder_values, digest)
    SELECT l.month, l.workspace_id, l.id, last_seq - cardinality(msisdn) + 1, last_seq, msisdn, vals,
           audience_leaf(last_seq - cardinality(msisdn) + 1, msisdn, vals)
      FROM placed
    RETURNING last_seq - first_seq + 1 AS n
  )
  SELECT coalesce(sum(n), 0) INTO added FROM stored;
  UPDATE lane SET recipients = recipients + added, columns = kept WHERE id = p_lane;
  RETURN l.recipients + added;
END $$;

-- The numbers of a lane's recipients in order; null where there is no audience any more. Nearly always they are in one run; those that
-- were fed one by one (a triggered campaign's) are in many.
CREATE OR REPLACE FUNCTION numbers_of(p_month date, p_lane int, p_first_seq int, p_last_seq int) RETURNS bigint[]
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
DECLARE
  a audience;
BEGIN
  SELECT * INTO a FROM audience
   WHERE month = p_month AND lane_id = p_lane AND first_seq <= p_first_seq ORDER BY first_seq DESC LIMIT 1;
  IF a.last_seq >= p_last_seq THEN RETURN a.msisdn[p_first_seq - a.first_seq + 1 : p_last_seq - a.first_seq + 1]; END IF;
  RETURN (SELECT array_agg(n.msisdn ORDER BY x.first_seq, n.ord)
            FROM (SELECT r.first_seq, r.msisdn FROM audience r
                   WHERE r.month = p_month AND r.lane_id = p_lane AND r.first_seq BETWEEN a.first_seq AND p_last_seq OFFSET 0) AS x,
                 unnest(x.msisdn) WITH ORDINALITY AS n (msisdn, ord)
           WHERE x.first_seq + n.ord - 1 BETWEEN p_first_seq AND p_last_seq);
END $$;

-- Keeps lines that did not become recipients, for the author to download: of an open lane, since approvers are shown them.
-- Who keeps them is a maker too.
CREATE OR REPLACE FUNCTION keep_rejected_lines(p_lane int, p_line int[], p_reason text[], p_raw text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  l lane := own_lane(p_lane);
BEGIN
  IF l.audience_digest IS NOT NULL THEN RAISE EXCEPTION 'the audience of lane % is sealed', p_lane USING ERRCODE = 'CS409'; END IF;
  PERFORM note_maker(l.campaign_id);
  INSERT INTO rejected_line (month, workspace_id, lane_id, line, reason, raw) VALUES (l.month, l.workspace_id, l.id, p_line, p_reason, p_raw);
END $$;

-- Says of an open lane what its file was, once it has been read: {name, octets, lines, duplicates, invalid, empty}. Who says it is a maker.
CREATE OR REPLACE FUNCTION note_file(p_lane int, p_file jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  l     lane := own_lane(p_lane);
  names text[] := '{name, octets, lines, duplicates, invalid, empty}';
BEGIN
  PERFORM note_maker(l.campaign_id);
  IF l.audience_digest IS NOT NULL THEN RAISE EXCEPTION 'the audience of lane % is sealed', p_lane USING ERRCODE = 'CS409'; END IF;
  PERFORM must_be_known('a file', p_file, names);
  IF coalesce(length(p_file ->> 'name') NOT BETWEEN 1 AND 255, true)
     OR EXISTS (SELECT FROM unnest(names[2:]) AS n WHERE coalesce(p_file ->> n, '') !~ '^[0-9]{1,15}$') THEN
    RAISE EXCEPTION 'a file has a name of up to 255 characters, and counts' USING ERRCODE = 'CS422';
  END IF;
  UPDATE lane SET file = p_file WHERE id = l.id;
END $$;

-- Takes away the whole audience of a draft, sealed or half loaded, with the lines that were left out of it; who does is a maker. In the
-- place of its lanes comes an empty one on the same channels, whose id is given: the audit goes on saying what was in the old ones. Where
-- there is one lane and nothing in it, it stays.
CREATE OR REPLACE FUNCTION discard_audience(p_campaign int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  c        campaign := campaign_here(p_campaign);
  channels int[];
  gone     jsonb;
  l        lane;
  made     int;
BEGIN
  -- lanes first, as who loads them has it
  PERFORM FROM lane WHERE campaign_id = c.id ORDER BY id FOR NO KEY UPDATE;
  c := note_maker(p_campaign);
  SELECT min(k.id) INTO made FROM lane k WHERE k.campaign_id = c.id
  HAVING count(*) = 1 AND max(k.recipients) = 0 AND count(k.audience_digest) = 0
     AND NOT EXISTS (SELECT FROM rejected_line r JOIN lane o ON o.month = r.month AND o.id = r.lane_id WHERE o.campaign_id = c.id);
  IF made IS NOT NULL THEN RETURN made; END IF;
  channels := ARRAY(SELECT DISTINCT s.channel_id FROM lane_channel s JOIN lane k ON k.id = s.lane_id WHERE k.campaign_id = c.id ORDER BY 1);
  SELECT coalesce(jsonb_agg(jsonb_build_object('lane', k.id, 'recipients', k.recipients, 'digest', encode(k.audience_digest, 'hex')) ORDER BY k.id), '[]')
    INTO gone FROM lane k WHERE k.campaign_id = c.id;
  PERFORM begin_erasing();
  FOR l IN SELECT * FROM lane WHERE campaign_id = c.id LOOP
    DELETE FROM audience WHERE month = l.month AND lane_id = l.id;
    DELETE FROM rejected_line WHERE month = l.month AND lane_id = l.id;
    DELETE FROM lane_channel WHERE lane_id = l.id;
    DELETE FROM lane WHERE id = l.id;
  END LOOP;
  PERFORM end_erasing();
  INSERT INTO lane (workspace_id, campaign_id) VALUES (c.workspace_id, c.id) RETURNING id INTO made;
  INSERT INTO lane_channel (workspace_id, lane_id, channel_id) SELECT c.workspace_id, made, n FROM unnest(channels) AS n;
  PERFORM audit('campaign.discard_audience', 'campaign', c.id, jsonb_build_object('before', gone, 'lane', made));
  RETURN made;
END $$;

-- Refuses with CS409 a campaign in which a number appears twice. Sealed lanes are seen whole: `note_maker` holds the campaign.
CREATE OR REPLACE FUNCTION each_number_once(l lane) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp SET jit = off SET enable_seqscan = off AS $$
DECLARE
  lanes  int[];
  months date[];
  twice  bigint;
BEGIN
  SELECT array_agg(o.id), array_agg(DISTINCT o.month) INTO lanes, months
    FROM lane o WHERE o.campaign_id = l.campaign_id AND (o.id = l.id OR o.audience_digest IS NOT NULL);
  -- counting is a sort of bare numbers, three times as fast as grouping: which one it is, is looked up only where there is one
  IF (SELECT count(n) = count(DISTINCT n)
        FROM (SELECT unnest(a.msisdn) AS n FROM audience a WHERE a.month = ANY (months) AND a.lane_id = ANY (lanes)) AS numbers) THEN
    RETURN;
  END IF;
  SELECT n INTO twice
    FROM (SELECT unnest(a.msisdn) AS n FROM audience a WHERE a.month = ANY (months) AND a.lane_id = ANY (lanes)) AS numbers
   GROUP BY n HAVING count(*) > 1 ORDER BY n LIMIT 1;
  RAISE EXCEPTION 'number % appears more than once in the audience of campaign %; a campaign sends to each number once',
    twice, l.campaign_id USING ERRCODE = 'CS409';
END $$;

-- Closes the lane for loading and gives its audience digest; who seals is a maker too.
CREATE OR REPLACE FUNCTION seal_audience(p_lane int) RETURNS bytea
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  l    lane := own_lane(p_lane);
  c    campaign;
  root bytea;
BEGIN
  IF l.audience_digest IS NOT NULL THEN RETURN l.audience_digest; END IF;
  c := note_maker(l.campaign_id);
  IF l.recipients = 0 AND c.mode <> 'trigger' THEN
    RAISE EXCEPTION 'the audience of lane % is empty; load at least one number before sealing it', p_lane USING ERRCODE = 'CS409';
  END IF;
  PERFORM each_number_once(l);
  SELECT merkle_root(coalesce(array_agg(digest ORDER BY first_seq), '{}')) INTO root FROM audience WHERE lane_id = l.id AND month = l.month;
  UPDATE lane SET audience_digest = root WHERE id = p_lane;
  PERFORM audit('campaign.seal_audience', 'campaign', l.campaign_id,
    jsonb_build_object('lane', l.id, 'recipients', l.recipients, 'digest', encode(root, 'hex')));
  RETURN root;
END $$;

CREATE OR REPLACE FUNCTION audience_is_immutable() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF erasing() AND TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RAISE EXCEPTION 'an audience is never changed, only erased when its time of keeping is over' USING ERRCODE = 'CS403';
END $$;
CREATE OR REPLACE TRIGGER audience_is_immutable BEFORE UPDATE OR DELETE ON audience
  FOR EACH ROW EXECUTE FUNCTION audience_is_immutable();
CREATE OR REPLACE TRIGGER audience_is_not_emptied BEFORE TRUNCATE ON audience
  FOR EACH STATEMENT EXECUTE FUNCTION audience_is_immutable();

-- A lane's content is fixed once it is sealed; only the cursor's columns move, and what is fed (trigger.sql) is added to it.
CREATE OR REPLACE FUNCTION lane_is_sealed() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF OLD.audience_digest IS NOT NULL AND (NEW.audience_digest, NEW.recipients, NEW.columns, NEW.campaign_id, NEW.workspace_id, NEW.month)
     IS DISTINCT FROM (OLD.audience_digest, OLD.recipients, OLD.columns, OLD.campaign_id, OLD.workspace_id, OLD.month)
     AND NOT was_fed(OLD, NEW) THEN
    RAISE EXCEPTION 'the audience of lane % is sealed', OLD.id USING ERRCODE = 'CS403';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER lane_is_sealed BEFORE UPDATE OF audience_digest, recipients, columns, campaign_id, workspace_id, month ON lane
  FOR EACH ROW EXECUTE FUNCTION lane_is_sealed();

GRANT EXECUTE ON FUNCTION load_audience(int, text[], text[]), keep_rejected_lines(int, int[], text[], text[]), seal_audience(int),
  note_file(int, jsonb), discard_audience(int)
  TO countersign_portal;
