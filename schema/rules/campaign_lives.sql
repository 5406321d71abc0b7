-- What an engine needs to keep campaigns alive: all of them at a look, moves of many at once, and a hint when what they go by changes.

-- Many at once, for the engine: campaigns that are due at the same second, or whose window opens, up to p_most of them. Each is moved or
-- refused by itself; of one that is in somebody's hands right now nothing is said, so that it doesn't hold up the others, and whoever
-- else comes with the same ones takes others. A single one is waited for a moment. They become visible together.
DROP FUNCTION IF EXISTS move_campaigns(int[], text);
CREATE OR REPLACE FUNCTION move_campaigns(p_campaigns int[], p_action text, p_most int)
RETURNS TABLE (campaign_id int, state text, refused_with text, refusal text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '50ms' AS $$
DECLARE
  ours int[] := p_campaigns;
BEGIN
  IF cardinality(p_campaigns) > 1 THEN
    ours := ARRAY(SELECT c.id FROM campaign c
                   WHERE c.id = ANY (p_campaigns) AND c.state IN (SELECT m.from_state FROM campaign_move m WHERE m.action = p_action)
                   ORDER BY c.id LIMIT p_most FOR NO KEY UPDATE SKIP LOCKED);
  END IF;
  FOREACH campaign_id IN ARRAY ours LOOP
    state := NULL;
    refused_with := NULL;
    refusal := NULL;
    BEGIN
      state := move_campaign(campaign_id, p_action);
    EXCEPTION WHEN SQLSTATE 'CS001' OR SQLSTATE 'CS002' OR SQLSTATE 'CS403' OR SQLSTATE 'CS404' OR SQLSTATE 'CS409' OR lock_not_available
      -- a time zone that the server knows no more
      OR invalid_parameter_value THEN
      refused_with := SQLSTATE;
      refusal := SQLERRM;
    END;
    RETURN NEXT;
  END LOOP;
END $$;

-- What the engine has something to do for: times in milliseconds since 1970 by the database's clock, which is the one that counts.
DROP FUNCTION IF EXISTS live_campaigns();
CREATE OR REPLACE FUNCTION live_campaigns()
RETURNS TABLE (id int, state text, name text, starts_at_ms float8, late_at_ms float8, starts_automatically boolean, waits_for_window boolean,
               window_turns_ms float8, has_unclaimed boolean, exhausted boolean, is_fed boolean, now_ms float8)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  -- date_part, not extract: a thousand rows twice a second, and numeric is slow
  SELECT c.id, c.state, c.name, date_part('epoch', c.starts_at) * 1000, date_part('epoch', too_late(c)) * 1000, c.starts_automatically,
         c.waits_for_window, date_part('epoch', c.window_turns_at) * 1000, l.has_unclaimed,
         NOT l.has_unclaimed AND NOT l.has_open, c.mode = 'trigger', date_part('epoch', clock_timestamp()) * 1000
    FROM campaign c
    -- of what has begun only: the others can't be closed
    LEFT JOIN LATERAL (
      SELECT bool_or(is_unclaimed(x)) AS has_unclaimed, bool_or(NOT is_unclaimed(x) AND EXISTS (
               SELECT FROM block b WHERE b.lane_id = x.id AND b.month = x.month AND b.closed_at IS NULL)) AS has_open
        FROM lane x WHERE x.campaign_id = c.id AND c.state <> 'scheduled') l ON true
   WHERE c.state IN ('scheduled', 'sending', 'paused')
   ORDER BY c.id
$$;

-- Ceilings and contracts hold from their commit on, not from when an engine next looks.
CREATE OR REPLACE FUNCTION hint_at_change() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM pg_notify('countersign_campaign', '');
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER hint_at_change AFTER INSERT OR UPDATE ON channel FOR EACH STATEMENT EXECUTE FUNCTION hint_at_change();
CREATE OR REPLACE TRIGGER hint_at_change AFTER UPDATE OF per_second, per_day, time_zone ON workspace
  FOR EACH STATEMENT EXECUTE FUNCTION hint_at_change();

GRANT EXECUTE ON FUNCTION move_campaigns(int[], text, int), live_campaigns() TO countersign_engine;
