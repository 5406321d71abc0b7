-- Pace: when the next recipients of a lane may leave, and how many of them at a time. The door asks here at every claim, and hands out
-- slots: so many recipients, the first at this moment, the others so far apart.
--
-- A claim takes a part of each ceiling that it is below, for as long as its messages need: so many a second, until then, and for one
-- message at least a second's. So several channels and engines keep one together, a slow campaign leaves the rest to others, and a
-- change holds from the next claim on, at most a quarter of a second later. Where hardly anything is left, the claim begins when the
-- first of the others ends. Rates of several lanes don't come out even in every second: what leaves is counted besides, by each
-- engine (engine/dispatch/Ceilings.ts).
--
-- A spread campaign's pace is what remains of it, over the time that remains with its window open. Who fell behind is faster for the rest
-- of the time, up to twice what was approved: nobody bursts.

-- A stretch holds about a quarter of a second of work: what a crash leaves in doubt, and for how long an old pace goes on.
CREATE OR REPLACE FUNCTION stretch_seconds() RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT 0.25::float8';
-- How long before its time a slot is handed out, so that it is in the engine's hands when it begins: several times what a claim takes.
CREATE OR REPLACE FUNCTION hand_out_ahead() RETURNS interval LANGUAGE sql IMMUTABLE AS $$ SELECT interval '150 ms' $$;
-- A ceiling is handed out a little below itself, as the engine counts it (engine/dispatch/SlidingSecond.ts): in every second of those who
-- receive it too, though the ways of messages differ by some milliseconds.
CREATE OR REPLACE FUNCTION with_lateness(p_per_second float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT p_per_second / 1.005';

-- Less than this part of a ceiling is not taken: it is better to wait a little than to go on at a crawl for a whole stretch.
CREATE OR REPLACE FUNCTION least_part() RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT 0.05::float8';

-- recipients 0: nothing now, ask again at begins_at. spacing null: not paced.
DO $$ BEGIN
  CREATE TYPE slot AS (recipients int, begins_at timestamptz, spacing_seconds float8);
EXCEPTION WHEN duplicate_object THEN NULL; END $$;

-- When a campaign that is sending has to be through; null: never. STABLE, as adding an interval is: only so is it a part of the statement
-- that asks it of a thousand campaigns, and not a call for each.
CREATE OR REPLACE FUNCTION sending_ends(c campaign) RETURNS timestamptz LANGUAGE sql STABLE AS $$
  SELECT least(c.ends_at, c.opened_at + make_interval(mins => c.spread_minutes))
$$;

-- Its ceiling as it stands now: what was approved, or less.
CREATE OR REPLACE FUNCTION ceiling_of(c campaign) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT least(c.per_second, c.slowed_to) $$;

-- Nothing is taken for longer (take_slot): what is said to be was taken by a clock that has been set back since.
CREATE OR REPLACE FUNCTION longest_taking() RETURNS interval LANGUAGE sql IMMUTABLE AS $$ SELECT interval '10 minutes' $$;

-- What is free of a ceiling from p_at on, in messages a second, and from when on there is enough: for one message of p_one parts a
-- second, at least.
DROP FUNCTION IF EXISTS free_of(pace, float8, timestamptz);
CREATE OR REPLACE FUNCTION free_of(p pace, p_per_second float8, p_at timestamptz, p_one int, OUT at timestamptz, OUT rate float8)
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
BEGIN
  at := p_at;
  LOOP
    rate := p_per_second - coalesce((SELECT sum(r) FROM unnest(p.taken_until, p.taken_rate) AS t (u, r) WHERE u > at AND u < at + longest_taking()), 0);
    EXIT WHEN rate >= greatest(least_part() * p_per_second, least(p_one, p_per_second) * (1 - 1e-9));
    at := (SELECT min(u) FROM unnest(p.taken_until) AS u WHERE u > at AND u < at + longest_taking());
  END LOOP;
END $$;

-- What is taken of a ceiling, locked; p_campaign 0: the workspace's.
CREATE OR REPLACE FUNCTION locked_pace(p_workspace int, p_campaign int) RETURNS pace
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  p pace;
BEGIN
  LOOP
    SELECT * INTO p FROM pace WHERE workspace_id = p_workspace AND campaign_id = p_campaign FOR NO KEY UPDATE;
    EXIT WHEN FOUND;
    INSERT INTO pace (workspace_id, campaign_id) VALUES (p_workspace, p_campaign) ON CONFLICT DO NOTHING;
  END LOOP;
  RETURN p;
END $$;

-- What a claim's slot stands on, locked: its campaign's ceiling, then its workspace's.
CREATE OR REPLACE FUNCTION hold_ceilings(c campaign, w workspace) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF ceiling_of(c) IS NOT NULL THEN PERFORM locked_pace(c.workspace_id, c.id); END IF;
  IF w.per_second IS NOT NULL OR w.per_day IS NOT NULL THEN PERFORM locked_pace(c.workspace_id, 0); END IF;
END $$;

-- The slot for the next recipients of a lane, p_limit at most, as p_now sees it; takes nothing yet.
CREATE OR REPLACE FUNCTION next_slot(c campaign, l lane, w workspace, p_limit int, p_now timestamptz) RETURNS slot
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  at        timestamptz := p_now;
  ends      timestamptz := sending_ends(c);
  ceiling   int := ceiling_of(c);
  remaining int := l.recipients - l.next_seq + 1 + multirange_size(l.returned) + multirange_size(l.resend);
  p         pace;
  own       pace;
  part      record;
  rate      float8;
  opens     timestamptz;
  closes    timestamptz;
  midnight  timestamptz;
  tried     timestamptz;
  seconds   float8;
  allowed   float8 := least(p_limit, remaining);
BEGIN
  IF c.mode = 'spread' THEN at := greatest(at, l.paced_until); END IF;
  IF ceiling IS NOT NULL THEN
    own := locked_pace(c.workspace_id, c.id);
  END IF;
  IF w.per_second IS NOT NULL OR w.per_day IS NOT NULL THEN p := locked_pace(c.workspace_id, 0); END IF;
  -- what was handed out ahead of a midnight counts for the day that follows, and the day before is over
  -- (a later day is none that anybody was given: the clock, or the zone, was set back)
  IF w.per_day IS NOT NULL AND p.day <= ((p_now + hand_out_ahead()) AT TIME ZONE w.time_zone)::date THEN
    at := greatest(at, moment_of(p.day + time '00:00', w.time_zone));
  END IF;
  -- until nothing moves it on: what is free only after the window has closed, or the day is over, is asked for anew
  LOOP
    tried := at;
    rate := NULL;
    IF c.window_from IS NOT NULL THEN
      SELECT x.opens, x.closes INTO opens, closes FROM window_at(at, c.window_from, c.window_to, c.time_zone) x;
      at := greatest(at, opens);
    END IF;
    IF w.per_day IS NOT NULL THEN
      midnight := moment_of((at AT TIME ZONE w.time_zone)::date + 1 + time '00:00', w.time_zone);
      IF w.per_day - messages_of(w, p, at) < c.segments THEN
        -- one message may be more than a day's
        IF w.per_day < c.segments THEN RETURN (0, midnight, NULL)::slot; END IF;
        at := midnight;
        CONTINUE;
      END IF;
    END IF;
    IF ceiling IS NOT NULL THEN
      part := free_of(own, with_lateness(ceiling), at, c.segments);
      at := part.at;
      rate := part.rate / c.segments;
    END IF;
    IF w.per_second IS NOT NULL THEN
      part := free_of(p, with_lateness(w.per_second), at, c.segments);
      at := part.at;
      rate := least(rate, part.rate / c.segments);
    END IF;
    EXIT WHEN at = tried;
  END LOOP;
  IF at > p_now + hand_out_ahead() THEN RETURN (0, at - hand_out_ahead(), NULL)::slot; END IF;
  -- then the door is shut, and says so
  IF at >= ends THEN RETURN (0, ends, NULL)::slot; END IF;

  IF c.mode = 'spread' THEN
    rate := least(rate, remaining / open_seconds(at, ends, c.window_from, c.window_to, c.time_zone), most_catching_up() * asked_pace(c, l));
  END IF;
  IF rate IS NOT NULL THEN
    -- before the window closes, and on the day that they are counted for; where it is soon over, all of it at once, so that no rest is left
    -- to be asked for at the last moment
    seconds := extract(epoch FROM least(closes, ends, midnight) - at);
    allowed := least(allowed, ceil(rate * CASE WHEN seconds < 2 * stretch_seconds() THEN seconds ELSE stretch_seconds() END));
  END IF;
  IF w.per_day IS NOT NULL THEN allowed := least(allowed, (w.per_day - messages_of(w, p, at)) / c.segments); END IF;
  RETURN (greatest(1, allowed)::int, at, 1 / rate)::slot;
END $$;

-- Who fell behind catches up no faster than this many times the pace that was approved; what is left at the end expires.
CREATE OR REPLACE FUNCTION most_catching_up() RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT 2::float8';

-- The recipients a second that a spread campaign's schedule asks for, from its beginning to its end. Computed once: years of days are many.
CREATE OR REPLACE FUNCTION asked_pace(c campaign, l lane) RETURNS float8 LANGUAGE sql STABLE AS $$
  SELECT coalesce(l.asked_pace, l.recipients / nullif(open_seconds(coalesce(c.starts_at, c.opened_at), sending_ends(c), c.window_from, c.window_to, c.time_zone), 0))
$$;

-- How many messages of a workspace's day were handed out.
CREATE OR REPLACE FUNCTION messages_of(w workspace, p pace, p_at timestamptz) RETURNS int LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN p.day = (p_at AT TIME ZONE w.time_zone)::date THEN p.day_messages ELSE 0 END
$$;

-- What of a ceiling is still taken at a moment.
CREATE OR REPLACE FUNCTION later(p pace, p_at timestamptz) RETURNS timestamptz[] LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(array_agg(u ORDER BY ord), '{}') FROM unnest(p.taken_until) WITH ORDINALITY AS t (u, ord) WHERE u > p_at
$$;
CREATE OR REPLACE FUNCTION rates_later(p pace, p_at timestamptz) RETURNS float8[] LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(array_agg(r ORDER BY ord), '{}') FROM unnest(p.taken_until, p.taken_rate) WITH ORDINALITY AS t (u, r, ord) WHERE u > p_at
$$;

-- Takes of the slot what p_recipients need.
DROP FUNCTION IF EXISTS take_slot(campaign, lane, workspace, slot, int);
CREATE OR REPLACE FUNCTION take_slot(c campaign, l lane, w workspace, s slot, p_recipients int, p_now timestamptz) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  messages int := p_recipients * c.segments;
  seconds  float8 := p_recipients * s.spacing_seconds;
  hold     float8 := least(seconds, greatest(1, c.segments / with_lateness(least(ceiling_of(c), w.per_second))));
  paced    timestamptz := s.begins_at + make_interval(secs => seconds);
  until    timestamptz := s.begins_at + make_interval(secs => hold);
  rate     float8 := CASE WHEN hold > 0 THEN messages / hold ELSE 0 END;
BEGIN
  IF c.mode = 'spread' THEN
    UPDATE lane SET paced_until = paced, asked_pace = asked_pace(c, l) WHERE id = l.id;
  END IF;
  IF ceiling_of(c) IS NOT NULL THEN
    UPDATE pace SET taken_until = later(pace, least(s.begins_at, p_now)) || until, taken_rate = rates_later(pace, least(s.begins_at, p_now)) || rate
     WHERE workspace_id = c.workspace_id AND campaign_id = c.id;
  END IF;
  IF w.per_second IS NOT NULL OR w.per_day IS NOT NULL THEN
    UPDATE pace SET
      taken_until = CASE WHEN w.per_second IS NULL THEN '{}' ELSE later(pace, least(s.begins_at, p_now)) || until END,
      taken_rate = CASE WHEN w.per_second IS NULL THEN '{}' ELSE rates_later(pace, least(s.begins_at, p_now)) || rate END,
      day = (s.begins_at AT TIME ZONE w.time_zone)::date,
      day_messages = messages_of(w, pace, s.begins_at) + messages
     WHERE workspace_id = c.workspace_id AND campaign_id = 0;
  END IF;
END $$;

-- What goes back to its lane was not sent: the workspace may send as much more on the day for which it was counted.
CREATE OR REPLACE FUNCTION give_back_to_day(b block, p_back int4multirange) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE pace p SET day_messages = greatest(0, p.day_messages - multirange_size(p_back) * c.segments)
    FROM workspace w, lane l JOIN campaign c ON c.id = l.campaign_id
   WHERE w.id = b.workspace_id AND w.per_day IS NOT NULL AND l.id = b.lane_id AND p.workspace_id = w.id AND p.campaign_id = 0
     -- of one that was handed out just before midnight nobody knows any more for which
     AND p.day = (b.opened_at AT TIME ZONE w.time_zone)::date AND p.day = ((b.opened_at + hand_out_ahead()) AT TIME ZONE w.time_zone)::date;
END $$;

GRANT EXECUTE ON FUNCTION sending_ends(campaign) TO countersign_engine, countersign_portal;
