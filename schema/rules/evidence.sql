-- What a reviewer is shown of whom a campaign is for, and why a decision may not be theirs (schema/campaign/Evidence.ts). Nothing here
-- is kept: it is counted from what stands in the tables when it is asked for.

-- Whom a campaign is for, for who may see it: how many, the first and the last few, masked; what the first few get for its placeholders;
-- lines of its file that became no recipients, by reason; how many of its numbers are on the stop list now; how many were sent to by
-- other campaigns in the last 7 days, and by which five the most. To look at all numbers takes a second for a million or two, so p_most
-- says how many may be looked at: beyond that `compared` says how many they are, and the stopped and the overlap are null.
CREATE OR REPLACE FUNCTION audience_evidence(p_campaign int, p_most bigint, OUT recipients int, OUT first_numbers text[], OUT last_numbers text[],
  OUT examples jsonb, OUT rejected jsonb, OUT compared bigint, OUT stopped int, OUT overlap int, OUT overlap_with jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET jit = off AS $$
DECLARE
  c      campaign;
  lanes  int[];
  months date[];
  theirs int[];
  a      audience;
BEGIN
  SELECT * INTO c FROM campaign WHERE id = p_campaign;
  PERFORM must_see(c.workspace_id, 'campaign ' || p_campaign);
  SELECT coalesce(sum(l.recipients), 0), array_agg(l.id), array_agg(DISTINCT l.month) INTO recipients, lanes, months
    FROM lane l WHERE l.campaign_id = c.id;

  SELECT * INTO a FROM audience x WHERE x.month = ANY (months) AND x.lane_id = ANY (lanes) ORDER BY x.lane_id, x.first_seq LIMIT 1;
  first_numbers := ARRAY(SELECT masked(n) FROM unnest(a.msisdn[:3]) WITH ORDINALITY AS u (n, ord) ORDER BY ord);
  SELECT jsonb_object_agg(v.key, jsonb_path_query_array(v.value, '$[0 to 2]')) INTO examples FROM jsonb_each(a.placeholder_values) AS v;
  SELECT * INTO a FROM audience x WHERE x.month = ANY (months) AND x.lane_id = ANY (lanes) ORDER BY x.lane_id DESC, x.first_seq DESC LIMIT 1;
  last_numbers := ARRAY(SELECT masked(n) FROM unnest(a.msisdn[greatest(4, cardinality(a.msisdn) - 2):]) WITH ORDINALITY AS u (n, ord) ORDER BY ord);
  SELECT coalesce(jsonb_object_agg(x.reason, x.n), '{}') INTO rejected
    FROM (SELECT u.reason, count(*) AS n FROM rejected_line r, unnest(r.reason) AS u (reason)
           WHERE r.month = ANY (months) AND r.lane_id = ANY (lanes) GROUP BY 1) AS x;

  -- those that were begun in the last weeks, and sent until lately or are still being sent; as far as they have come
  SELECT array_agg(l.id), audience_evidence.recipients + coalesce(sum(least(l.recipients, l.next_seq - 1)), 0) INTO theirs, compared
    FROM campaign o JOIN lane l ON l.campaign_id = o.id
   WHERE o.workspace_id = c.workspace_id AND o.id <> c.id AND o.opened_at IS NOT NULL AND coalesce(o.closed_at, now()) >= now() - interval '7 days'
     AND (CASE WHEN o.opened_at IS NOT NULL THEN o.opened_at WHEN o.starts_at IS NOT NULL THEN o.starts_at ELSE o.created_at END)
         >= now() - interval '60 days';
  IF compared > p_most THEN RETURN; END IF;
  SELECT coalesce(sum(cardinality((stopped(c.workspace_id, x.msisdn)).places)), 0) INTO stopped
    FROM audience x WHERE x.month = ANY (months) AND x.lane_id = ANY (lanes);
  WITH mine AS MATERIALIZED (
    SELECT unnest(x.msisdn) AS n FROM audience x WHERE x.month = ANY (months) AND x.lane_id = ANY (lanes)
  ), hit AS MATERIALIZED (
    SELECT o.campaign_id, o.n
      FROM (SELECT l.campaign_id, unnest(x.msisdn[:l.next_seq - x.first_seq]) AS n
              FROM lane l JOIN audience x ON x.month = l.month AND x.lane_id = l.id AND x.first_seq < l.next_seq WHERE l.id = ANY (theirs)) AS o
     WHERE o.n IN (SELECT n FROM mine)
  ), by_campaign AS (
    SELECT h.campaign_id, count(DISTINCT h.n) AS n FROM hit h GROUP BY 1 ORDER BY 2 DESC, 1 DESC LIMIT 5
  ) SELECT (SELECT count(DISTINCT h.n) FROM hit h),
           (SELECT coalesce(jsonb_agg(jsonb_build_object('id', o.id, 'name', o.name, 'numbers', b.n) ORDER BY b.n DESC, o.id DESC), '[]')
              FROM by_campaign b JOIN campaign o ON o.id = b.campaign_id)
      INTO overlap, overlap_with;
END $$;

-- What deciding would be refused with, said before anybody presses: null where it would not. Rejecting and requesting changes ask for less
-- than approving.
CREATE OR REPLACE FUNCTION why_not_decide(p_campaign int, OUT approving text, OUT refusing text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  c  campaign;
  me identity := acting();
BEGIN
  SELECT * INTO c FROM campaign WHERE id = p_campaign;
  PERFORM must_see(c.workspace_id, 'campaign ' || p_campaign);
  refusing := CASE WHEN c.state <> 'in_review'
                   THEN format('campaign %s is %s, and only what is in review is decided on', c.id, replace(c.state, '_', ' ')) END;
  refusing := coalesce(why_not('campaign.decide'), refusing);
  approving := coalesce(refusing, not_a_second_pair(c, me.person_id),
    CASE WHEN EXISTS (SELECT FROM approval a WHERE a.campaign_id = c.id AND a.person_id = me.person_id AND a.submission = c.submission)
         THEN format('you have approved campaign %s already', c.id)
         WHEN (SELECT w.require_signed_approvals FROM workspace w WHERE w.id = c.workspace_id)
              AND NOT EXISTS (SELECT FROM passkey k WHERE k.person_id = me.person_id AND k.revoked_at IS NULL)
         THEN 'this workspace asks for approvals signed with a passkey; sign with yours, or add one on your own page' END);
END $$;

CREATE OR REPLACE FUNCTION why_not_decide_revision(p_revision int) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  r sender_revision;
  s sender;
BEGIN
  SELECT * INTO r FROM sender_revision WHERE id = p_revision;
  PERFORM must_see(r.workspace_id, 'sender revision ' || p_revision);
  SELECT * INTO s FROM sender WHERE id = r.sender_id;
  RETURN coalesce(why_not('sender.decide'),
    CASE WHEN r.status <> 'pending' THEN format('revision %s of sender “%s” is %s already', r.revision, s.label, r.status)
         WHEN s.archived_at IS NOT NULL THEN format('sender “%s” is archived; restore it first', s.label)
         WHEN r.made_by = acting_person() THEN 'you proposed this revision, so somebody else has to decide on it' END);
END $$;

-- What `must` would say to who acts; null: they may.
CREATE OR REPLACE FUNCTION why_not(p_action text) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM must(p_action);
  RETURN NULL;
EXCEPTION WHEN SQLSTATE 'CS403' THEN
  RETURN SQLERRM;
END $$;

GRANT EXECUTE ON FUNCTION audience_evidence(int, bigint), why_not_decide(int), why_not_decide_revision(int) TO countersign_portal;
