-- The ledger: for each number one outcome, derived here and nowhere else from what was appended, and the checks that the
-- faster figures (a block's counters, progress) agree with it.
--
-- Letters of block.outcomes: d delivered, u undelivered, e expired, r rejected, k unknown, s suppressed, '-' went back to
-- the lane and is another block's to account for.
--
-- Who is on the stop list by the time of being sent again is kept back and is k: the first try may have arrived.
--
-- How many parts a recipient's message has: as many as the campaign's segments; of a text with placeholders, as many as the engine
-- wrote down beside the first of what it did with the block (block.parts: what was sent is for who sent it to say; its approvers set
-- the most). A block in which nothing is on record yet counts by the most, whoever settles it too.
--
-- A recipient of several parts waits for all of them and then has the outcome of its worst part: rejected before undelivered before
-- expired before unknown before delivered. The first final receipt of a part stands; a later one is kept and changes nothing.

-- What is on record about recipients: element i of the columns asks for recipient p_nth[i] of block p_block[i]; without p_nth,
-- for everybody in these blocks. Not those who went back. The one place where outcomes are derived.
--
-- Few of a block (a number's history) are picked out of its arrays by position; many (a page, a whole block) by unnesting
-- them all: each is ten times slower where the other belongs.
--
-- How many recipients an array holds the planner can't know, and before the first ANALYZE it knows nothing at all: it would
-- then compare each recipient of a block with each attempt. Hence no nested loops but the LATERAL ones, fenced by OFFSET 0.
CREATE OR REPLACE FUNCTION recipients_of(p_month date[], p_block bigint[], p_nth smallint[] DEFAULT NULL)
RETURNS TABLE (block_id bigint, seq int, nth smallint, outcome "char", tries smallint, command_status int, message_id text, bind smallint,
               submitted_at timestamptz, answered_at timestamptz, receipt_state smallint, receipt_error text, received_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan SET jit = off
  SET enable_seqscan = off SET enable_nestloop = off AS $$
DECLARE
  few boolean := p_nth IS NOT NULL AND cardinality(p_nth) <= 4 * (SELECT count(DISTINCT b) FROM unnest(p_block) AS b);
BEGIN
  RETURN QUERY
  WITH held AS MATERIALIZED (
    SELECT b.*, asked.nths
      FROM (SELECT u.month, u.id, array_agg(u.nth) AS nths FROM unnest(p_month, p_block, p_nth) AS u (month, id, nth) GROUP BY u.month, u.id) AS asked
     CROSS JOIN LATERAL (
        SELECT b.month, b.id, b.first_seq, b.last_seq, b.returned, b.suppressed_nth, b.opened_at, b.resend, b.parts,
               (SELECT c.segments FROM campaign c WHERE c.id = (SELECT l.campaign_id FROM lane l WHERE l.id = b.lane_id)) AS segments
          FROM block b WHERE b.month = asked.month AND b.id = asked.id OFFSET 0) AS b
  ), wanted AS (
    SELECT h.id, w.nth FROM held h, unnest(h.nths) AS w (nth) WHERE p_nth IS NOT NULL AND NOT (h.first_seq + w.nth) <@ h.returned
    UNION ALL
    SELECT h.id, w.nth::smallint FROM held h, generate_series(0, h.last_seq - h.first_seq) AS w (nth)
     WHERE p_nth IS NULL AND NOT (h.first_seq + w.nth) <@ h.returned
  ), tried AS (
    SELECT a.block_id AS id, t.*
      FROM held h
     CROSS JOIN LATERAL (SELECT * FROM attempt a WHERE a.month = h.month AND a.block_id = h.id OFFSET 0) AS a
     CROSS JOIN LATERAL (
        SELECT u.* FROM unnest(a.nth, a.part, a.try, a.verdict, a.command_status, a.message_id, a.bind, a.submitted_ms, a.answered_ms)
                          AS u (nth, part, try, verdict, command_status, message_id, bind, submitted_ms, answered_ms)
         WHERE NOT few AND (p_nth IS NULL OR u.nth = ANY (h.nths))
        UNION ALL
        SELECT w.nth, a.part[i], a.try[i], a.verdict[i], a.command_status[i], a.message_id[i], a.bind[i], a.submitted_ms[i], a.answered_ms[i]
          FROM unnest(h.nths) AS w (nth), unnest(array_positions(a.nth, w.nth)) AS i WHERE few) AS t
  ), received AS (
    SELECT r.block_id AS id, t.*
      FROM held h
     CROSS JOIN LATERAL (SELECT * FROM receipt r WHERE r.month = h.month AND r.block_id = h.id OFFSET 0) AS r
     CROSS JOIN LATERAL (
        SELECT u.* FROM unnest(r.nth, r.part, r.state, r.error, r.received_ms) AS u (nth, part, state, error, received_ms)
         WHERE NOT few AND (p_nth IS NULL OR u.nth = ANY (h.nths))
        UNION ALL
        SELECT w.nth, r.part[i], r.state[i], r.error[i], r.received_ms[i]
          FROM unnest(h.nths) AS w (nth), unnest(array_positions(r.nth, w.nth)) AS i WHERE few) AS t
  ), submitted AS (
    -- the latest try of each part; of tries that int2 can't tell apart any more, the one that was for good
    SELECT t.id, t.nth, bool_or(t.verdict = 'r') AS refused, bool_or(t.verdict = 'u') AS lost,
           count(*) FILTER (WHERE t.verdict = 'a') AS accepted, count(*) FILTER (WHERE t.verdict <> 't') AS answered, max(t.try) AS tries,
           -- no status where a part has no answer
           CASE WHEN min(t.command_status) >= 0 THEN max(t.command_status) END AS command_status,
           string_agg(t.message_id, ' ' ORDER BY t.part) AS message_id, min(t.bind) AS bind,
           min(t.submitted_ms) AS submitted_ms, max(t.answered_ms) AS answered_ms
      FROM (SELECT DISTINCT ON (t.id, t.nth, t.part) t.* FROM tried t ORDER BY t.id, t.nth, t.part, t.try DESC, t.verdict = 't') AS t
     GROUP BY t.id, t.nth
  ), delivered AS (
    SELECT r.id, r.nth, bool_or(r.state = 8) AS refused, bool_or(r.state IN (4, 5)) AS undelivered, bool_or(r.state = 3) AS expired,
           bool_or(r.state IN (7, -1)) AS lost, count(*) AS finals,
           max(r.state) AS state, max(r.error) AS error, max(r.received_ms) AS received_ms
      FROM (SELECT DISTINCT ON (r.id, r.nth, r.part) r.* FROM received r
             -- 2 delivered, 3 expired, 4 deleted, 5 undeliverable, 7 unknown, 8 rejected, -1 none came: the final ones
             WHERE r.state IN (2, 3, 4, 5, 7, 8, -1) ORDER BY r.id, r.nth, r.part, r.received_ms) AS r
     GROUP BY r.id, r.nth
  )
  SELECT h.id, h.first_seq + w.nth, w.nth,
    CASE WHEN w.nth = ANY (h.suppressed_nth) THEN CASE WHEN h.resend THEN 'k' ELSE 's' END
         WHEN coalesce(s.answered, 0) < coalesce(get_byte(h.parts, w.nth), h.segments) THEN 'w'
         WHEN coalesce(d.finals, 0) < s.accepted THEN 'a'
         WHEN s.refused OR d.refused THEN 'r'
         WHEN d.undelivered THEN 'u'
         WHEN d.expired THEN 'e'
         WHEN s.lost OR d.lost THEN 'k'
         ELSE 'd' END::"char",
    s.tries, s.command_status, s.message_id, s.bind,
    h.opened_at + s.submitted_ms * interval '1 ms', h.opened_at + s.answered_ms * interval '1 ms',
    d.state, d.error, h.opened_at + d.received_ms * interval '1 ms'
  FROM wanted w JOIN held h ON h.id = w.id
  LEFT JOIN submitted s ON s.id = w.id AND s.nth = w.nth
  LEFT JOIN delivered d ON d.id = w.id AND d.nth = w.nth;
END $$;

-- Each recipient of a block (or the given ones) with what is on record about it. Not returned ones.
CREATE OR REPLACE FUNCTION block_recipients(p_month date, p_block bigint, p_nths smallint[] DEFAULT NULL)
RETURNS TABLE (nth smallint, outcome "char", tries smallint, command_status int, message_id text, bind smallint,
               submitted_at timestamptz, answered_at timestamptz, receipt_state smallint, receipt_error text, received_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN QUERY
  SELECT r.nth, r.outcome, r.tries, r.command_status, r.message_id, r.bind, r.submitted_at, r.answered_at, r.receipt_state, r.receipt_error, r.received_at
    FROM recipients_of(CASE WHEN p_nths IS NULL THEN ARRAY[p_month] ELSE array_fill(p_month, ARRAY[cardinality(p_nths)]) END,
                       CASE WHEN p_nths IS NULL THEN ARRAY[p_block] ELSE array_fill(p_block, ARRAY[cardinality(p_nths)]) END, p_nths) r;
END $$;

-- The product's word for a letter. a: submitted, its receipt is awaited; w: claimed, not yet answered. Both still moving.
CREATE OR REPLACE FUNCTION outcome_word(letter "char") RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE letter WHEN 'd' THEN 'delivered' WHEN 'u' THEN 'undelivered' WHEN 'e' THEN 'expired' WHEN 'r' THEN 'rejected'
    WHEN 'k' THEN 'unknown' WHEN 's' THEN 'suppressed' WHEN 'a' THEN 'submitted' ELSE 'waiting' END
$$;

-- The outcome of a recipient that nobody has in hand, in a campaign of this state. One that was submitted and whose answer
-- was lost waits to be sent again (lane.resend): when the campaign ends before that, whether it arrived is unknown.
CREATE OR REPLACE FUNCTION unclaimed_outcome(state text, may_have_left boolean) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN state NOT IN ('cancelled', 'expired', 'rejected', 'failed') THEN 'waiting'
    WHEN may_have_left THEN 'unknown' WHEN state = 'expired' THEN 'expired' ELSE 'cancelled' END
$$;

-- A block's letters in order.
CREATE OR REPLACE FUNCTION block_outcomes(p_month date, p_block bigint) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN (SELECT string_agg(coalesce(r.outcome::text, '-'), '' ORDER BY n)
            FROM block b CROSS JOIN LATERAL generate_series(0, b.last_seq - b.first_seq) AS n
            LEFT JOIN block_recipients(p_month, p_block) r ON r.nth = n
           WHERE b.month = p_month AND b.id = p_block);
END $$;

-- Rows of a campaign's ledger, a number each, from p_after_seq on within a lane: walks the few audience and block rows
-- that hold them, whatever the size of the campaign. What people see of it is in numbers.sql.
CREATE OR REPLACE FUNCTION ledger_rows(p_lane int, p_after_seq int, p_limit int)
RETURNS TABLE (seq int, msisdn bigint, outcome text, block_id bigint, tries smallint, command_status int, message_id text, bind smallint,
               submitted_at timestamptz, answered_at timestamptz, receipt_state smallint, receipt_error text, received_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan SET jit = off SET enable_seqscan = off AS $$
DECLARE
  l      lane;
  state  text;
  months date[];
  blocks bigint[];
  nths   smallint[];
BEGIN
  SELECT * INTO l FROM lane WHERE id = p_lane;
  SELECT c.state INTO state FROM campaign c WHERE c.id = l.campaign_id;
  SELECT array_agg(b.month), array_agg(b.id), array_agg((s - b.first_seq)::smallint) INTO months, blocks, nths
    FROM block b, generate_series(greatest(b.first_seq, p_after_seq + 1), least(b.last_seq, p_after_seq + p_limit)) AS s
   WHERE b.month = l.month AND b.lane_id = l.id AND b.first_seq BETWEEN p_after_seq - 998 AND p_after_seq + p_limit AND NOT s <@ b.returned;
  RETURN QUERY
  WITH page AS (
    SELECT a.first_seq + t.ord::int - 1 AS seq, t.msisdn
      FROM audience a, unnest(a.msisdn) WITH ORDINALITY AS t (msisdn, ord)
     WHERE a.month = l.month AND a.lane_id = l.id AND a.first_seq BETWEEN p_after_seq - 998 AND p_after_seq + p_limit
       AND a.first_seq + t.ord - 1 BETWEEN p_after_seq + 1 AND p_after_seq + p_limit
  )
  SELECT p.seq, p.msisdn, CASE WHEN r.nth IS NOT NULL THEN outcome_word(r.outcome) ELSE unclaimed_outcome(state, p.seq <@ l.resend) END,
         r.block_id, r.tries, r.command_status, r.message_id, r.bind, r.submitted_at, r.answered_at, r.receipt_state, r.receipt_error, r.received_at
    FROM page p LEFT JOIN recipients_of(months, blocks, nths) r ON r.seq = p.seq ORDER BY p.seq;
END $$;

-- Everything ever sent to a number by these workspaces, newest campaign first: the index over audience.msisdn finds the runs that
-- hold it.
CREATE OR REPLACE FUNCTION number_history_in(p_workspaces int[], p_msisdn bigint)
RETURNS TABLE (workspace_id int, campaign_id int, lane_id int, seq int, outcome text, tries smallint, command_status int, message_id text,
               submitted_at timestamptz, answered_at timestamptz, receipt_state smallint, receipt_error text, received_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan SET jit = off SET enable_seqscan = off AS $$
BEGIN
  RETURN QUERY
  WITH found AS MATERIALIZED (
    -- a trigger campaign sends to a number as often as it is fed
    SELECT a.workspace_id, a.lane_id, a.month, a.first_seq + place - 1 AS seq
      FROM audience a CROSS JOIN LATERAL unnest(array_positions(a.msisdn, p_msisdn)) AS place WHERE a.msisdn @> ARRAY[p_msisdn] AND a.workspace_id = ANY (p_workspaces)
  ), held AS MATERIALIZED (
    SELECT f.workspace_id, l.campaign_id, f.lane_id, f.seq, f.seq <@ l.resend AS may_have_left, b.month, b.id, (f.seq - b.first_seq)::smallint AS nth
      FROM found f JOIN lane l ON l.id = f.lane_id
      -- at most one block holds it, and it is among the nearest that begin before it
      LEFT JOIN LATERAL (SELECT h.month, h.id, h.first_seq FROM block h
                          WHERE h.month = f.month AND h.lane_id = f.lane_id AND h.first_seq BETWEEN f.seq - 999 AND f.seq
                            AND h.last_seq >= f.seq AND NOT f.seq <@ h.returned ORDER BY h.first_seq DESC LIMIT 1) b ON true
  ), told AS (
    SELECT r.* FROM (SELECT array_agg(h.month) AS months, array_agg(h.id) AS blocks, array_agg(h.nth) AS nths FROM held h WHERE h.id IS NOT NULL) h,
           recipients_of(h.months, h.blocks, h.nths) r
  )
  SELECT h.workspace_id, h.campaign_id, h.lane_id, h.seq,
         CASE WHEN r.nth IS NOT NULL THEN outcome_word(r.outcome) ELSE unclaimed_outcome(c.state, h.may_have_left) END,
         r.tries, r.command_status, r.message_id, r.submitted_at, r.answered_at, r.receipt_state, r.receipt_error, r.received_at
    FROM held h JOIN campaign c ON c.id = h.campaign_id
    LEFT JOIN told r ON r.block_id = h.id AND r.seq = h.seq
   ORDER BY h.campaign_id DESC, h.seq DESC;
END $$;

-- A row a number, over everything. Filter it by lane_id and, for speed, by first_seq; pages are ledger_page's.
CREATE OR REPLACE VIEW ledger AS
SELECT a.workspace_id, l.campaign_id, a.lane_id, a.month, a.first_seq, r.seq, r.msisdn,
       CASE WHEN r.letter IS NOT NULL THEN outcome_word(r.letter) ELSE unclaimed_outcome(c.state, r.seq <@ l.resend) END AS outcome
  FROM audience a
  JOIN lane l ON l.id = a.lane_id
  JOIN campaign c ON c.id = l.campaign_id
  -- a run of the audience and the blocks that were claimed from it, joined run by run
  CROSS JOIN LATERAL (
    SELECT (a.first_seq + t.ord - 1)::int AS seq, t.msisdn, held.letter
      FROM unnest(a.msisdn) WITH ORDINALITY AS t (msisdn, ord)
      LEFT JOIN (SELECT s AS seq, substr(b.letters, s - b.first_seq + 1, 1)::"char" AS letter
                   FROM (SELECT b.first_seq, b.last_seq, b.returned, coalesce(b.outcomes, block_outcomes(b.month, b.id)) AS letters
                           FROM block b WHERE b.month = a.month AND b.lane_id = a.lane_id AND b.first_seq BETWEEN a.first_seq - 999 AND a.last_seq
                            AND b.last_seq >= a.first_seq
                         OFFSET 0) AS b, generate_series(greatest(b.first_seq, a.first_seq), least(b.last_seq, a.last_seq)) AS s
                  WHERE NOT s <@ b.returned) AS held ON held.seq = a.first_seq + t.ord - 1) AS r;

CREATE OR REPLACE FUNCTION multirange_size(ranges int4multirange) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(sum(upper(r) - lower(r)), 0)::int FROM unnest(ranges) AS r
$$;

-- A campaign's figures from the counters: audience = the seven outcomes + still moving, always.
CREATE OR REPLACE VIEW campaign_progress WITH (security_invoker = true) AS
SELECT c.id AS campaign_id, c.workspace_id, c.state, l.audience, p.delivered, p.undelivered, p.expired + rest.expired AS expired,
       p.rejected, p.unknown + rest.unknown AS unknown, l.suppressed, rest.cancelled,
       l.audience - l.suppressed - p.delivered - p.undelivered - p.expired - p.rejected - p.unknown
         - rest.expired - rest.unknown - rest.cancelled AS moving,
       l.untouched + l.resend AS unclaimed, p.accepted
  FROM campaign c
  CROSS JOIN LATERAL (
    SELECT coalesce(sum(recipients), 0)::int AS audience, coalesce(sum(suppressed), 0)::int AS suppressed,
           coalesce(sum(recipients - next_seq + 1 + multirange_size(returned)), 0)::int AS untouched,
           coalesce(sum(multirange_size(resend)), 0)::int AS resend
      FROM lane WHERE campaign_id = c.id) l
  CROSS JOIN LATERAL (
    SELECT CASE unclaimed_outcome(c.state, false) WHEN 'expired' THEN l.untouched ELSE 0 END AS expired,
           CASE unclaimed_outcome(c.state, false) WHEN 'cancelled' THEN l.untouched ELSE 0 END AS cancelled,
           CASE unclaimed_outcome(c.state, true) WHEN 'unknown' THEN l.resend ELSE 0 END AS unknown) rest
  CROSS JOIN LATERAL (
    SELECT coalesce(sum(accepted), 0)::int AS accepted, coalesce(sum(delivered), 0)::int AS delivered,
           coalesce(sum(undelivered), 0)::int AS undelivered, coalesce(sum(expired), 0)::int AS expired,
           coalesce(sum(rejected), 0)::int AS rejected, coalesce(sum(unknown), 0)::int AS unknown
      FROM progress JOIN lane ON lane.id = lane_id WHERE lane.campaign_id = c.id) p;

-- Counts every recipient from what was appended, and names every figure that disagrees. No rows: the ledger adds up (or it was
-- erased, or its month dropped, and there is nothing left to count). Each block is counted by itself and once, so that a campaign of any
-- size costs as much a block, and no plan for the whole can go wrong (recipients_of says how it keeps its own).
CREATE OR REPLACE FUNCTION check_ledger(p_campaign int) RETURNS TABLE (what text, expected bigint, found bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET jit = off AS $$
BEGIN
  PERFORM must_see((SELECT c.workspace_id FROM campaign c WHERE c.id = p_campaign), 'campaign ' || p_campaign);
  IF EXISTS (SELECT FROM campaign c WHERE c.id = p_campaign AND c.erased_at IS NOT NULL)
     OR EXISTS (SELECT FROM lane l WHERE l.campaign_id = p_campaign AND NOT month_has('block', l.month)) THEN RETURN; END IF;
  RETURN QUERY
  WITH counted AS MATERIALIZED (
    SELECT b.*, r.truth, r.letters
      FROM lane l JOIN block b ON b.month = l.month AND b.lane_id = l.id
      CROSS JOIN LATERAL (
        SELECT jsonb_build_object('delivered', count(*) FILTER (WHERE r.outcome = 'd'), 'undelivered', count(*) FILTER (WHERE r.outcome = 'u'),
                 'expired', count(*) FILTER (WHERE r.outcome = 'e'), 'rejected', count(*) FILTER (WHERE r.outcome = 'r'),
                 'unknown', count(*) FILTER (WHERE r.outcome = 'k'), 'suppressed', count(*) FILTER (WHERE r.outcome = 's'),
                 'accepted', count(*) FILTER (WHERE r.outcome NOT IN ('w', 's') AND r.command_status = 0),
                 'waiting', count(*) FILTER (WHERE r.outcome = 'w'), 'claimed', count(r.nth)) AS truth,
               string_agg(coalesce(r.outcome::text, '-'), '' ORDER BY n) AS letters
          FROM generate_series(0, b.last_seq - b.first_seq) AS n LEFT JOIN block_recipients(b.month, b.id) r ON r.nth = n) r
     WHERE l.campaign_id = p_campaign
  ), rest AS (
    -- those in nobody's hands, by their outcome
    SELECT jsonb_object_agg(r.word, r.n) AS figures
      FROM (SELECT unclaimed_outcome(c.state, u.may_have_left) AS word, sum(u.n) AS n
              FROM campaign c JOIN lane l ON l.campaign_id = c.id
             CROSS JOIN LATERAL (VALUES (true, multirange_size(l.resend)),
                                        (false, l.recipients - l.next_seq + 1 + multirange_size(l.returned))) AS u (may_have_left, n)
             WHERE c.id = p_campaign GROUP BY 1) r
  ), shown AS (
    SELECT to_jsonb(p) || jsonb_build_object('claimed', p.audience - p.unclaimed) AS figures FROM campaign_progress p WHERE p.campaign_id = p_campaign
  )
  -- the campaign's figures
  SELECT k, t.n, (s.figures ->> k)::bigint
    FROM shown s CROSS JOIN rest
    CROSS JOIN unnest(ARRAY['accepted', 'delivered', 'undelivered', 'expired', 'rejected', 'unknown', 'suppressed', 'cancelled', 'claimed']) AS k
    CROSS JOIN LATERAL (SELECT coalesce(sum((c.truth ->> k)::bigint), 0)::bigint + coalesce((rest.figures ->> k)::bigint, 0) AS n FROM counted c) t
   WHERE t.n <> (s.figures ->> k)::bigint
  UNION ALL
  -- each block's own
  SELECT format('%s of block %s', k, c.id), (c.truth ->> k)::bigint, (to_jsonb(c) ->> k)::bigint
    FROM counted c CROSS JOIN unnest(ARRAY['accepted', 'delivered', 'undelivered', 'expired', 'rejected', 'unknown']) AS k
   WHERE (c.truth ->> k)::bigint <> (to_jsonb(c) ->> k)::bigint
  UNION ALL
  SELECT format('block %s is closed and waits', c.id), 0, (c.truth ->> 'waiting')::bigint
    FROM counted c WHERE c.closed_at IS NOT NULL AND (c.truth ->> 'waiting')::bigint > 0
  UNION ALL
  SELECT format('outcomes of block %s', c.id), 1, 0 FROM counted c WHERE c.outcomes <> c.letters
  UNION ALL
  SELECT format('digest of block %s', c.id), 1, 0
    FROM counted c WHERE c.digest <> block_digest(c.month, c.lane_id, c.first_seq, c.last_seq, c.outcomes)
  UNION ALL
  -- nobody is in two blocks' hands
  SELECT format('lane %s has recipients in two blocks', h.lane_id), multirange_size(h.once)::bigint, h.n
    FROM (SELECT c.lane_id, range_agg(r) AS once, sum(upper(r) - lower(r)) AS n
            FROM counted c, unnest(int4multirange(int4range(c.first_seq, c.last_seq + 1)) - c.returned) AS r GROUP BY c.lane_id) h
   WHERE multirange_size(h.once) <> h.n;
END $$;

GRANT EXECUTE ON FUNCTION outcome_word("char"), unclaimed_outcome(text, boolean), multirange_size(int4multirange) TO countersign_engine, countersign_portal;
GRANT EXECUTE ON FUNCTION check_ledger(int) TO countersign_portal;

-- what `unclaimed_outcome` replaced, in a database that is older
DROP FUNCTION IF EXISTS is_ended(text);
