-- What a schedule may be: mode, start, end, window and ceiling that make sense together, and that can be kept. Refused with CS422 in words
-- when it is written; what only its audience and its channels can tell, when it is submitted.

-- Times that an author wrote as a clock on the wall shows them ({"starts_local": "2026-03-29 18:00"}) become moments in the campaign's
-- time zone.
CREATE OR REPLACE FUNCTION with_local_times(c campaign, p_content jsonb) RETURNS campaign
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
BEGIN
  -- the server reads a folder of files to name them all, which takes 14 ms; the workspace's own was looked for when it was set
  IF c.time_zone IS DISTINCT FROM (SELECT w.time_zone FROM workspace w WHERE w.id = acting_workspace())
     AND NOT EXISTS (SELECT FROM pg_timezone_names z WHERE z.name = c.time_zone) THEN
    RAISE EXCEPTION 'there is no time zone “%”; it is written as Asia/Tashkent or UTC', coalesce(c.time_zone, '') USING ERRCODE = 'CS422';
  END IF;
  IF p_content ? 'starts_local' THEN c.starts_at := moment_of((p_content ->> 'starts_local')::timestamp, c.time_zone); END IF;
  IF p_content ? 'ends_local' THEN c.ends_at := moment_of((p_content ->> 'ends_local')::timestamp, c.time_zone); END IF;
  RETURN c;
END $$;

