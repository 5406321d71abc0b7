-- Receipts that found no message in the engine's memory: parked when they came (and acknowledged then), matched here in
-- bulk with the attempts of closed blocks that still wait for receipts. A block that is matched here must not be in an
-- engine's memory: the engine asks which blocks would be (find_parked), forgets them, and then has them matched.

-- Milliseconds from a block's claim to what befell it, as the columns of times hold them: 24.8 days and whatever is longer
-- (a channel may be away for months) are the most that an int holds.
CREATE OR REPLACE FUNCTION ms_after(opened_at timestamptz, befell_at timestamptz) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT least(2147483647, greatest(0, extract(epoch FROM befell_at - opened_at) * 1000))::int
$$;

-- How many ids an array holds the planner can't know, and it would compare each parked one with each known one: hence no
-- nested loops but the LATERAL ones, and each step on its own (60 blocks, 20,000 parked receipts: 0.15 s, not 10).
CREATE OR REPLACE FUNCTION parked_matches(p_channel int, p_blocks bigint[] DEFAULT NULL)
RETURNS TABLE (parked_id bigint, ord bigint, month date, block_id bigint, nth smallint, part smallint, state smallint, error text, received_ms int)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET enable_nestloop = off AS $$
BEGIN
  RETURN QUERY
  WITH waiting AS MATERIALIZED (
    SELECT b.id, b.month, b.lane_id, b.first_seq, b.opened_at FROM block b
     WHERE b.channel_id = p_channel AND b.finished_at IS NULL AND b.closed_at IS NOT NULL AND (p_blocks IS NULL OR b.id = ANY (p_blocks))
  ), known AS MATERIALIZED (
    SELECT w.id, w.month, w.lane_id, w.first_seq, w.opened_at, t.nth, t.part, lower(ltrim(t.message_id, '0')) AS key
      FROM waiting w
      CROSS JOIN LATERAL (SELECT a.nth, a.part, a.verdict, a.message_id FROM attempt a
                           WHERE a.month = w.month AND a.block_id = w.id OFFSET 0) a
      CROSS JOIN LATERAL unnest(a.nth, a.part, a.verdict, a.message_id) AS t (nth, part, verdict, message_id)
     WHERE t.verdict = 'a'
  ), parked AS MATERIALIZED (
    SELECT p.id, p.received_at, t.*
      FROM parked_receipt p, unnest(p.message_key, p.msisdn, p.state, p.error) WITH ORDINALITY AS t (key, msisdn, state, error, ord)
     WHERE p.channel_id = p_channel
  ), hit AS MATERIALIZED (
    SELECT p.id AS parked_id, p.ord, p.msisdn, p.state, p.error, p.received_at, k.id, k.month, k.lane_id, k.first_seq, k.opened_at, k.nth, k.part
      -- what was there before its block was claimed is an older message's, whose id has come round; both by this clock
      FROM parked p JOIN known k ON k.key = p.key AND p.received_at >= k.opened_at
  )
  SELECT DISTINCT ON (h.parked_id, h.ord) h.parked_id, h.ord, h.month, h.id, h.nth, h.part, h.state, h.error,
         ms_after(h.opened_at, h.received_at)
    FROM hit h
    -- operators write the number in a receipt as they like, also without its country: its last seven digits are the same
    JOIN LATERAL (SELECT a.msisdn[h.first_seq + h.nth - a.first_seq + 1] AS msisdn FROM audience a
                   WHERE a.month = h.month AND a.lane_id = h.lane_id AND a.first_seq <= h.first_seq + h.nth
                   ORDER BY a.first_seq DESC LIMIT 1) r
      ON h.msisdn = 0 OR r.msisdn % 10000000 = h.msisdn % 10000000
   -- ids come round again: the youngest message of that id is meant
   ORDER BY h.parked_id, h.ord, h.id DESC;
END $$;

-- Which closed blocks parked receipts belong to.
CREATE OR REPLACE FUNCTION find_parked(p_channel int) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM parked_receipt WHERE channel_id = p_channel) THEN
    RETURN QUERY SELECT DISTINCT m.block_id FROM parked_matches(p_channel) m;
  END IF;
END $$;

