-- Placeholders: `((name))` in a campaign's text is, for each recipient, their value of the column of that name.
--
-- What a placeholder is, and when two names are the same, is said in schema/text/Placeholders.ts; `placeholders_of` and `column_key` say
-- it again here, where it is asked for before a campaign is submitted and at the door (a property test holds the two together).
--
-- Nothing in the database can count the parts of a text: whoever loads an audience counts them, recipient by recipient, and says the
-- most (`note_parts`); so does who changes the text afterwards. The campaign's `segments` is that most: what its approvers see, what the
-- ceilings count for everybody (so a campaign whose messages differ goes a little below its ceilings and never above), and what the
-- engine holds every recipient's text against.

-- The name of a column as it is compared: without blanks around it, and without regard to the case of Latin, Greek and Cyrillic letters.
-- By a table, since lower() depends on the database's locale.
CREATE OR REPLACE FUNCTION column_key(p_name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT translate(btrim(p_name, E' \t\u00a0'),
    'ABCDEFGHIJKLMNOPQRSTUVWXYZÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩЀЁЂЃЄЅІЇЈЉЊЋЌЍЎЏАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ',
    'abcdefghijklmnopqrstuvwxyzàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþαβγδεζηθικλμνξοπρστυφχψωѐёђѓєѕіїјљњћќѝўџабвгдежзийклмнопрстуфхцчшщъыьэюя')
$$;

-- The keys of a text's placeholders, each once, in the order of the text.
CREATE OR REPLACE FUNCTION placeholders_of(p_text text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = public, pg_temp AS $$
BEGIN
  IF position('((' IN p_text) = 0 THEN RETURN '{}'; END IF;
  RETURN (SELECT coalesce(array_agg(k.key ORDER BY k.ord), '{}')
            FROM (SELECT column_key(m.found[1]) AS key, min(m.ord) AS ord
                    FROM regexp_matches(p_text, '\(\(([^()\r\n]{1,100})\)\)', 'g') WITH ORDINALITY AS m (found, ord) GROUP BY 1) AS k
           WHERE k.key <> '');
END $$;

-- ((name)), ((city)): as people write them.
CREATE OR REPLACE FUNCTION in_parentheses(p_names text[]) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT string_agg('((' || n || '))', ', ' ORDER BY ord) FROM unnest(p_names) WITH ORDINALITY AS u (n, ord)
$$;

-- These recipients' values of a column, in order; empty strings for those whose nth the door kept back.
CREATE OR REPLACE FUNCTION values_in(l lane, p_first_seq int, p_last_seq int, p_name text, p_kept int[]) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
DECLARE
  list jsonb;
BEGIN
  -- nearly always: everybody of a part of one run, cut out as it is, which is several times as fast
  SELECT jsonb_path_query_array(a.placeholder_values -> p_name, '$[$from to $upto]',
           jsonb_build_object('from', p_first_seq - a.first_seq, 'upto', p_last_seq - a.first_seq)) INTO list
    FROM (SELECT x.first_seq, x.last_seq, x.placeholder_values FROM audience x
           WHERE x.month = l.month AND x.lane_id = l.id AND x.first_seq <= p_first_seq ORDER BY x.first_seq DESC LIMIT 1) AS a
   WHERE a.last_seq >= p_last_seq AND p_kept IS NULL;
  IF list IS NULL THEN
    SELECT jsonb_agg(CASE WHEN a.first_seq + e.ord - 1 - p_first_seq = ANY (p_kept) THEN '""' ELSE e.value END ORDER BY a.first_seq, e.ord) INTO list
      FROM (SELECT x.first_seq, x.placeholder_values FROM audience x
             WHERE x.month = l.month AND x.lane_id = l.id AND x.first_seq BETWEEN p_first_seq - 999 AND p_last_seq
               AND x.last_seq >= p_first_seq OFFSET 0) AS a
     CROSS JOIN LATERAL jsonb_array_elements(a.placeholder_values -> p_name) WITH ORDINALITY AS e (value, ord)
     WHERE a.first_seq + e.ord - 1 BETWEEN p_first_seq AND p_last_seq;
  END IF;
  -- one that is missing would put everybody's values after it at somebody else's number
  IF jsonb_array_length(list) IS DISTINCT FROM p_last_seq - p_first_seq + 1 THEN
    RAISE EXCEPTION 'some of recipients % to % of lane % have no value for ((%))', p_first_seq, p_last_seq, l.id, p_name USING ERRCODE = 'CS409';
  END IF;
  RETURN list;
END $$;

-- What the door hands out beside their numbers, as JSON by column. Not by jsonb_object_agg, which takes apart what it is given.
CREATE OR REPLACE FUNCTION values_of(l lane, p_first_seq int, p_last_seq int, p_names text[], p_kept int[]) RETURNS text
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT '{' || string_agg(to_jsonb(n)::text || ': ' || values_in(l, p_first_seq, p_last_seq, n, p_kept)::text, ', ') || '}' FROM unnest(p_names) AS n
$$;

-- Gives what may stand beside a run of numbers, or refuses it with CS422: each column has one string a recipient, and there are up to 20.
-- That a value has up to 250 characters is for who reads the file to say of its row; here only the whole is bounded, which costs less.
CREATE OR REPLACE FUNCTION must_be_values(p_values text, p_recipients int, p_columns text[]) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path = public, pg_temp AS $$
DECLARE
  given jsonb := p_values;
  keys  text[] := ARRAY(SELECT jsonb_object_keys(given));
BEGIN
  IF cardinality(keys) NOT BETWEEN 1 AND 20 OR NOT (keys <@ p_columns AND keys @> p_columns) OR EXISTS (SELECT FROM unnest(keys) AS k WHERE k <> column_key(k)) THEN
    RAISE EXCEPTION 'values are given by up to 20 columns, the same for all recipients, by their keys' USING ERRCODE = 'CS422';
  END IF;
  IF jsonb_path_exists(given, 'strict $.* ? (@.type() != "array" || @.size() != $n)', jsonb_build_object('n', p_recipients)) THEN
    RAISE EXCEPTION 'each column has one value a recipient' USING ERRCODE = 'CS422';
  END IF;
  -- a character is up to six octets of JSON
  IF jsonb_path_exists(given, 'strict $.*[*] ? (@.type() != "string")') OR octet_length(p_values) > cardinality(keys) * (p_recipients * 1600 + 1000) THEN
    RAISE EXCEPTION 'a value is a text of up to 250 characters' USING ERRCODE = 'CS422';
  END IF;
  RETURN given;
END $$;

-- Says what the most parts of a lane's recipients are, counted for that text: the campaign's segments become the most of its lanes. Who
-- says it is a maker. Refuses with CS409 when the text has changed meanwhile. Gives the campaign's segments.
CREATE OR REPLACE FUNCTION note_parts(p_lane int, p_text text, p_most_parts int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  l    lane := own_lane(p_lane);
  c    campaign := note_maker(l.campaign_id);
  most int;
BEGIN
  IF c.text IS DISTINCT FROM p_text THEN
    RAISE EXCEPTION 'the text of campaign % was changed while its messages were counted; count them again', c.id USING ERRCODE = 'CS409';
  END IF;
  IF coalesce(p_most_parts NOT BETWEEN 1 AND 255, true) THEN
    RAISE EXCEPTION 'a message has 1 to 255 parts' USING ERRCODE = 'CS422';
  END IF;
  UPDATE lane SET most_parts = p_most_parts, counted_for = sha256(convert_to(c.text, 'UTF8')) WHERE id = l.id;
  SELECT max(k.most_parts) INTO most FROM lane k WHERE k.campaign_id = c.id AND k.counted_for = sha256(convert_to(c.text, 'UTF8'));
  UPDATE campaign SET segments = most, edited_by = acting_person() WHERE id = c.id;
  PERFORM audit('campaign.count_parts', 'campaign', c.id, jsonb_build_object('lane', l.id, 'most_parts', p_most_parts, 'before', c.segments, 'after', most));
  RETURN most;
END $$;

-- Refuses with CS409 to put before approvers a text with a placeholder that has no column, or whose parts nobody has counted as it is
-- now. A triggered campaign's values come with each message, and are asked for there.
CREATE OR REPLACE FUNCTION must_have_columns(c campaign) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
DECLARE
  names   text[] := placeholders_of(c.text);
  missing text[];
  l       lane;
  there   text;
BEGIN
  IF names = '{}' OR c.mode = 'trigger' THEN RETURN; END IF;
  FOR l IN SELECT * FROM lane WHERE campaign_id = c.id ORDER BY id LOOP
    missing := ARRAY(SELECT n FROM unnest(names) AS n WHERE n <> ALL (coalesce(l.columns, '{}')));
    IF missing <> '{}' THEN
      there := CASE WHEN coalesce(l.columns, '{}') = '{}' THEN 'has no columns' ELSE 'has the columns ' || array_to_string(l.columns, ', ') END;
      RAISE EXCEPTION 'the text of campaign % has %, and its audience %; change the text, or load a file with such a column',
        c.id, in_parentheses(missing), there USING ERRCODE = 'CS409';
    END IF;
  END LOOP;
  IF EXISTS (SELECT FROM lane k WHERE k.campaign_id = c.id AND k.counted_for IS DISTINCT FROM sha256(convert_to(c.text, 'UTF8')))
     OR c.segments <> (SELECT max(k.most_parts) FROM lane k WHERE k.campaign_id = c.id) THEN
    RAISE EXCEPTION 'the messages of campaign % have not been counted since its text or its channels were changed; count them before you submit', c.id
      USING ERRCODE = 'CS409';
  END IF;
END $$;

-- What there is to fill in, a run of recipients at a time from p_after_seq on, for those who write campaigns: to preview it, and to count
-- parts anew. Never a number.
CREATE OR REPLACE FUNCTION placeholder_runs(p_lane int, p_after_seq int, p_runs int)
RETURNS TABLE (first_seq int, last_seq int, placeholder_values jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  l lane := see_lane(p_lane);
BEGIN
  PERFORM must('campaign.edit');
  RETURN QUERY
  SELECT a.first_seq, a.last_seq, a.placeholder_values FROM audience a
   WHERE a.month = l.month AND a.lane_id = l.id AND a.first_seq > p_after_seq ORDER BY a.first_seq LIMIT p_runs;
END $$;

GRANT EXECUTE ON FUNCTION note_parts(int, text, int), placeholder_runs(int, int, int) TO countersign_portal;
