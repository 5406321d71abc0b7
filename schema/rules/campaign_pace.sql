-- How fast a campaign was sent, as a chart shows it: messages in each of up to 200 steps of its time, of the last quarter of an hour or of
-- all of it. Counted from what the journal wrote, a row a flush and block, and not message by message; over more than an hour a block at
-- a time, by when it was taken. So it costs some milliseconds, whatever the size of the campaign.
CREATE OR REPLACE FUNCTION campaign_pace(p_campaign int, p_recent boolean)
RETURNS TABLE (at_ms float8, step_s int, messages int)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET jit = off AS $$
DECLARE
  c     campaign;
  begun timestamptz;
  ended timestamptz;
BEGIN
  SELECT * INTO c FROM campaign WHERE id = p_campaign;
  PERFORM must_see(c.workspace_id, 'campaign ' || p_campaign);
  SELECT min(b.opened_at), CASE WHEN c.closed_at IS NOT NULL THEN max(coalesce(b.closed_at, b.opened_at)) ELSE now() END INTO begun, ended
    FROM lane l JOIN block b ON b.month = l.month AND b.lane_id = l.id WHERE l.campaign_id = c.id;
  IF begun IS NULL THEN RETURN; END IF;
  IF p_recent THEN begun := greatest(begun, ended - interval '15 minutes'); END IF;
  step_s := greatest(1, ceil(extract(epoch FROM ended - begun) / 180))::int;
  begun := date_bin(step_s * interval '1 second', begun, 'epoch');
  RETURN QUERY
  WITH held AS (
    SELECT b.month, b.id, b.opened_at,
           b.last_seq - b.first_seq + 1 - multirange_size(b.returned) - cardinality(b.suppressed_nth) AS recipients
      FROM lane l JOIN block b ON b.month = l.month AND b.lane_id = l.id
     WHERE l.campaign_id = c.id AND b.opened_at <= ended AND coalesce(b.closed_at, ended) >= begun
  ), left_at AS (
    SELECT h.opened_at + a.submitted_ms[1] * interval '1 ms' AS at, cardinality(a.nth) AS n
      FROM held h CROSS JOIN LATERAL (SELECT * FROM attempt t WHERE t.month = h.month AND t.block_id = h.id OFFSET 0) AS a
     WHERE step_s <= 20
    UNION ALL
    SELECT h.opened_at, h.recipients * c.segments FROM held h WHERE step_s > 20
  ), counted AS (
    SELECT date_bin(step_s * interval '1 second', x.at, 'epoch') AS at, sum(x.n)::int AS n
      FROM left_at x WHERE x.at >= begun AND x.at <= ended GROUP BY 1
  )
  -- what nothing was sent in is a step too
  SELECT date_part('epoch', s) * 1000, step_s, coalesce(k.n, 0)
    FROM generate_series(begun, ended, step_s * interval '1 second') AS s LEFT JOIN counted k ON k.at = s ORDER BY s;
END $$;

GRANT EXECUTE ON FUNCTION campaign_pace(int, boolean) TO countersign_portal;