-- Moves parked receipts of the given blocks into `receipt` and recounts those blocks. Gives how many were matched.
CREATE OR REPLACE FUNCTION match_parked(p_channel int, p_epoch bigint, p_blocks bigint[]) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  matched int;
  changed bigint[];
  b       record;
BEGIN
  PERFORM own_channel(p_channel, p_epoch);
  WITH match AS MATERIALIZED (
    SELECT * FROM parked_matches(p_channel, p_blocks)
  ), received AS (
    INSERT INTO receipt (month, workspace_id, block_id, nth, part, state, error, received_ms)
    SELECT m.month, (SELECT k.workspace_id FROM block k WHERE k.month = m.month AND k.id = m.block_id), m.block_id, array_agg(m.nth), array_agg(m.part), array_agg(m.state), array_agg(m.error), array_agg(m.received_ms)
      FROM match m GROUP BY m.month, m.block_id
  ), gone AS (
    DELETE FROM parked_receipt p WHERE p.id IN (SELECT parked_id FROM match) RETURNING p.*
  ), left_over AS (
    -- what is left of each parked row stays parked
    INSERT INTO parked_receipt (channel_id, message_key, msisdn, state, error, received_at)
    SELECT g.channel_id, array_agg(t.key), array_agg(t.msisdn), array_agg(t.state), array_agg(t.error), g.received_at
      FROM gone g, unnest(g.message_key, g.msisdn, g.state, g.error) WITH ORDINALITY AS t (key, msisdn, state, error, ord)
     WHERE NOT EXISTS (SELECT FROM match m WHERE m.parked_id = g.id AND m.ord = t.ord)
     GROUP BY g.id, g.channel_id, g.received_at
  )
  SELECT count(*), array_agg(DISTINCT m.block_id) INTO matched, changed FROM match m;
  -- by lane, as in the journal, so that the two can't wait for each other
  FOR b IN SELECT month, id FROM block WHERE channel_id = p_channel AND finished_at IS NULL AND id = ANY (changed) ORDER BY lane_id, id LOOP
    PERFORM recount_block(b.month, b.id);
  END LOOP;
  RETURN matched;
END $$;

-- Closed blocks older than the channel's receipt_wait that still lack receipts: which they are (the engine forgets them
-- first), and their end as `unknown`. Parked receipts of that age that never found a message go.
CREATE OR REPLACE FUNCTION find_overdue(p_channel int) RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT b.id FROM block b JOIN channel c ON c.id = b.channel_id
   WHERE b.channel_id = p_channel AND b.finished_at IS NULL AND b.closed_at < clock_timestamp() - c.receipt_wait
   ORDER BY b.opened_at LIMIT 1000
$$;

CREATE OR REPLACE FUNCTION end_overdue(p_channel int, p_epoch bigint, p_blocks bigint[]) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  b     block;
  ended int := 0;
  n     int;
BEGIN
  PERFORM own_channel(p_channel, p_epoch);
  FOR b IN SELECT * FROM block WHERE channel_id = p_channel AND finished_at IS NULL AND closed_at IS NOT NULL AND id = ANY (p_blocks)
            ORDER BY lane_id, id LOOP
    INSERT INTO receipt (month, workspace_id, block_id, nth, part, state, error, received_ms)
    SELECT b.month, b.workspace_id, b.id, array_agg(r.nth), array_agg(part::smallint), array_agg((-1)::smallint), array_agg(''::text),
           array_agg(ms_after(b.opened_at, clock_timestamp()))
      FROM block_recipients(b.month, b.id) r,
           generate_series(1, coalesce(get_byte(b.parts, r.nth), (SELECT c.segments FROM lane l JOIN campaign c ON c.id = l.campaign_id WHERE l.id = b.lane_id))) AS part
     WHERE r.outcome = 'a' HAVING count(*) > 0;
    GET DIAGNOSTICS n = ROW_COUNT;
    PERFORM recount_block(b.month, b.id);
    ended := ended + n;
  END LOOP;
  DELETE FROM parked_receipt p USING channel c
   WHERE c.id = p.channel_id AND p.channel_id = p_channel AND p.received_at < clock_timestamp() - c.receipt_wait;
  RETURN ended;
END $$;

GRANT EXECUTE ON FUNCTION find_parked(int), match_parked(int, bigint, bigint[]), find_overdue(int), end_overdue(int, bigint, bigint[])
  TO countersign_engine;
