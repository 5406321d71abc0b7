-- A finished ledger is sealed: its Merkle roots go into the workspace's chain, and from then on nobody can say that another ledger
-- was the true one. Dispatch pays nothing for it: it happens once, when a campaign has ended and its last receipt is in.
--
-- root: over the digests of its blocks, by lane, first seq and id. by_number: over its numbers in order, in runs of 64 (a proof
-- then shows somebody 64 numbers, and not the campaign): a leaf is SHA-256 of 0x00 and, for each of a run, the number as 8 bytes and
-- its outcome's letter. By it one can prove that a number was in the ledger, with which outcome, and that it was not. A number that a
-- trigger campaign has written to several times stands there as often, in order of the letters.
--
-- Letters: those of block.outcomes (ledger.sql), and c for what was cancelled before it was claimed.

-- A campaign's numbers with their final outcomes. Needs every block finished.
CREATE OR REPLACE FUNCTION final_outcomes(p_campaign int) RETURNS TABLE (msisdn bigint, letter text)
LANGUAGE sql STABLE SET search_path = public, pg_temp SET jit = off AS $$
  -- a block's numbers and letters side by side: an array that is asked for one element after the other is fetched anew for each
  SELECT u.msisdn, u.letter
    FROM lane l
    JOIN block b ON b.month = l.month AND b.lane_id = l.id
    CROSS JOIN LATERAL unnest(numbers_of(b.month, b.lane_id, b.first_seq, b.last_seq), string_to_array(b.outcomes, NULL)) AS u (msisdn, letter)
   WHERE l.campaign_id = p_campaign AND u.letter <> '-'
  UNION ALL
  -- in nobody's hands: behind the cursor, or given back
  SELECT n, CASE unclaimed_outcome(c.state, rest.may_have_left) WHEN 'expired' THEN 'e' WHEN 'unknown' THEN 'k' ELSE 'c' END
    FROM campaign c JOIN lane l ON l.campaign_id = c.id
    JOIN audience a ON a.month = l.month AND a.lane_id = l.id
    CROSS JOIN LATERAL (VALUES (false, int4multirange(int4range(l.next_seq, greatest(l.next_seq, l.recipients + 1))) + l.returned),
                               (true, l.resend)) AS rest (may_have_left, seqs)
    CROSS JOIN LATERAL unnest(rest.seqs * int4multirange(int4range(a.first_seq, a.last_seq + 1))) AS r
    CROSS JOIN LATERAL unnest(a.msisdn[lower(r) - a.first_seq + 1 : upper(r) - a.first_seq]) AS n
   WHERE c.id = p_campaign
$$;

-- The runs of the tree by number, in order.
CREATE OR REPLACE FUNCTION ledger_runs(p_campaign int) RETURNS TABLE (run int, numbers bigint[], letters text, leaf bytea)
LANGUAGE sql STABLE SET search_path = public, pg_temp SET jit = off SET enable_nestloop = on AS $$
  SELECT g.run, g.numbers, g.letters, sha256('\x00'::bytea || g.entries)
    FROM (SELECT ((ord - 1) / 64)::int AS run, array_agg(o.msisdn ORDER BY ord) AS numbers, string_agg(o.letter, '' ORDER BY ord) AS letters,
                 string_agg(int8send(o.msisdn) || convert_to(o.letter, 'UTF8'), ''::bytea ORDER BY ord) AS entries
            FROM (SELECT f.msisdn, f.letter, row_number() OVER (ORDER BY f.msisdn, f.letter COLLATE "C") AS ord FROM final_outcomes(p_campaign) f) AS o
           GROUP BY 1) AS g
   ORDER BY g.run
$$;

-- Seals the next campaign that is ready: ended, opened once, and every block of it finished. Gives its id, or null. One that can't be
-- sealed is said to the server's log, and comes last the next time.
CREATE OR REPLACE FUNCTION seal_next_ledger() RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET jit = off AS $$
DECLARE
  c campaign;
BEGIN
  SELECT * INTO c FROM campaign x
   WHERE x.opened_at IS NOT NULL AND x.closed_at IS NOT NULL AND x.ledger_sealed_at IS NULL
     AND NOT EXISTS (SELECT FROM lane l JOIN block b ON b.month = l.month AND b.lane_id = l.id WHERE l.campaign_id = x.id AND b.finished_at IS NULL)
     -- a dropped month has nothing left to seal
     AND NOT EXISTS (SELECT FROM lane l WHERE l.campaign_id = x.id AND NOT month_has('audience', l.month))
     AND coalesce(x.seal_failed_at < clock_timestamp() - interval '1 hour', true)
   ORDER BY x.seal_failed_at NULLS FIRST, x.id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED;
  IF c.id IS NOT NULL THEN PERFORM seal_ledger(c); END IF;
  RETURN c.id;
