-- The whole chain leaves the house: who takes it with them is in it. The rows are read afterwards, by policy, in a transaction of
-- their own (schema/audit/Exports.ts), so that this row is among them.

CREATE OR REPLACE FUNCTION export_audit() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  -- of nobody in particular: who may look at their own campaigns' rows alone has no whole chain to take
  me identity := must('audit.view');
BEGIN
  PERFORM audit('audit.export', 'workspace', me.workspace_id);
END $$;

GRANT EXECUTE ON FUNCTION export_audit() TO countersign_portal;
