-- What pauses a campaign, and slows it down: its daily window, and people.
--
-- A window that closes pauses the campaign (`rest`), and resumes it when it opens again (`wake`); both are the system's. What a person
-- has paused only a person resumes: who pauses a campaign that rests keeps it paused when its window opens. One that is resumed while its
-- window is closed stays paused, and goes on by itself when it opens.

-- What pausing and resuming ask of its window. Refuses with CS409, and with CS002 what comes too early.
CREATE OR REPLACE FUNCTION may_pause_at(c campaign, p_action text, p_now timestamptz) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  opens timestamptz := window_opens(c, p_now);
BEGIN
  IF p_action = 'pause' AND c.state = 'paused' AND NOT c.waits_for_window OR p_action = 'wake' AND NOT c.waits_for_window THEN
    RAISE EXCEPTION 'campaign % is paused already', c.id USING ERRCODE = 'CS409';
  END IF;
  IF p_action = 'resume' AND c.waits_for_window THEN
    RAISE EXCEPTION 'campaign % is outside its daily window; it goes on by itself at %. To send before, stop it and make one with another window', c.id,
      local_words(opens, c.time_zone) USING ERRCODE = 'CS409';
  END IF;
  IF p_action = 'rest' AND coalesce(opens <= p_now, true) THEN
    RAISE EXCEPTION 'the window of campaign % is open', c.id USING ERRCODE = 'CS002';
  END IF;
  IF p_action = 'wake' AND opens > p_now THEN
    RAISE EXCEPTION 'the window of campaign % opens at %', c.id, local_words(opens, c.time_zone) USING ERRCODE = 'CS002';
  END IF;
END $$;

-- Of a campaign that sends from p_at on: when its window closes, which is at once if it is not open; null: it has none.
CREATE OR REPLACE FUNCTION window_closes(c campaign, p_at timestamptz) RETURNS timestamptz
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT CASE WHEN w.opens > p_at THEN p_at ELSE w.closes END FROM window_at(p_at, c.window_from, c.window_to, c.time_zone) w
$$;

-- Since when its window has been open, or when it opens next; null: it has none.
CREATE OR REPLACE FUNCTION window_opens(c campaign, p_at timestamptz) RETURNS timestamptz
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT w.opens FROM window_at(p_at, c.window_from, c.window_to, c.time_zone) w
$$;

-- Slows a campaign down to so many messages a second, from now on, or, with null, lets it go as fast as was approved again. Never
-- faster than that, so it needs no new approval. Refuses with CS403 who may not, with CS409 what has ended or is faster.
CREATE OR REPLACE FUNCTION slow_campaign(p_campaign int, p_per_second int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  c campaign := own_campaign(p_campaign);
BEGIN
  PERFORM must('campaign.run', c.created_by);
  IF p_per_second < 1 THEN
    RAISE EXCEPTION 'a ceiling is at least 1 message a second; to send nothing, pause or stop the campaign' USING ERRCODE = 'CS422';
  END IF;
  IF c.state NOT IN ('scheduled', 'sending', 'paused') THEN
    RAISE EXCEPTION 'campaign % is %; what waits or sends can be slowed down', c.id, replace(c.state, '_', ' ') USING ERRCODE = 'CS409';
  END IF;
  IF p_per_second > c.per_second THEN
    RAISE EXCEPTION 'campaign % was approved with a ceiling of % a second; to send faster, it has to be changed and approved anew', c.id, c.per_second
      USING ERRCODE = 'CS409';
  END IF;
  UPDATE campaign SET slowed_to = p_per_second WHERE id = c.id;
  PERFORM audit('campaign.slow', 'campaign', c.id, jsonb_build_object('before', c.slowed_to, 'after', p_per_second));
  PERFORM pg_notify('countersign_campaign', c.id::text);
END $$;

GRANT EXECUTE ON FUNCTION slow_campaign(int, int) TO countersign_portal;