EXCEPTION WHEN data_exception OR integrity_constraint_violation OR raise_exception THEN
  RAISE WARNING 'the ledger of campaign % can''t be sealed: %', c.id, SQLERRM;
  UPDATE campaign SET seal_failed_at = clock_timestamp() WHERE id = c.id;
  RETURN seal_next_ledger();
END $$;

CREATE OR REPLACE FUNCTION seal_ledger(c campaign) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp SET jit = off AS $$
DECLARE
  blocks    bytea[];
  by_number bytea[];
BEGIN
  SELECT coalesce(array_agg(b.digest ORDER BY l.id, b.first_seq, b.id), '{}') INTO blocks
    FROM lane l JOIN block b ON b.month = l.month AND b.lane_id = l.id WHERE l.campaign_id = c.id;
  SELECT coalesce(array_agg(r.leaf ORDER BY r.run), '{}') INTO by_number FROM ledger_runs(c.id) r;
  UPDATE campaign SET ledger_sealed_at = clock_timestamp() WHERE id = c.id;
  PERFORM audit_system(c.workspace_id, 'ledger.seal', 'campaign', c.id, jsonb_build_object('campaign_id', c.id,
    'root', encode(merkle_root(blocks), 'hex'), 'blocks', cardinality(blocks),
    'by_number', encode(merkle_root(by_number), 'hex'), 'runs', cardinality(by_number),
    'counts', (SELECT to_jsonb(p) - 'campaign_id' - 'workspace_id' - 'state' - 'unclaimed' - 'accepted' - 'moving' FROM campaign_progress p WHERE p.campaign_id = c.id)));
END $$;

-- What a proof about a number is made of: every leaf of the tree by number with their root, and the runs that hold the number or that it
-- would stand between; with a run that begins or ends with it comes the next one, which shows that there are no more of it. One or two,
-- unless a trigger campaign has written to it often.
CREATE OR REPLACE FUNCTION runs_near(c campaign, p_msisdn bigint, OUT root text, OUT leaves bytea[], OUT near jsonb)
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp SET jit = off AS $$
BEGIN
  IF c.closed_at IS NOT NULL AND c.opened_at IS NULL THEN
    RAISE EXCEPTION 'campaign % never began: it sent nothing, and has no ledger', c.id USING ERRCODE = 'CS409';
  END IF;
  IF c.ledger_sealed_at IS NULL THEN
    RAISE EXCEPTION 'the ledger of campaign % is not sealed yet: %', c.id,
      CASE WHEN c.closed_at IS NULL THEN 'it is ' || replace(c.state, '_', ' ')
           WHEN (SELECT p.moving FROM campaign_progress p WHERE p.campaign_id = c.id) > 0 THEN 'some of its messages are still moving'
           ELSE 'an engine that runs does so within seconds' END USING ERRCODE = 'CS409';
  END IF;
  IF c.erased_at IS NOT NULL THEN
    RAISE EXCEPTION 'the numbers of campaign % were erased, so nothing can be proved about one', c.id USING ERRCODE = 'CS409';
  END IF;
  SELECT coalesce(array_agg(r.leaf ORDER BY r.run), '{}'),
         jsonb_agg(jsonb_build_object('index', r.run, 'numbers', r.numbers, 'letters', r.letters) ORDER BY r.run) FILTER (WHERE r.is_near)
    INTO leaves, near
    FROM (SELECT r.*, p_msisdn BETWEEN coalesce(lag(r.numbers[cardinality(r.numbers)]) OVER (ORDER BY r.run), 0)
                            AND coalesce(lead(r.numbers[1]) OVER (ORDER BY r.run), 9223372036854775807) AS is_near
            FROM ledger_runs(c.id) r) AS r;
  root := encode(merkle_root(leaves), 'hex');
END $$;

-- The same for a person. It shows 128 numbers or so, so it is asked for like a revealed number, and the audit has the reason and all
-- that were shown.
DROP FUNCTION IF EXISTS number_proof(int, bigint);
CREATE OR REPLACE FUNCTION number_proof(p_campaign int, p_msisdn bigint, p_reason text, OUT root text, OUT leaves bytea[], OUT near jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  c campaign := campaign_here(p_campaign);
BEGIN
  PERFORM must('number.reveal');
  PERFORM must_say_why(p_reason);
  SELECT r.root, r.leaves, r.near INTO root, leaves, near FROM runs_near(c, p_msisdn) r;
  PERFORM audit('number.prove', 'campaign', c.id, jsonb_build_object('root', root),
    jsonb_build_object('number', p_msisdn, 'reason', p_reason, 'shown', jsonb_path_query_array(near, '$[*].numbers[*]')));
END $$;

GRANT EXECUTE ON FUNCTION seal_next_ledger() TO countersign_engine;
GRANT EXECUTE ON FUNCTION number_proof(int, bigint, text) TO countersign_portal;
