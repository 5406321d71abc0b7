-- Forecasts: what they are made from, and keeping them. The model itself is in schema/campaign/Forecast.ts, which both the portal and the
-- engine use; here is what it has to know of the clock, the calendar and what else runs.

-- What there is to send: a row for each lane of every campaign that is alive, or, with p_campaign, of that one (a draft too) and of what
-- it shares a channel or a workspace with. Moments in ms since 1970, rates in messages a second, null where there is no limit.
--
-- Whoever acts in a workspace is shown what is its own, and nothing of what neighbours send on the same channels, not even that they do.
DROP FUNCTION IF EXISTS forecast_loads(int);
DROP FUNCTION IF EXISTS forecast_loads_at(int, timestamptz);
CREATE OR REPLACE FUNCTION forecast_loads_at(p_campaign int, at timestamptz)
RETURNS TABLE (campaign_id int, workspace_id int, name text, state text, mode text, needs_person boolean, begins_ms float8, ends_ms float8,
               segments int, per_second float8, window_from text, window_to text, time_zone text,
               workspace_per_second float8, workspace_per_day int, day_left int, workspace_zone text,
               lane_id int, recipients int, recipients_left int, asked_per_second float8, channels int[], contracts float8[], speeds float8[],
               accepted int[], now_ms float8)
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
DECLARE
  asked    campaign;
  sees_all boolean := is_the_system() AND acting_person() IS NULL;
BEGIN
  IF p_campaign IS NULL THEN
    IF NOT sees_all THEN PERFORM must_see(NULL, 'a forecast of everything'); END IF;
  ELSE
    SELECT * INTO asked FROM campaign c WHERE c.id = p_campaign;
    PERFORM must_see(asked.workspace_id, 'campaign ' || p_campaign);
  END IF;
  RETURN QUERY
    WITH shown AS (
      SELECT c, c.id, c.workspace_id AS house,
             c.state = 'paused' AND NOT c.waits_for_window OR c.state = 'scheduled' AND NOT c.starts_automatically AS waits,
             greatest(c.starts_at, at) AS begins
        FROM campaign c
       WHERE c.state IN ('scheduled', 'sending', 'paused')
         AND (p_campaign IS NULL OR c.workspace_id = asked.workspace_id OR sees_all AND EXISTS (
           SELECT FROM lane l JOIN lane_channel s ON s.lane_id = l.id
            WHERE l.campaign_id = c.id AND s.channel_id IN (
              SELECT o.channel_id FROM lane m JOIN lane_channel o ON o.lane_id = m.id WHERE m.campaign_id = p_campaign)))
      UNION ALL
      SELECT c, c.id, c.workspace_id, false, greatest(c.starts_at, at)
        FROM campaign c WHERE c.id = p_campaign AND c.state IN ('draft', 'in_review')
    ), in_hand AS (
      SELECT b.lane_id AS id, sum(b.last_seq - b.first_seq + 1 - cardinality(b.suppressed_nth) - b.accepted - b.rejected
                                  - CASE WHEN b.returned = '{}' THEN 0 ELSE multirange_size(b.returned) END) AS n
        FROM block b WHERE b.closed_at IS NULL GROUP BY b.lane_id
    )
    SELECT x.id, x.house, (x.c).name, (x.c).state, (x.c).mode,
           x.waits,
           extract(epoch FROM x.begins)::float8 * 1000,
           extract(epoch FROM least((x.c).ends_at, coalesce((x.c).opened_at, x.begins) + make_interval(mins => (x.c).spread_minutes)))::float8 * 1000,
           (x.c).segments::int, with_lateness(ceiling_of(x.c)), (x.c).window_from::text, (x.c).window_to::text, (x.c).time_zone,
           with_lateness(w.per_second - left_to_triggered(w)), w.per_day, greatest(0, w.per_day - messages_of(w, p, at)), w.time_zone,
           l.id, l.recipients - l.suppressed,
           greatest(0, l.recipients - l.next_seq + 1 + coalesce(h.n, 0)
             -- of nothing it is not asked: that would be the most of the work
             + CASE WHEN l.returned = '{}' AND l.resend = '{}' THEN 0 ELSE multirange_size(l.returned) + multirange_size(l.resend) END)::int,
           -- of who is in time it is not asked: it won't have to catch up
           CASE WHEN NOT x.waits AND (x.c).mode = 'spread' AND (l.asked_pace IS NOT NULL OR spread_since(x.c) < at) THEN asked_pace(x.c, l) END * (x.c).segments,
           s.channels, s.contracts, s.speeds, s.accepted, extract(epoch FROM at)::float8 * 1000
      FROM shown x
      JOIN workspace w ON w.id = x.house
      LEFT JOIN pace p ON p.workspace_id = x.house AND p.campaign_id = 0
      JOIN lane l ON l.campaign_id = x.id
      LEFT JOIN in_hand h ON h.id = l.id
      CROSS JOIN LATERAL (
        SELECT coalesce(array_agg(lc.channel_id ORDER BY lc.channel_id), '{}') AS channels,
               array_agg(CASE WHEN n.enabled AND g.channel_id IS NOT NULL THEN with_lateness(n.per_second) ELSE 0 END ORDER BY lc.channel_id) AS contracts,
               array_agg(v.per_second ORDER BY lc.channel_id) AS speeds,
               array_agg(coalesce(q.accepted, 0) ORDER BY lc.channel_id) AS accepted
          FROM lane_channel lc
          JOIN channel n ON n.id = lc.channel_id
          LEFT JOIN channel_grant g ON g.channel_id = n.id AND g.workspace_id = x.house
          LEFT JOIN channel_speed v ON v.channel_id = n.id AND v.measured_at > at - CASE WHEN n.per_second IS NULL THEN interval '1 day' ELSE interval '10 minutes' END
          LEFT JOIN progress q ON q.lane_id = l.id AND q.channel_id = n.id
         WHERE lc.lane_id = l.id) s
     ORDER BY x.house, x.id, l.id;
