-- Isolation: row-level security, forced, on every table there is. Who sees what is said in who_sees.sql; a table that no policy
-- names is shut to every login role, whatever somebody grants them.
--
-- The owner passes by a policy of its own, so that its functions work whether it is a superuser or not: what they do for the portal
-- begins with `must` or `must_see`.

CREATE OR REPLACE FUNCTION isolate(p_table regclass) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  old name;
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', p_table);
  FOR old IN SELECT polname FROM pg_policy WHERE polrelid = p_table LOOP
    EXECUTE format('DROP POLICY %I ON %s', old, p_table);
  END LOOP;
  EXECUTE format('CREATE POLICY the_owner ON %s TO CURRENT_USER USING (true) WITH CHECK (true)', p_table);
END $$;

DO $$
DECLARE
  t regclass;
BEGIN
  FOR t IN SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
              AND relowner = current_user::regrole LOOP
    PERFORM isolate(t);
  END LOOP;
END $$;
