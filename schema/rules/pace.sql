-- Pace: when the next recipients of a lane may leave, and how many of them at a time. The door asks here at every claim, and hands out
-- slots: so many recipients, the first at this moment, the others so far apart.
--
-- A claim takes a part of each ceiling that it is below, for as long as its messages need: so many a second, until then, and for one
-- message at least a second's. So several channels and engines keep one together, a slow campaign leaves the rest to others, and a
-- change holds from the next claim on, at most a quarter of a second later. Where hardly anything is left, the claim begins when the
-- first of the others ends; of the channels that wait for that, the one that has waited longest asks first, and of lanes whoever has least of
-- it: a slot that ends is first its own lane's to have again, and then of those who hold more than it did. What is triggered has a part
-- of a workspace's ceiling to itself, so that it finds room however busy the others are. Rates of several lanes don't come out even in
-- every second: what leaves is counted besides, by each engine (engine/dispatch/Ceilings.ts).
--
-- A spread campaign's pace is what remains of it, over the time that remains with its window open. Who fell behind, or began late, is
-- faster for the rest of the time, up to twice what was approved: nobody bursts.

-- A stretch holds about a quarter of a second of work: what a crash leaves in doubt, and for how long an old pace goes on.
CREATE OR REPLACE FUNCTION stretch_seconds() RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT 0.25::float8';
-- How long before its time a slot is handed out, so that it is in the engine's hands when it begins: several times what a claim takes.
CREATE OR REPLACE FUNCTION hand_out_ahead() RETURNS interval LANGUAGE sql IMMUTABLE AS $$ SELECT interval '150 ms' $$;
-- A ceiling is handed out a little below itself, as the engine counts it (engine/dispatch/SlidingSecond.ts): in every second of those who
-- receive it too, though the ways of messages differ by some milliseconds.
CREATE OR REPLACE FUNCTION with_lateness(p_per_second float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT p_per_second / 1.005';

-- Less than this part of a ceiling is not taken: it is better to wait a little than to go on at a crawl for a whole stretch.
CREATE OR REPLACE FUNCTION least_part() RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT 0.05::float8';

-- The part of a workspace's ceiling that others leave to messages that somebody waits for, while it has a campaign that is fed: as little as
-- is worth taking, and a message a second, where that is not most of it.
CREATE OR REPLACE FUNCTION left_to_triggered(w workspace) RETURNS float8 LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT CASE WHEN EXISTS (SELECT FROM campaign c WHERE c.workspace_id = w.id AND c.mode = 'trigger' AND c.state = 'sending')
              THEN least(w.per_second / 2.0, greatest(1, least_part() * w.per_second)) ELSE 0 END
$$;

-- How long before a ceiling has room again a channel asks for it: the sooner, the more of the others have had slots since, so that channels
-- take turns. Whose turn it is on a channel is the engine's to say (engine/dispatch/Fair.ts): for all of its lanes this is the same.
CREATE OR REPLACE FUNCTION ask_ahead(p pace, p_channel int) RETURNS interval LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp AS $$
  WITH last AS (SELECT channel, max(u) AS until FROM unnest(p.taken_until, p.taken_channel) AS t (u, channel) GROUP BY channel)
  SELECT hand_out_ahead() * (1 - coalesce((SELECT 1.0 / (1 + (SELECT count(*) FROM last o WHERE o.until > own.until)) FROM last own WHERE channel = p_channel), 0) / 3)
$$;

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

-- For so much longer than its slot nobody who holds more has what a lane held: it asks 100 ms before its end, or 150, and others 75 later.
CREATE OR REPLACE FUNCTION others_first() RETURNS interval LANGUAGE sql IMMUTABLE AS $$ SELECT interval '75 ms' $$;

-- When what is taken of a ceiling ends, as a lane that holds a part of it has to see it: later by others_first() where it is the last slot of
-- a lane that holds no more than it does. What a lane holds is what its slots give it after the next of them has begun: one that has its next
-- already is not counted twice.
CREATE OR REPLACE FUNCTION with_others_first(p pace, p_lane int, p_now timestamptz) RETURNS timestamptz[]
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  WITH taken AS (SELECT * FROM unnest(p.taken_from, p.taken_until, p.taken_rate, p.taken_lane) WITH ORDINALITY AS t (f, u, r, l, ord)),
       last AS (SELECT t.ord, t.l, sum(t.r) OVER (PARTITION BY t.l) AS held FROM taken t
                 WHERE t.u > p_now AND NOT EXISTS (SELECT FROM taken next WHERE next.l = t.l AND next.f BETWEEN t.u AND t.u + others_first())),
       held AS (SELECT max(held) AS held FROM last WHERE l = p_lane)
  SELECT array_agg(CASE WHEN t.u > p_now + others_first() AND EXISTS (SELECT FROM last, held WHERE last.ord = t.ord AND last.l <> p_lane
                                                                         AND last.held <= held.held * (1 + 1e-9))
                        THEN t.u + others_first() ELSE t.u END ORDER BY t.ord)
    FROM taken t
$$;

-- What is free of a ceiling for a lane from p_at on, in messages a second, and from when on there is enough: for one message of p_one
-- parts a second, at least. What others have taken ends and begins: the most of it at any moment counts.
DROP FUNCTION IF EXISTS free_of(pace, float8, timestamptz);
DROP FUNCTION IF EXISTS free_of(pace, float8, timestamptz, int);
CREATE OR REPLACE FUNCTION free_of(p pace, p_per_second float8, p_at timestamptz, p_one int, p_lane int, p_now timestamptz,
                                   OUT at timestamptz, OUT rate float8)
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
BEGIN
  at := p_at;
  IF p_lane = ANY (p.taken_lane) THEN p.taken_until := with_others_first(p, p_lane, p_now); END IF;
  LOOP
    rate := p_per_second;
    EXIT WHEN cardinality(p.taken_until) = 0;
    rate := p_per_second - coalesce((
      WITH taken AS (SELECT * FROM unnest(p.taken_from, p.taken_until, p.taken_rate) AS t (f, u, r) WHERE u > at AND u < at + longest_taking()),
           -- those that end before those that begin
           change AS (SELECT sum(r) OVER (ORDER BY t, r ROWS UNBOUNDED PRECEDING) AS together
                        FROM (SELECT greatest(f, at) AS t, r FROM taken UNION ALL SELECT u, -r FROM taken) AS x)
      SELECT max(together) FROM change), 0);
    EXIT WHEN rate >= greatest(least_part() * p_per_second, least(p_one, p_per_second)) * (1 - 1e-9);
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

-- The slot for the next recipients of a lane on a channel, p_limit at most, as p_now sees it; takes nothing yet.
DROP FUNCTION IF EXISTS next_slot(campaign, lane, workspace, int, timestamptz);
CREATE OR REPLACE FUNCTION next_slot(c campaign, l lane, w workspace, p_channel int, p_limit int, p_now timestamptz) RETURNS slot
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
  urgent    float8 := 0;
  ahead     interval := hand_out_ahead();
BEGIN
  IF c.mode = 'spread' THEN at := greatest(at, l.paced_until); END IF;
  IF ceiling IS NOT NULL THEN
    own := locked_pace(c.workspace_id, c.id);
  END IF;
  IF w.per_second IS NOT NULL OR w.per_day IS NOT NULL THEN p := locked_pace(c.workspace_id, 0); END IF;
  IF w.per_second IS NOT NULL AND c.mode <> 'trigger' THEN
    urgent := left_to_triggered(w);
    ahead := ask_ahead(p, p_channel);
  END IF;
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
      part := free_of(own, with_lateness(ceiling), at, c.segments, l.id, p_now);
      at := part.at;
      rate := part.rate / c.segments;
    END IF;
    IF w.per_second IS NOT NULL THEN
      part := free_of(p, with_lateness(w.per_second - urgent), at, c.segments, l.id, p_now);
      at := part.at;
      rate := least(rate, part.rate / c.segments);
    END IF;
    EXIT WHEN at = tried;
  END LOOP;
  IF at > p_now + ahead THEN RETURN (0, at - ahead, NULL)::slot; END IF;
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

-- Since when it was to be spread: so many minutes from when it is opened; until an end, from its start, or from when it was put before its
-- approvers.
CREATE OR REPLACE FUNCTION spread_since(c campaign) RETURNS timestamptz LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN c.spread_minutes IS NOT NULL THEN c.opened_at ELSE least(coalesce(c.starts_at, c.submitted_at), c.opened_at) END
$$;

-- The recipients a second that a spread campaign's schedule asks for, from its beginning to its end. Computed once: years of days are many.
CREATE OR REPLACE FUNCTION asked_pace(c campaign, l lane) RETURNS float8 LANGUAGE sql STABLE AS $$
  SELECT coalesce(l.asked_pace, l.recipients / nullif(open_seconds(spread_since(c), sending_ends(c), c.window_from, c.window_to, c.time_zone), 0))
$$;

-- How many messages of a workspace's day were handed out.
CREATE OR REPLACE FUNCTION messages_of(w workspace, p pace, p_at timestamptz) RETURNS int LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN p.day = (p_at AT TIME ZONE w.time_zone)::date THEN p.day_messages ELSE 0 END
$$;

-- Takes a part of a ceiling; what nobody asks for any more is forgotten.
DROP FUNCTION IF EXISTS later(pace, timestamptz);
DROP FUNCTION IF EXISTS rates_later(pace, timestamptz);
DROP FUNCTION IF EXISTS note_taking(int, int, int, timestamptz, timestamptz, float8, timestamptz);
CREATE OR REPLACE FUNCTION note_taking(p_workspace int, p_campaign int, p_channel int, p_lane int, p_from timestamptz, p_until timestamptz,
                                       p_rate float8, p_now timestamptz)
RETURNS void LANGUAGE sql SET search_path = public, pg_temp AS $$
  UPDATE pace SET (taken_from, taken_until, taken_rate, taken_channel, taken_lane) = (
    SELECT coalesce(array_agg(f), '{}') || p_from, coalesce(array_agg(u), '{}') || p_until, coalesce(array_agg(r), '{}') || p_rate,
           coalesce(array_agg(c), '{}') || p_channel, coalesce(array_agg(l), '{}') || p_lane
      FROM unnest(taken_from, taken_until, taken_rate, taken_channel, taken_lane) AS t (f, u, r, c, l) WHERE u > least(p_from, p_now))
   WHERE workspace_id = p_workspace AND campaign_id = p_campaign
$$;

-- Takes of the slot what p_recipients need.
DROP FUNCTION IF EXISTS take_slot(campaign, lane, workspace, slot, int);
DROP FUNCTION IF EXISTS take_slot(campaign, lane, workspace, slot, int, timestamptz);
CREATE OR REPLACE FUNCTION take_slot(c campaign, l lane, w workspace, p_channel int, s slot, p_recipients int, p_now timestamptz) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  messages int := p_recipients * c.segments;
  seconds  float8 := p_recipients * s.spacing_seconds;
  hold     float8 := least(seconds, greatest(1, c.segments / with_lateness(least(ceiling_of(c), w.per_second))));
  until    timestamptz := s.begins_at + make_interval(secs => hold);
  rate     float8 := CASE WHEN hold > 0 THEN messages / hold ELSE 0 END;
BEGIN
  IF c.mode = 'spread' THEN
    UPDATE lane SET paced_until = moment_after(s.begins_at, seconds, c.window_from, c.window_to, c.time_zone), asked_pace = asked_pace(c, l)
     WHERE id = l.id;
  END IF;
  IF ceiling_of(c) IS NOT NULL THEN PERFORM note_taking(c.workspace_id, c.id, p_channel, l.id, s.begins_at, until, rate, p_now); END IF;
  IF w.per_second IS NOT NULL THEN PERFORM note_taking(c.workspace_id, 0, p_channel, l.id, s.begins_at, until, rate, p_now); END IF;
  IF w.per_second IS NOT NULL OR w.per_day IS NOT NULL THEN
    UPDATE pace SET day = (s.begins_at AT TIME ZONE w.time_zone)::date, day_messages = messages_of(w, pace, s.begins_at) + messages
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

-- A day's ceiling holds for the whole of the day on which it is set: what left before, and was counted by nobody, is counted then.
CREATE OR REPLACE FUNCTION count_today() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  today    date := (now() AT TIME ZONE NEW.time_zone)::date;
  midnight timestamptz := moment_of(today + time '00:00', NEW.time_zone);
  p        pace := locked_pace(NEW.id, 0);
BEGIN
  UPDATE pace SET day = today, day_messages = greatest(messages_of(NEW, p, now()), (
      SELECT coalesce(sum((b.last_seq - b.first_seq + 1 - cardinality(b.suppressed_nth) - multirange_size(b.returned)) * c.segments), 0)
        FROM campaign c JOIN lane l ON l.campaign_id = c.id JOIN block b ON b.month = l.month AND b.lane_id = l.id AND b.opened_at >= midnight
       WHERE c.workspace_id = NEW.id AND c.opened_at IS NOT NULL AND coalesce(c.closed_at, 'infinity') >= midnight))
   WHERE workspace_id = NEW.id AND campaign_id = 0;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER count_today AFTER UPDATE OF per_day ON workspace FOR EACH ROW
  WHEN (old.per_day IS NULL AND new.per_day IS NOT NULL) EXECUTE FUNCTION count_today();

GRANT EXECUTE ON FUNCTION sending_ends(campaign) TO countersign_engine, countersign_portal;
