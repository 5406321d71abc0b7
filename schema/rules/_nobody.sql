-- First of the rules: every function of ours is nobody's again, so that a grant which a rule no longer gives is gone when
-- the rules are applied. Each rule then grants what it means to give; what stands in tables is in roles.sql.

DO $$
DECLARE
  f regprocedure;
BEGIN
  FOR f IN SELECT oid FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proowner = current_user::regrole LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC, countersign_engine, countersign_portal, countersign_access', f);
  END LOOP;
END $$;
