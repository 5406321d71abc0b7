-- The ledger: for each number one outcome, derived here and nowhere else from what was appended, and the checks that the
-- faster figures (a block's counters, progress) agree with it.
--
-- Letters of block.outcomes: d delivered, u undelivered, e expired, r rejected, k unknown, s suppressed, '-' went back to
-- the lane and is another block's to account for.
--
-- A recipient of several parts waits for all of them and then has the outcome of its worst part: rejected before undelivered before
-- expired before unknown before delivered. The first final receipt of a part stands; a later one is kept and changes nothing.

-- Each recipient of a block (or the given ones) with what is on record about it. Not returned ones.
CREATE OR REPLACE FUNCTION block_recipients(p_month date, p_block bigint, p_nths smallint[] DEFAULT NULL)
RETURNS TABLE (nth smallint, outcome "char", tries smallint, command_status int, message_id text, bind smallint,
               submitted_at timestamptz, answered_at timestamptz, receipt_state smallint, receipt_error text, received_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  b block;
  n int;
BEGIN
  SELECT * INTO b FROM block WHERE block.month = p_month AND block.id = p_block;
  SELECT segments INTO n FROM lane JOIN campaign ON campaign.id = campaign_id WHERE lane.id = b.lane_id;
  RETURN QUERY
  WITH wanted AS (
    SELECT w.nth FROM (SELECT generate_series(0, b.last_seq - b.first_seq)::smallint AS nth WHERE p_nths IS NULL
                       UNION ALL SELECT unnest(p_nths)) AS w
     WHERE NOT (b.first_seq + w.nth) <@ b.returned
  ), tried AS (
    SELECT DISTINCT ON (t.nth, t.part) t.*
      FROM attempt a, unnest(a.nth, a.part, a.try, a.verdict, a.command_status, a.message_id, a.bind, a.submitted_ms, a.answered_ms)
             AS t (nth, part, try, verdict, command_status, message_id, bind, submitted_ms, answered_ms)
     WHERE a.month = p_month AND a.block_id = p_block AND (p_nths IS NULL OR t.nth = ANY (p_nths))
     ORDER BY t.nth, t.part, t.try DESC
  ), received AS (
    SELECT DISTINCT ON (t.nth, t.part) t.*
      FROM receipt r, unnest(r.nth, r.part, r.state, r.error, r.received_ms) AS t (nth, part, state, error, received_ms)
     -- 2 delivered, 3 expired, 4 deleted, 5 undeliverable, 7 unknown, 8 rejected, -1 none came: the final ones
     WHERE r.month = p_month AND r.block_id = p_block AND t.state IN (2, 3, 4, 5, 7, 8, -1) AND (p_nths IS NULL OR t.nth = ANY (p_nths))
     ORDER BY t.nth, t.part, t.received_ms
  ), submitted AS (
    SELECT t.nth, bool_or(verdict = 'r') AS refused, bool_or(verdict = 'u') AS lost, count(*) FILTER (WHERE verdict = 'a') AS accepted,
           count(*) FILTER (WHERE verdict <> 't') AS answered, max(t.try) AS tries, nullif(max(t.command_status), -1) AS command_status, string_agg(t.message_id, ' ' ORDER BY t.part) AS message_id,
           min(t.bind) AS bind, min(t.submitted_ms) AS submitted_ms, max(t.answered_ms) AS answered_ms
      FROM tried t GROUP BY t.nth
  ), delivered AS (
    SELECT r.nth, bool_or(state = 8) AS refused, bool_or(state IN (4, 5)) AS undelivered, bool_or(state = 3) AS expired,
           bool_or(state IN (7, -1)) AS lost, count(*) AS finals,
           max(r.state) AS state, max(r.error) AS error, max(r.received_ms) AS received_ms
      FROM received r GROUP BY r.nth
  )
  SELECT w.nth,
    CASE WHEN w.nth = ANY (b.suppressed_nth) THEN 's'
         WHEN coalesce(s.answered, 0) < n THEN 'w'
         WHEN coalesce(d.finals, 0) < s.accepted THEN 'a'
         WHEN s.refused OR d.refused THEN 'r'
         WHEN d.undelivered THEN 'u'
         WHEN d.expired THEN 'e'
         WHEN s.lost OR d.lost THEN 'k'
         ELSE 'd' END::"char",
    s.tries, s.command_status, s.message_id, s.bind,
    b.opened_at + s.submitted_ms * interval '1 ms', b.opened_at + s.answered_ms * interval '1 ms',
    d.state, d.error, b.opened_at + d.received_ms * interval '1 ms'
  FROM wanted w LEFT JOIN submitted s USING (nth) LEFT JOIN delivered d USING (nth);
END $$;

-- The product's word for a letter. a: submitted, its receipt is awaited; w: claimed, not yet answered. Both still moving.
CREATE OR REPLACE FUNCTION outcome_word(letter "char") RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE letter WHEN 'd' THEN 'delivered' WHEN 'u' THEN 'undelivered' WHEN 'e' THEN 'expired' WHEN 'r' THEN 'rejected'
    WHEN 'k' THEN 'unknown' WHEN 's' THEN 'suppressed' WHEN 'a' THEN 'submitted' ELSE 'waiting' END
$$;

-- Rows of a campaign's ledger, a number each, from p_after_seq on within a lane: walks the few audience and block rows
-- that hold them, whatever the size of the campaign.
CREATE OR REPLACE FUNCTION ledger_page(p_lane int, p_after_seq int, p_limit int)
RETURNS TABLE (seq int, msisdn bigint, outcome text, block_id bigint, tries smallint, command_status int, message_id text, bind smallint,
               submitted_at timestamptz, answered_at timestamptz, receipt_state smallint, receipt_error text, received_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  l   lane;
  c   campaign;
BEGIN
  SELECT * INTO l FROM lane WHERE id = p_lane;
  SELECT * INTO c FROM campaign WHERE id = l.campaign_id;
  RETURN QUERY
  WITH page AS (
    SELECT a.first_seq + t.ord::int - 1 AS seq, t.msisdn
      FROM audience a, unnest(a.msisdn) WITH ORDINALITY AS t (msisdn, ord)
     WHERE a.month = l.month AND a.lane_id = l.id AND a.first_seq BETWEEN p_after_seq - 998 AND p_after_seq + p_limit
       AND a.first_seq + t.ord - 1 BETWEEN p_after_seq + 1 AND p_after_seq + p_limit
  ), held AS (
    SELECT b.id, b.first_seq, array_agg((p.seq - b.first_seq)::smallint) AS nths
      FROM block b JOIN page p ON p.seq BETWEEN b.first_seq AND b.last_seq AND NOT p.seq <@ b.returned
     WHERE b.month = l.month AND b.lane_id = l.id AND b.first_seq BETWEEN p_after_seq - 998 AND p_after_seq + p_limit
     GROUP BY b.id, b.first_seq
  ), told AS (
    SELECT h.id, h.first_seq + r.nth AS seq, r.* FROM held h, block_recipients(l.month, h.id, h.nths) r
  )
  SELECT p.seq, p.msisdn,
         CASE WHEN t.id IS NOT NULL THEN outcome_word(t.outcome)
              WHEN c.state IN ('cancelled', 'expired', 'rejected', 'failed') THEN 'cancelled' ELSE 'waiting' END,
         t.id, t.tries, t.command_status, t.message_id, t.bind, t.submitted_at, t.answered_at, t.receipt_state, t.receipt_error, t.received_at
    FROM page p LEFT JOIN told t ON t.seq = p.seq ORDER BY p.seq;
END $$;

-- Everything ever sent to a number, newest campaign first: the index over audience.msisdn finds the runs that hold it.
CREATE OR REPLACE FUNCTION number_history(p_msisdn bigint)
RETURNS TABLE (workspace_id int, campaign_id int, lane_id int, seq int, outcome text, tries smallint, command_status int, message_id text,
               submitted_at timestamptz, answered_at timestamptz, receipt_state smallint, receipt_error text, received_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN QUERY
  WITH found AS (
    SELECT a.workspace_id, l.campaign_id, a.lane_id, a.month, a.first_seq + array_position(a.msisdn, p_msisdn) - 1 AS seq
      FROM audience a JOIN lane l ON l.id = a.lane_id WHERE a.msisdn @> ARRAY[p_msisdn]
  )
  SELECT f.workspace_id, f.campaign_id, f.lane_id, f.seq,
         CASE WHEN r.nth IS NOT NULL THEN outcome_word(r.outcome)
              WHEN c.state IN ('cancelled', 'expired', 'rejected', 'failed') THEN 'cancelled' ELSE 'waiting' END,
         r.tries, r.command_status, r.message_id, r.submitted_at, r.answered_at, r.receipt_state, r.receipt_error, r.received_at
    FROM found f JOIN campaign c ON c.id = f.campaign_id
    LEFT JOIN block b ON b.month = f.month AND b.lane_id = f.lane_id AND b.first_seq BETWEEN f.seq - 999 AND f.seq
                     AND b.last_seq >= f.seq AND NOT f.seq <@ b.returned
    LEFT JOIN LATERAL block_recipients(b.month, b.id, ARRAY[(f.seq - b.first_seq)::smallint]) r ON b.id IS NOT NULL
   ORDER BY f.campaign_id DESC;
END $$;

-- A row a number, over everything. Filter it by lane_id and, for speed, by first_seq; pages are ledger_page's.
CREATE OR REPLACE VIEW ledger AS
SELECT a.workspace_id, l.campaign_id, a.lane_id, a.month, a.first_seq, (a.first_seq + t.ord - 1)::int AS seq, t.msisdn,
       CASE WHEN b.finished_at IS NOT NULL THEN outcome_word(substr(b.outcomes, (a.first_seq + t.ord - b.first_seq)::int, 1)::"char")
            WHEN b.id IS NOT NULL THEN outcome_word((SELECT r.outcome FROM block_recipients(b.month, b.id,
                   ARRAY[(a.first_seq + t.ord - 1 - b.first_seq)::smallint]) r))
            WHEN c.state IN ('cancelled', 'expired', 'rejected', 'failed') THEN 'cancelled' ELSE 'waiting' END AS outcome
  FROM audience a
  JOIN lane l ON l.id = a.lane_id
  JOIN campaign c ON c.id = l.campaign_id
  CROSS JOIN LATERAL unnest(a.msisdn) WITH ORDINALITY AS t (msisdn, ord)
  LEFT JOIN LATERAL (
    SELECT * FROM block b WHERE b.month = a.month AND b.lane_id = a.lane_id
       AND b.first_seq BETWEEN a.first_seq AND a.last_seq
       AND a.first_seq + t.ord - 1 BETWEEN b.first_seq AND b.last_seq
       AND NOT (a.first_seq + t.ord - 1)::int <@ b.returned
     ORDER BY b.id DESC LIMIT 1) b ON true;

CREATE OR REPLACE FUNCTION multirange_size(ranges int4multirange) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(sum(upper(r) - lower(r)), 0)::int FROM unnest(ranges) AS r
$$;

-- A campaign's figures from the counters: audience = the seven outcomes + still moving, always.
CREATE OR REPLACE VIEW campaign_progress WITH (security_invoker = true) AS
SELECT c.id AS campaign_id, c.workspace_id, c.state, l.audience, p.delivered, p.undelivered, p.expired, p.rejected, p.unknown, l.suppressed,
       CASE WHEN ended THEN l.unclaimed ELSE 0 END AS cancelled,
       l.audience - l.suppressed - p.delivered - p.undelivered - p.expired - p.rejected - p.unknown
         - CASE WHEN ended THEN l.unclaimed ELSE 0 END AS moving,
       l.unclaimed, p.accepted
  FROM campaign c
  CROSS JOIN LATERAL (SELECT c.state IN ('cancelled', 'expired', 'rejected', 'failed') AS ended) e
  CROSS JOIN LATERAL (
    SELECT coalesce(sum(recipients), 0)::int AS audience, coalesce(sum(suppressed), 0)::int AS suppressed,
           coalesce(sum(recipients - next_seq + 1 + multirange_size(returned) + multirange_size(resend)), 0)::int AS unclaimed
      FROM lane WHERE campaign_id = c.id) l
  CROSS JOIN LATERAL (
    SELECT coalesce(sum(accepted), 0)::int AS accepted, coalesce(sum(delivered), 0)::int AS delivered,
           coalesce(sum(undelivered), 0)::int AS undelivered, coalesce(sum(expired), 0)::int AS expired,
           coalesce(sum(rejected), 0)::int AS rejected, coalesce(sum(unknown), 0)::int AS unknown
      FROM progress JOIN lane ON lane.id = lane_id WHERE lane.campaign_id = c.id) p;

-- Counts every recipient from what was appended, and names every figure that disagrees. No rows: the ledger adds up.
CREATE OR REPLACE FUNCTION check_ledger(p_campaign int) RETURNS TABLE (what text, expected bigint, found bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  truth jsonb;
  shown jsonb;
BEGIN
  SELECT jsonb_build_object('delivered', count(*) FILTER (WHERE r.outcome = 'd'), 'undelivered', count(*) FILTER (WHERE r.outcome = 'u'),
           'expired', count(*) FILTER (WHERE r.outcome = 'e'), 'rejected', count(*) FILTER (WHERE r.outcome = 'r'),
           'unknown', count(*) FILTER (WHERE r.outcome = 'k'), 'suppressed', count(*) FILTER (WHERE r.outcome = 's'),
           'claimed', count(*))
    INTO truth
    FROM lane l JOIN block b ON b.month = l.month AND b.lane_id = l.id, block_recipients(b.month, b.id) r
   WHERE l.campaign_id = p_campaign;
  SELECT to_jsonb(p) || jsonb_build_object('claimed', audience - unclaimed) INTO shown FROM campaign_progress p WHERE campaign_id = p_campaign;
  RETURN QUERY
  SELECT k, (truth ->> k)::bigint, (shown ->> k)::bigint FROM jsonb_object_keys(truth) AS k
   WHERE (truth ->> k)::bigint IS DISTINCT FROM (shown ->> k)::bigint
  UNION ALL
  -- a finished block says the same as its rows
  SELECT format('block %s', b.id), b.delivered::bigint, (SELECT count(*) FROM block_recipients(b.month, b.id) r WHERE r.outcome = 'd')
    FROM lane l JOIN block b ON b.month = l.month AND b.lane_id = l.id
   WHERE l.campaign_id = p_campaign AND b.finished_at IS NOT NULL
     AND b.outcomes <> block_outcomes(b.month, b.id)
  UNION ALL
  SELECT format('digest of block %s', b.id), 1, 0
    FROM lane l JOIN block b ON b.month = l.month AND b.lane_id = l.id
   WHERE l.campaign_id = p_campaign AND b.digest <> block_digest(b.month, b.lane_id, b.first_seq, b.last_seq, b.outcomes);
END $$;

-- A block's letters in order.
CREATE OR REPLACE FUNCTION block_outcomes(p_month date, p_block bigint) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
BEGIN
  RETURN (SELECT string_agg(coalesce(r.outcome::text, '-'), '' ORDER BY n)
            FROM block b CROSS JOIN LATERAL generate_series(0, b.last_seq - b.first_seq) AS n
            LEFT JOIN block_recipients(p_month, p_block) r ON r.nth = n
           WHERE b.month = p_month AND b.id = p_block);
END $$;

GRANT EXECUTE ON FUNCTION outcome_word("char"), multirange_size(int4multirange) TO PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_page(int, int, int), number_history(bigint), check_ledger(int) TO countersign_portal;
