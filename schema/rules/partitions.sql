-- The hot tables, a partition a month: made ahead, dropped whole when their time of keeping is over.

CREATE OR REPLACE FUNCTION hot_tables() RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT ARRAY['audience', 'rejected_line', 'block', 'attempt', 'receipt']
$$;

-- Makes the partitions of a month, if they are missing. Harmless when called twice, also at once. A table is made beside
-- its parent and then attached: making it as a partition at once would lock all that is sent and loaded out.
CREATE OR REPLACE FUNCTION make_partitions(p_day date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  month date := date_trunc('month', p_day)::date;
  t     text;
  part  text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('countersign.month'));
  FOREACH t IN ARRAY hot_tables() LOOP
    part := t || to_char(month, '_YYYY_MM');
    CONTINUE WHEN month_has(t, month);
    EXECUTE format('CREATE TABLE public.%I (LIKE public.%I INCLUDING ALL)', part, t);
    PERFORM isolate(part);
    EXECUTE format('ALTER TABLE public.%I ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
      t, part, month, (month + interval '1 month')::date);
  END LOOP;
END $$;

-- Whether a hot table has its partition of a month.
CREATE OR REPLACE FUNCTION month_has(p_table text, p_month date) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT to_regclass('public.' || quote_ident(p_table || to_char(p_month, '_YYYY_MM'))) IS NOT NULL
$$;

-- The same for the programs, which need this month and those to come, within reason.
CREATE OR REPLACE FUNCTION make_month(p_day date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF p_day NOT BETWEEN current_date - 31 AND current_date + 366 THEN
    RAISE EXCEPTION '% is not within a year from now', p_day USING ERRCODE = 'CS409';
  END IF;
  PERFORM make_partitions(p_day);
END $$;

-- Drops a month: its audiences, blocks, attempts and receipts. Refuses while a campaign of that month is unfinished or
-- waits for receipts. Campaigns, approvals, transitions and progress stay. Gives up after two seconds (55P03; try again)
-- rather than keep everybody waiting behind it while somebody reads.
CREATE OR REPLACE FUNCTION drop_month(p_day date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '2s' AS $$
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
  SELECT l.campaign_id INTO busy FROM block b JOIN lane l ON l.id = b.lane_id WHERE b.month = dropped AND b.finished_at IS NULL LIMIT 1;
  IF busy IS NOT NULL THEN
    RAISE EXCEPTION 'campaign % of that month still waits for receipts', busy USING ERRCODE = 'CS409';
  END IF;
  PERFORM pg_advisory_xact_lock(hashtext('countersign.month'));
  FOREACH t IN ARRAY hot_tables() LOOP
    EXECUTE format('DROP TABLE IF EXISTS public.%I', t || to_char(dropped, '_YYYY_MM'));
  END LOOP;
END $$;

-- This month and the next, so that midnight finds its tables.
SELECT make_partitions(current_date);
SELECT make_partitions((current_date + interval '1 month')::date);

GRANT EXECUTE ON FUNCTION make_month(date) TO countersign_engine, countersign_portal;

CREATE OR REPLACE FUNCTION lane_has_its_month() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT month_has('audience', NEW.month) THEN PERFORM make_partitions(NEW.month); END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER lane_has_its_month BEFORE INSERT ON lane FOR EACH ROW EXECUTE FUNCTION lane_has_its_month();