END $$;

-- The same by the database's clock; a moment of one's own is for tests.
CREATE OR REPLACE FUNCTION forecast_loads(p_campaign int DEFAULT NULL)
RETURNS TABLE (campaign_id int, workspace_id int, name text, state text, mode text, needs_person boolean, begins_ms float8, ends_ms float8,
               segments int, per_second float8, window_from text, window_to text, time_zone text,
               workspace_per_second float8, workspace_per_day int, day_left int, workspace_zone text,
               lane_id int, recipients int, recipients_left int, asked_per_second float8, channels int[], contracts float8[], speeds float8[],
               accepted int[], now_ms float8)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$ SELECT * FROM forecast_loads_at(p_campaign, clock_timestamp()) $$;

-- When daily windows open and close, from p_since on: so many days of each. A window from midnight to midnight gives the days.
CREATE OR REPLACE FUNCTION window_days(p_since timestamptz, p_from time[], p_to time[], p_zone text[], p_days int)
RETURNS TABLE (nth int, opens_ms float8[], closes_ms float8[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  at     timestamptz;
  opens  timestamptz;
  closes timestamptz;
BEGIN
  IF NOT coalesce(isfinite(p_since), false) OR cardinality(p_from) > 1000 THEN
    RAISE EXCEPTION 'say since when, and up to 1,000 windows' USING ERRCODE = 'CS422';
  END IF;
  FOR i IN 1..coalesce(cardinality(p_from), 0) LOOP
    nth := i - 1;
    opens_ms := '{}';
    closes_ms := '{}';
    at := p_since;
    FOR day IN 1..least(p_days, 800) LOOP
      SELECT w.opens, w.closes INTO opens, closes FROM window_at(at, p_from[i], p_to[i], p_zone[i]) w;
      opens_ms := opens_ms || extract(epoch FROM opens)::float8 * 1000;
      closes_ms := closes_ms || extract(epoch FROM closes)::float8 * 1000;
      at := closes;
    END LOOP;
    RETURN NEXT;
  END LOOP;
END $$;

-- Keeps what the engine foresees, of those campaigns whose forecast has changed, and settles those that have ended. p_half: that half of
-- it is sent. Gives what people should know: that a campaign will not be through in time ('late'), that it will after all ('in time'), and
-- how far off the first forecast of one was that is done ('settled').
--
-- It is said once: late is who would leave more than a hundredth of the recipients, in time again who would leave none.
CREATE OR REPLACE FUNCTION keep_forecasts(p_campaign int[], p_finishes_ms float8[], p_per_second float8[], p_limited_by text[], p_left_over int[],
                                          p_half boolean[], p_channel int[], p_speed float8[])
RETURNS TABLE (what text, campaign_id int, name text, ends_at timestamptz, ends_local text, recipients int, left_over int, limited_by text,
               error_seconds float8, error_share float8)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  -- another engine is just doing the same
  IF NOT pg_try_advisory_xact_lock(hashtext('countersign_forecast')) THEN RETURN; END IF;
  INSERT INTO channel_speed (channel_id, per_second, measured_at) SELECT *, clock_timestamp() FROM unnest(p_channel, p_speed)
    ON CONFLICT (channel_id) DO UPDATE SET per_second = excluded.per_second, measured_at = excluded.measured_at;

  FOR what, campaign_id, name, ends_at, ends_local, recipients, left_over, limited_by IN
    WITH given AS (
      SELECT u.id, to_timestamp(u.finishes / 1000) AS finishes, u.rate, u.by, u.rest, u.half, c.workspace_id,
             (SELECT sum(l.recipients)::int FROM lane l WHERE l.campaign_id = u.id) AS recipients,
             f.campaign_id IS NULL AS is_new, f.warned
        FROM unnest(p_campaign, p_finishes_ms, p_per_second, p_limited_by, p_left_over, p_half) AS u (id, finishes, rate, by, rest, half)
        JOIN campaign c ON c.id = u.id AND c.state IN ('scheduled', 'sending', 'paused')
        LEFT JOIN campaign_forecast f ON f.campaign_id = u.id
       WHERE f.campaign_id IS NULL OR f.settled_at IS NOT NULL
          OR (f.finishes_at IS NULL) <> (u.finishes IS NULL) OR abs(extract(epoch FROM f.finishes_at) * 1000 - u.finishes) >= 1000
          OR (f.per_second IS NULL) <> (u.rate IS NULL) OR abs(f.per_second - u.rate) > 0.02 * f.per_second
          OR f.limited_by <> u.by OR f.left_over <> u.rest OR u.half AND f.half_finishes_at IS NULL AND u.finishes IS NOT NULL
    ), kept AS (
      INSERT INTO campaign_forecast AS f (campaign_id, workspace_id, first_made_at, first_finishes_at, half_finishes_at, made_at, finishes_at,
                                          per_second, limited_by, left_over, warned)
      SELECT id, workspace_id, CASE WHEN finishes IS NOT NULL THEN clock_timestamp() END, finishes, CASE WHEN half THEN finishes END,
             clock_timestamp(), finishes, rate, by, rest, rest > 0.01 * recipients
        FROM given
      ON CONFLICT (campaign_id) DO UPDATE SET
        first_made_at = coalesce(f.first_made_at, excluded.first_made_at),
        first_finishes_at = coalesce(f.first_finishes_at, excluded.first_finishes_at),
        half_finishes_at = coalesce(f.half_finishes_at, excluded.half_finishes_at),
        made_at = excluded.made_at, finishes_at = excluded.finishes_at, per_second = excluded.per_second, limited_by = excluded.limited_by,
        left_over = excluded.left_over, warned = excluded.warned OR f.warned AND excluded.left_over > 0
      RETURNING f.campaign_id, f.warned, f.left_over, f.limited_by
    )
    SELECT CASE WHEN k.warned THEN 'late' ELSE 'in time' END, c.id, c.name, e.ends, local_words(e.ends, c.time_zone), g.recipients,
           k.left_over, k.limited_by
      FROM kept k JOIN given g ON g.id = k.campaign_id JOIN campaign c ON c.id = k.campaign_id
     CROSS JOIN LATERAL (SELECT coalesce(sending_ends(c), c.ends_at, c.starts_at + make_interval(mins => c.spread_minutes)) AS ends) e
     WHERE k.warned <> coalesce(g.warned, false)
  LOOP
    PERFORM pg_notify('countersign_forecast', campaign_id::text);
    RETURN NEXT;
  END LOOP;

  -- one that was taken back to be changed is foreseen anew
  DELETE FROM campaign_forecast f USING campaign c
   WHERE f.settled_at IS NULL AND c.id = f.campaign_id AND c.state IN ('draft', 'in_review', 'rejected');
  RETURN QUERY
    WITH settled AS (
      UPDATE campaign_forecast f SET settled_at = clock_timestamp(), warned = false,
        error_seconds = CASE WHEN c.state = 'done' THEN extract(epoch FROM c.closed_at - f.first_finishes_at) END,
        error_share = CASE WHEN c.state = 'done' THEN extract(epoch FROM c.closed_at - f.first_finishes_at) / nullif(extract(epoch FROM c.closed_at - c.opened_at), 0) END,
        half_error_share = CASE WHEN c.state = 'done' THEN extract(epoch FROM c.closed_at - f.half_finishes_at) / nullif(extract(epoch FROM c.closed_at - c.opened_at), 0) END
        FROM campaign c WHERE f.settled_at IS NULL AND c.id = f.campaign_id AND c.closed_at IS NOT NULL
      RETURNING f.campaign_id, c.name, f.error_seconds, f.error_share
    )
    SELECT 'settled', s.campaign_id, s.name, NULL::timestamptz, NULL::text, NULL::int, NULL::int, NULL::text, s.error_seconds, s.error_share
      FROM settled s WHERE s.error_seconds IS NOT NULL;
END $$;

GRANT EXECUTE ON FUNCTION forecast_loads(int), window_days(timestamptz, time[], time[], text[], int) TO countersign_engine, countersign_portal;
GRANT EXECUTE ON FUNCTION keep_forecasts(int[], float8[], float8[], text[], int[], boolean[], int[], float8[]) TO countersign_engine;
