-- Numbers as people see them: masked, until somebody who may reveals one with a reason, or exports them; both are in the audit.

-- 998901234512 as 99890•••••12: the country and operator, and enough of the end to tell two apart on a screen.
CREATE OR REPLACE FUNCTION masked(p_msisdn bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT left(n, least(5, length(n) - 4)) || repeat('•', length(n) - 2 - least(5, length(n) - 4)) || right(n, 2)
    FROM lpad(p_msisdn::text, greatest(6, length(p_msisdn::text)), '0') AS n
$$;

CREATE OR REPLACE FUNCTION see_lane(p_lane int) RETURNS lane
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
DECLARE
  l lane;
BEGIN
  SELECT * INTO l FROM lane WHERE id = p_lane;
  PERFORM must_see(l.workspace_id, 'lane ' || p_lane);
  RETURN l;
END $$;

-- A page of a campaign's ledger: up to p_limit recipients of a lane after p_after_seq.
CREATE OR REPLACE FUNCTION ledger_page(p_lane int, p_after_seq int, p_limit int)
RETURNS TABLE (seq int, number text, outcome text, block_id bigint, tries smallint, command_status int, message_id text, bind smallint,
               submitted_at timestamptz, answered_at timestamptz, receipt_state smallint, receipt_error text, received_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM see_lane(p_lane);
  RETURN QUERY
  SELECT r.seq, masked(r.msisdn), r.outcome, r.block_id, r.tries, r.command_status, r.message_id, r.bind, r.submitted_at, r.answered_at,
         r.receipt_state, r.receipt_error, r.received_at
    FROM ledger_rows(p_lane, p_after_seq, p_limit) r;
END $$;

-- The same of one outcome: up to p_limit of them, and a last row of which seq alone is given, up to which was looked. In finished blocks
-- their letters say who; of the others every recipient is looked at. It looks for a third of a second and no longer: what is rare is asked
-- for again from there.
CREATE OR REPLACE FUNCTION ledger_find(p_lane int, p_after_seq int, p_limit int, p_outcome text)
RETURNS TABLE (seq int, number text, outcome text, block_id bigint, tries smallint, command_status int, message_id text, bind smallint,
               submitted_at timestamptz, answered_at timestamptz, receipt_state smallint, receipt_error text, received_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET jit = off AS $$
DECLARE
  l      lane := see_lane(p_lane);
  -- no letter stands for those that never were in a block
  wanted text := coalesce((SELECT w FROM unnest('{d,u,e,r,k,s,a,w}'::"char"[]) AS w WHERE outcome_word(w) = p_outcome)::text, '#');
  ends   timestamptz := clock_timestamp() + interval '300 ms';
  passed int := greatest(p_after_seq, 0);
  given  int := 0;
  b      block;
  rest   text;
  hits   smallint[];
  -- of finished blocks, found and not given yet
  blocks bigint[] := '{}';
  nths   smallint[] := '{}';
  is_end boolean := false;
BEGIN
  WHILE NOT is_end LOOP
    SELECT * INTO b FROM block x
     WHERE x.month = l.month AND x.lane_id = l.id AND x.first_seq BETWEEN passed - 998 AND passed + 1 AND x.last_seq > passed
       AND x.outcomes IS NOT NULL AND x.returned = '{}' LIMIT 1;
    IF FOUND THEN
      rest := substr(b.outcomes, passed - b.first_seq + 2);
      IF position(wanted IN rest) > 0 THEN
        hits := ARRAY(SELECT passed - b.first_seq + u.n FROM unnest(string_to_array(rest, NULL)) WITH ORDINALITY AS u (letter, n)
                       WHERE u.letter = wanted ORDER BY u.n LIMIT p_limit - given);
        blocks := blocks || array_fill(b.id, ARRAY[cardinality(hits)]);
        nths := nths || hits;
        given := given + cardinality(hits);
      END IF;
      passed := CASE WHEN given < p_limit THEN b.last_seq ELSE b.first_seq + hits[cardinality(hits)] END;
    END IF;
    is_end := given >= p_limit OR passed >= l.recipients OR clock_timestamp() >= ends;
    -- in one go, which is a matter of how many blocks
    IF cardinality(nths) > 0 AND (b.id IS NULL OR is_end) THEN
      RETURN QUERY
      SELECT r.seq, masked(a.msisdn[r.seq - a.first_seq + 1]), p_outcome, r.block_id, r.tries, r.command_status, r.message_id, r.bind,
             r.submitted_at, r.answered_at, r.receipt_state, r.receipt_error, r.received_at
        FROM recipients_of(array_fill(l.month, ARRAY[cardinality(nths)]), blocks, nths) r
       CROSS JOIN LATERAL (SELECT x.first_seq, x.msisdn FROM audience x WHERE x.month = l.month AND x.lane_id = l.id
                              AND x.first_seq BETWEEN r.seq - 999 AND r.seq AND x.last_seq >= r.seq LIMIT 1) AS a
       ORDER BY r.seq;
      blocks := '{}';
      nths := '{}';
    END IF;
    CONTINUE WHEN b.id IS NOT NULL OR is_end;
    FOR seq, number, outcome, block_id, tries, command_status, message_id, bind, submitted_at, answered_at, receipt_state, receipt_error,
        received_at IN
      SELECT r.seq, masked(r.msisdn), r.outcome, r.block_id, r.tries, r.command_status, r.message_id, r.bind, r.submitted_at, r.answered_at,
             r.receipt_state, r.receipt_error, r.received_at
        FROM ledger_rows(l.id, passed, 500) r WHERE r.outcome = p_outcome ORDER BY r.seq LIMIT p_limit - given
    LOOP
      RETURN NEXT;
      given := given + 1;
    END LOOP;
    passed := CASE WHEN given = p_limit THEN seq ELSE least(passed + 500, l.recipients) END;
    is_end := given >= p_limit OR passed >= l.recipients;
  END LOOP;
  RETURN QUERY SELECT passed, NULL::text, NULL::text, NULL::bigint, NULL::smallint, NULL::int, NULL::text, NULL::smallint,
                      NULL::timestamptz, NULL::timestamptz, NULL::smallint, NULL::text, NULL::timestamptz;
END $$;

-- All that is on record of one recipient but what its campaign went through, in order: who uploaded or asked for it, in whose hands it was
-- (claimed, returned, kept_back), each submit_sm with its answer (submitted), each receipt. Nothing of whose numbers are erased.
CREATE OR REPLACE FUNCTION number_life(p_lane int, p_seq int) RETURNS TABLE (at timestamptz, what text, facts jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan SET jit = off SET enable_seqscan = off AS $$
DECLARE
  l lane := see_lane(p_lane);
BEGIN
  RETURN QUERY
  WITH held AS MATERIALIZED (
    SELECT b.*, (p_seq - b.first_seq)::smallint AS nth, n.name AS channel
      FROM block b JOIN channel n ON n.id = b.channel_id
     WHERE b.month = l.month AND b.lane_id = l.id AND b.first_seq BETWEEN p_seq - 999 AND p_seq AND b.last_seq >= p_seq
  )
  SELECT x.* FROM (
    SELECT a.at, 'uploaded', jsonb_build_object('person', p.name)
      FROM audit a LEFT JOIN person p ON p.id = a.person_id
     WHERE a.workspace_id = l.workspace_id AND a.object = 'campaign' AND a.object_id = l.campaign_id
       AND a.action = 'campaign.load_audience' AND (a.facts::jsonb ->> 'lane')::int = l.id
    UNION ALL
    SELECT r.asked_at, 'asked', jsonb_build_object('person', p.name, 'key', r.key)
      FROM trigger_request r LEFT JOIN person p ON p.id = r.person_id WHERE r.lane_id = l.id AND r.seq = p_seq
    UNION ALL
    SELECT h.opened_at, CASE WHEN p_seq <@ h.returned THEN 'returned' WHEN h.nth = ANY (h.suppressed_nth) THEN 'kept_back' ELSE 'claimed' END,
           jsonb_build_object('channel', h.channel, 'resend', h.resend, 'cause', h.suppressed_cause[array_position(h.suppressed_nth, h.nth)])
      FROM held h
    UNION ALL
    SELECT h.opened_at + t.submitted_ms * interval '1 ms', 'submitted',
           jsonb_build_object('channel', h.channel, 'part', t.part, 'try', t.try, 'bind', t.bind, 'verdict', t.verdict::text,
                              'command_status', t.command_status, 'message_id', t.message_id, 'answer_ms', t.answered_ms - t.submitted_ms)
      FROM held h
     CROSS JOIN LATERAL (SELECT * FROM attempt a WHERE a.month = h.month AND a.block_id = h.id OFFSET 0) AS a
     CROSS JOIN LATERAL unnest(a.nth, a.part, a.try, a.verdict, a.command_status, a.message_id, a.bind, a.submitted_ms, a.answered_ms)
                          AS t (nth, part, try, verdict, command_status, message_id, bind, submitted_ms, answered_ms)
     WHERE t.nth = h.nth
    UNION ALL
    SELECT h.opened_at + t.received_ms * interval '1 ms', 'receipt',
           jsonb_build_object('part', t.part, 'state', t.state, 'error', t.error, 'odd', t.odd)
      FROM held h
     CROSS JOIN LATERAL (SELECT * FROM receipt r WHERE r.month = h.month AND r.block_id = h.id OFFSET 0) AS r
     CROSS JOIN LATERAL unnest(r.nth, r.part, r.state, r.error, r.received_ms, r.odd) AS t (nth, part, state, error, received_ms, odd)
     WHERE t.nth = h.nth) AS x (at, what, facts)
   WHERE EXISTS (SELECT FROM audience a WHERE a.month = l.month AND a.lane_id = l.id AND p_seq BETWEEN a.first_seq AND a.last_seq)
   ORDER BY x.at, array_position('{uploaded, asked, claimed, returned, kept_back, submitted, receipt}', x.what), x.facts ->> 'part';
END $$;

-- Everything that was sent to a number in the workspace acted in. It tells whose number a masked one is, to who tries many: so
-- it is for those who may reveal one, and the audit says what was searched for.
CREATE OR REPLACE FUNCTION number_history(p_msisdn bigint)
RETURNS TABLE (workspace_id int, campaign_id int, lane_id int, seq int, outcome text, tries smallint, command_status int, message_id text,
               submitted_at timestamptz, answered_at timestamptz, receipt_state smallint, receipt_error text, received_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me identity := must('number.reveal');
BEGIN
  PERFORM audit('number.search', 'workspace', me.workspace_id, '{}', jsonb_build_object('number', p_msisdn));
  RETURN QUERY SELECT * FROM number_history_in(ARRAY[me.workspace_id], p_msisdn);
END $$;

CREATE OR REPLACE FUNCTION must_say_why(p_reason text) RETURNS void LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF coalesce(trim(p_reason), '') = '' OR length(p_reason) > 2000 THEN
    RAISE EXCEPTION 'say why you need to see this number, in up to 2,000 characters; the reason is kept in the audit' USING ERRCODE = 'CS422';
  END IF;
END $$;

-- One number in the clear; the reason is asked for and kept.
CREATE OR REPLACE FUNCTION reveal_number(p_lane int, p_seq int, p_reason text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  l     lane := see_lane(p_lane);
  shown bigint;
BEGIN
  PERFORM must('number.reveal');
  PERFORM must_say_why(p_reason);
  SELECT r.msisdn INTO shown FROM ledger_rows(p_lane, p_seq - 1, 1) r;
  IF shown IS NULL THEN RAISE EXCEPTION 'lane % has no recipient %', p_lane, p_seq USING ERRCODE = 'CS404'; END IF;
  PERFORM audit('number.reveal', 'campaign', l.campaign_id, jsonb_build_object('lane', p_lane, 'seq', p_seq),
    jsonb_build_object('number', shown, 'reason', p_reason));
  RETURN shown;
END $$;

-- The whole ledger of a campaign in the clear, a row a number.
CREATE OR REPLACE FUNCTION export_ledger(p_campaign int)
RETURNS TABLE (lane_id int, seq int, msisdn bigint, outcome text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  c campaign := campaign_here(p_campaign);
  l lane;
BEGIN
  PERFORM must('number.reveal');
  PERFORM audit('campaign.export', 'campaign', c.id,
    jsonb_build_object('recipients', (SELECT coalesce(sum(recipients), 0) FROM lane WHERE campaign_id = c.id)));
  FOR l IN SELECT * FROM lane WHERE campaign_id = c.id ORDER BY id LOOP
    -- the view, run by run: what is given is as large as the campaign, what is held is not
    FOR from_seq IN 1..l.recipients BY 1000 LOOP
      RETURN QUERY SELECT l.id, r.seq, r.msisdn, r.outcome FROM ledger_rows(l.id, from_seq - 1, 1000) r;
    END LOOP;
  END LOOP;
END $$;

-- Lines of the upload that became no recipients, as they were written, for those who write campaigns: those after p_after_line, of p_rows
-- rows of up to a thousand.
DROP FUNCTION IF EXISTS rejected_lines(int);
CREATE OR REPLACE FUNCTION rejected_lines(p_lane int, p_after_line int, p_rows int) RETURNS TABLE (line int, reason text, raw text)
LANGUAGE plpgsql SECURITY DEFINER STABLE SET search_path = public, pg_temp AS $$
DECLARE
  l lane := see_lane(p_lane);
BEGIN
  PERFORM must('campaign.edit');
  RETURN QUERY
  SELECT u.* FROM (SELECT * FROM rejected_line x WHERE x.month = l.month AND x.lane_id = l.id AND x.line[1] > p_after_line
                    ORDER BY x.line[1] LIMIT p_rows) AS r,
                  unnest(r.line, r.reason, r.raw) AS u (line, reason, raw) ORDER BY u.line;
END $$;

GRANT EXECUTE ON FUNCTION masked(bigint), ledger_page(int, int, int), ledger_find(int, int, int, text), number_life(int, int),
  number_history(bigint), reveal_number(int, int, text), export_ledger(int), rejected_lines(int, int, int) TO countersign_portal;
