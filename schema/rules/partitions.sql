-- The hot tables, a partition a month: made ahead, dropped whole when their time of keeping is over.

CREATE OR REPLACE FUNCTION hot_tables() RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT ARRAY['audience', 'rejected_line', 'block', 'attempt', 'receipt']
$$;

-- Makes the partitions of a month, if they are missing. Harmless when called twice, also at once.
CREATE OR REPLACE FUNCTION make_month(p_day date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  month date := date_trunc('month', p_day)::date;
  t     text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('countersign.month'));
  FOREACH t IN ARRAY hot_tables() LOOP
    IF to_regclass(format('%I', t || to_char(month, '_YYYY_MM'))) IS NULL THEN
      EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
        t || to_char(month, '_YYYY_MM'), t, month, (month + interval '1 month')::date);
    END IF;
  END LOOP;
END $$;

-- Drops a month: its audiences, attempts and receipts. Refuses while a campaign of that month is unfinished. Campaigns,
-- approvals, transitions and progress stay.
CREATE OR REPLACE FUNCTION drop_month(p_day date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  dropped date := date_trunc('month', p_day)::date;
  t       text;
  busy    int;
BEGIN
  SELECT c.id INTO busy FROM lane l JOIN campaign c ON c.id = l.campaign_id
   WHERE l.month = dropped AND c.state IN ('draft', 'in_review', 'scheduled', 'sending', 'paused') LIMIT 1;
  IF busy IS NOT NULL THEN
    RAISE EXCEPTION 'campaign % of that month is not finished; stop it before its month is dropped', busy USING ERRCODE = 'CS409';
  END IF;
  PERFORM pg_advisory_xact_lock(hashtext('countersign.month'));
  FOREACH t IN ARRAY hot_tables() LOOP
    EXECUTE format('DROP TABLE IF EXISTS %I', t || to_char(dropped, '_YYYY_MM'));
  END LOOP;
END $$;

-- This month and the next, so that midnight finds its tables.
SELECT make_month(current_date);
SELECT make_month((current_date + interval '1 month')::date);

GRANT EXECUTE ON FUNCTION make_month(date) TO countersign_engine, countersign_portal;

CREATE OR REPLACE FUNCTION lane_has_its_month() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF to_regclass('audience' || to_char(NEW.month, '_YYYY_MM')) IS NULL THEN PERFORM make_month(NEW.month); END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER lane_has_its_month BEFORE INSERT ON lane FOR EACH ROW EXECUTE FUNCTION lane_has_its_month();