-- As its author's clock shows it, for people.
CREATE OR REPLACE FUNCTION local_words(p_at timestamptz, p_zone text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT to_char(p_at AT TIME ZONE p_zone, 'YYYY-MM-DD HH24:MI') || ' ' || p_zone
$$;

-- old: what it was before; a time that stays may pass while the rest is edited.
CREATE OR REPLACE FUNCTION must_be_schedule(old campaign, c campaign) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
DECLARE
  wrong text := CASE
    WHEN coalesce(c.mode NOT IN ('on_demand', 'scheduled', 'spread', 'trigger'), true) THEN 'a campaign is sent on demand, scheduled, spread or triggered'
    WHEN c.per_second < 1 THEN 'a ceiling is at least 1 message a second; to send nothing, pause or stop the campaign'
    WHEN (c.window_from IS NULL) <> (c.window_to IS NULL) THEN 'a daily window has a beginning and an end'
    WHEN '24:00' IN (c.window_from, c.window_to) THEN 'midnight is 00:00 in a daily window; leave the window out to send around the clock'
    WHEN c.window_from = c.window_to THEN format('a window from %s to %1$s never opens; leave it out to send around the clock', to_char(c.window_from, 'HH24:MI'))
    WHEN c.mode = 'spread' AND c.ends_at IS NOT NULL AND c.spread_minutes IS NOT NULL THEN 'a spread campaign needs an end, or so many minutes from its start'
    WHEN c.mode <> 'spread' AND c.spread_minutes IS NOT NULL THEN 'only a spread campaign takes so many minutes'
    WHEN c.spread_minutes < 1 THEN 'a campaign is spread over at least a minute'
    WHEN c.spread_minutes IS NOT NULL AND c.window_from IS NOT NULL THEN 'a spread with a daily window needs an end instead of minutes'
    WHEN c.ends_at <= c.starts_at THEN
      format('the end (%s) is before the start (%s)', local_words(c.ends_at, c.time_zone), local_words(c.starts_at, c.time_zone))
    WHEN c.starts_at IS DISTINCT FROM old.starts_at AND c.starts_at < now() THEN
      format('the start, %s, has passed; leave it out to start at once', local_words(c.starts_at, c.time_zone))
    -- a slip of the pen, and days that the calendar would count one by one
    WHEN greatest(c.starts_at, c.ends_at) > now() + interval '2 years' OR c.spread_minutes > 2 * 366 * 1440 THEN
      'a campaign is over within two years from now'
    WHEN c.ends_at IS DISTINCT FROM old.ends_at AND c.ends_at < now() THEN format('the end, %s, has passed', local_words(c.ends_at, c.time_zone))
    WHEN c.window_from IS NOT NULL AND c.ends_at IS NOT NULL AND open_seconds(coalesce(c.starts_at, now()), c.ends_at, c.window_from, c.window_to, c.time_zone) = 0 THEN
      format('the window from %s to %s does not open before the end', to_char(c.window_from, 'HH24:MI'), to_char(c.window_to, 'HH24:MI'))
  END;
BEGIN
  IF wrong IS NOT NULL THEN RAISE EXCEPTION '%', wrong USING ERRCODE = 'CS422'; END IF;
END $$;

-- What a draft may still lack, and nothing that is submitted. Refuses with CS409.
CREATE OR REPLACE FUNCTION must_be_scheduled(c campaign) RETURNS void
LANGUAGE plpgsql IMMUTABLE SET search_path = public, pg_temp AS $$
DECLARE
  lacks text := CASE
    WHEN c.mode = 'scheduled' AND c.starts_at IS NULL THEN 'a scheduled campaign needs a start'
    WHEN c.mode = 'spread' AND c.ends_at IS NULL AND c.spread_minutes IS NULL THEN 'a spread campaign needs an end, or so many minutes from its start'
    WHEN c.mode = 'trigger' AND c.ends_at IS NULL THEN 'a trigger campaign needs an end: until then it takes messages'
  END;
BEGIN
  IF lacks IS NOT NULL THEN RAISE EXCEPTION '%', lacks USING ERRCODE = 'CS409'; END IF;
END $$;

-- The messages a second that a lane can count on: the sum of its channels' contracts, null where one has none, and what its ceilings leave.
CREATE OR REPLACE FUNCTION most_per_second(c campaign) RETURNS float8
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT least(ceiling_of(c), (SELECT w.per_second FROM workspace w WHERE w.id = c.workspace_id),
               (SELECT CASE WHEN count(*) = count(h.per_second) THEN sum(h.per_second) END
                  FROM (SELECT DISTINCT s.channel_id FROM lane l JOIN lane_channel s ON s.lane_id = l.id WHERE l.campaign_id = c.id) AS used
                  JOIN channel h ON h.id = used.channel_id))
$$;

-- At submission: whether it can still start, and be through in time, with such an audience. Refuses with CS409.
CREATE OR REPLACE FUNCTION must_be_in_time(c campaign) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
DECLARE
  begins   timestamptz := greatest(c.starts_at, now());
  ends     timestamptz := coalesce(c.ends_at, begins + make_interval(mins => c.spread_minutes));
  fastest  float8 := most_per_second(c);
  messages float8 := (SELECT sum(l.recipients) * c.segments FROM lane l WHERE l.campaign_id = c.id);
  through  timestamptz;
BEGIN
  PERFORM must_fit_its_mode(c);
  IF c.starts_at + interval '15 minutes' < now() OR c.ends_at <= now() THEN
    RAISE EXCEPTION 'the time of campaign %, %, has passed; give it another', c.id,
      local_words(CASE WHEN c.ends_at <= now() THEN c.ends_at ELSE c.starts_at END, c.time_zone) USING ERRCODE = 'CS409';
  END IF;
  IF c.mode <> 'spread' OR fastest IS NULL THEN RETURN; END IF;
  IF messages / with_lateness(fastest) <= open_seconds(begins, ends, c.window_from, c.window_to, c.time_zone) THEN RETURN; END IF;
  through := moment_after(begins, messages / with_lateness(fastest), c.window_from, c.window_to, c.time_zone);
  RAISE EXCEPTION '% messages can''t be spread until %: the channel and the ceilings allow % a second; %', messages, local_words(ends, c.time_zone), fastest,
    CASE WHEN isfinite(through) THEN 'the earliest possible end is ' || local_words(through + interval '1 minute', c.time_zone)
         ELSE 'they take more than two years in its window' END USING ERRCODE = 'CS409';
END $$;
