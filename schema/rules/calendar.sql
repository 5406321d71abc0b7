-- Local time: when a clock on the wall of a time zone shows something, and how long a daily window is open between two moments. Pure.
--
-- A time that is skipped when clocks go forward is taken as far after the jump as it would have been after the last true one (02:30
-- is 03:30); of one that comes twice when they go back, the first is meant. A window `from`–`to` that ends before it begins
-- ends on the next day; it is as long as its clock says, so on a day in which clocks change within it, an hour more or less.

-- The moment at which clocks of a zone show p_local.
CREATE OR REPLACE FUNCTION moment_of(p_local timestamp, p_zone text) RETURNS timestamptz
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
  -- by the zone's offset a day before, and by that a day after: where they differ, clocks change in between
  earlier timestamptz := (p_local - interval '1 day') AT TIME ZONE p_zone + interval '24 hours';
  later   timestamptz := (p_local + interval '1 day') AT TIME ZONE p_zone - interval '24 hours';
BEGIN
  IF earlier AT TIME ZONE p_zone = p_local THEN RETURN earlier; END IF;
  IF later AT TIME ZONE p_zone = p_local THEN RETURN later; END IF;
  RETURN earlier;
END $$;

-- A window's day that has p_at in it or begins next: from its opening to its closing, both as moments; nulls of no window.
CREATE OR REPLACE FUNCTION window_at(p_at timestamptz, p_from time, p_to time, p_zone text, OUT opens timestamptz, OUT closes timestamptz)
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE AS $$
DECLARE
  -- yesterday's may still be open
  day date := (p_at AT TIME ZONE p_zone)::date - 1;
BEGIN
  LOOP
    opens := moment_of(day + p_from, p_zone);
    closes := moment_of(day + (p_to <= p_from)::int + p_to, p_zone);
    EXIT WHEN closes > p_at AND closes > opens;
    day := day + 1;
  END LOOP;
END $$;

-- Seconds in which the window is open between two moments; without a window all of them.
CREATE OR REPLACE FUNCTION open_seconds(p_since timestamptz, p_until timestamptz, p_from time, p_to time, p_zone text) RETURNS float8
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
  at     timestamptz := p_since;
  opens  timestamptz;
  closes timestamptz;
  open   float8 := 0;
BEGIN
  IF p_from IS NULL THEN RETURN greatest(0, extract(epoch FROM p_until - p_since)); END IF;
  WHILE at < p_until LOOP
    SELECT w.opens, w.closes INTO opens, closes FROM window_at(at, p_from, p_to, p_zone) w;
    EXIT WHEN opens >= p_until;
    open := open + extract(epoch FROM least(closes, p_until) - greatest(opens, at));
    at := closes;
  END LOOP;
  RETURN open;
END $$;

-- The moment at which the window will have been open for so many seconds; infinity if that is not within two years.
CREATE OR REPLACE FUNCTION moment_after(p_since timestamptz, p_seconds float8, p_from time, p_to time, p_zone text) RETURNS timestamptz
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
  at     timestamptz := p_since;
  rest   float8 := p_seconds;
  opens  timestamptz;
  closes timestamptz;
  here   float8;
BEGIN
  IF p_from IS NULL THEN RETURN p_since + make_interval(secs => p_seconds); END IF;
  LOOP
    SELECT w.opens, w.closes INTO opens, closes FROM window_at(at, p_from, p_to, p_zone) w;
    here := extract(epoch FROM closes - greatest(opens, at));
    IF here >= rest THEN RETURN greatest(opens, at) + make_interval(secs => rest); END IF;
    rest := rest - here;
    at := closes;
    IF at > p_since + interval '2 years' THEN RETURN 'infinity'; END IF;
  END LOOP;
END $$;
