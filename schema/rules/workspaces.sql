-- Workspaces, by super admins: made with their first admin, archived, restored; told to the installation's audit and to their own.
--
-- In an archived workspace nobody acts: no member, no super admin (identity.sql). So it is archived only when nothing in it waits or
-- runs. Everything stays as it is and is seen in Master; its channels and names stay its own. Restored, it goes on as it was.

CREATE OR REPLACE FUNCTION audit_workspace(p_action text, p_workspace int, p_facts jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  me identity := acting();
BEGIN
  PERFORM audit_installation(p_action, 'workspace', p_workspace, p_facts);
  PERFORM audit_row(p_workspace, me.person_id, me.role, p_action, 'workspace', p_workspace, p_facts, '{}');
END $$;

-- p_settings by column, name and country at least; p_admin: somebody with an account. Gives the id.
CREATE OR REPLACE FUNCTION create_workspace(p_settings jsonb, p_admin int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me identity := must('installation.manage');
  w  workspace := jsonb_populate_record(NULL::workspace,
    '{"time_zone": "UTC", "approvals_needed": 1, "require_second_factor": false, "require_signed_approvals": false, "open_to_requests": false}');
  made int;
BEGIN
  w := settings_over(w, p_settings);
  IF w.require_second_factor OR w.require_signed_approvals THEN
    RAISE EXCEPTION 'second factors and signed approvals are asked for by its admins, once they have their own' USING ERRCODE = 'CS409';
  END IF;
  IF NOT EXISTS (SELECT FROM person p WHERE p.id = p_admin AND p.disabled_at IS NULL) THEN
    RAISE EXCEPTION 'its first admin, person %, does not exist or is disabled', p_admin USING ERRCODE = 'CS404';
  END IF;
  INSERT INTO workspace (name, country, time_zone, approvals_needed, large_from_recipients, large_approvals_needed, keep_content_months,
                         keep_audit_months, open_to_requests, per_second, per_day, colour)
  VALUES (w.name, w.country, w.time_zone, w.approvals_needed, w.large_from_recipients, w.large_approvals_needed, w.keep_content_months,
          w.keep_audit_months, w.open_to_requests, w.per_second, w.per_day, w.colour)
  ON CONFLICT (name) DO NOTHING RETURNING * INTO w;
  IF w.id IS NULL THEN
    RAISE EXCEPTION 'there is a workspace of this name already, maybe in the archive' USING ERRCODE = 'CS409';
  END IF;
  PERFORM put_member(w.id, p_admin, 'admin', false, me.person_id);
  PERFORM audit_workspace('workspace.create', w.id, jsonb_build_object('after', setting_facts(w), 'admin', p_admin));
  RETURN w.id;
END $$;

CREATE OR REPLACE FUNCTION locked_workspace(p_workspace int) RETURNS workspace
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  w workspace;
BEGIN
  PERFORM must('installation.manage');
  SELECT * INTO w FROM workspace WHERE id = p_workspace FOR NO KEY UPDATE;
  IF w.id IS NULL THEN RAISE EXCEPTION 'workspace % does not exist', p_workspace USING ERRCODE = 'CS404'; END IF;
  RETURN w;
END $$;

-- Campaigns that wait for somebody or for their time, or are being sent, over a channel or any (null); locked, with the drafts that could
-- become such.
CREATE OR REPLACE FUNCTION unfinished_campaigns(p_workspace int, p_channel int) RETURNS int
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  c campaign;
  n int := 0;
BEGIN
  FOR c IN SELECT * FROM campaign x WHERE x.workspace_id = p_workspace AND x.state IN ('draft', 'in_review', 'scheduled', 'sending', 'paused')
              AND (p_channel IS NULL OR EXISTS (SELECT FROM lane l JOIN lane_channel s ON s.lane_id = l.id WHERE l.campaign_id = x.id AND s.channel_id = p_channel))
            ORDER BY x.id FOR NO KEY UPDATE LOOP
    n := n + (c.state <> 'draft')::int;
  END LOOP;
  RETURN n;
END $$;

CREATE OR REPLACE FUNCTION archive_workspace(p_workspace int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  w workspace := locked_workspace(p_workspace);
  n int;
BEGIN
  IF w.archived_at IS NOT NULL THEN
    RAISE EXCEPTION 'workspace “%” is archived already', w.name USING ERRCODE = 'CS409';
  END IF;
  n := unfinished_campaigns(w.id, NULL);
  IF n > 0 THEN
    RAISE EXCEPTION 'workspace “%” has % in review, scheduled, being sent or paused; stop % end first', w.name,
      CASE n WHEN 1 THEN '1 campaign' ELSE n || ' campaigns' END, CASE n WHEN 1 THEN 'it or let it' ELSE 'them or let them' END USING ERRCODE = 'CS409';
  END IF;
  UPDATE workspace SET archived_at = clock_timestamp() WHERE id = w.id;
  PERFORM audit_workspace('workspace.archive', w.id, '{"before": {"archived": false}, "after": {"archived": true}}');
END $$;

CREATE OR REPLACE FUNCTION restore_workspace(p_workspace int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  w workspace := locked_workspace(p_workspace);
BEGIN
  IF w.archived_at IS NULL THEN
    RAISE EXCEPTION 'workspace “%” is not archived', w.name USING ERRCODE = 'CS409';
  END IF;
  UPDATE workspace SET archived_at = NULL WHERE id = w.id;
  PERFORM audit_workspace('workspace.restore', w.id, '{"before": {"archived": true}, "after": {"archived": false}}');
END $$;

GRANT EXECUTE ON FUNCTION create_workspace(jsonb, int), archive_workspace(int), restore_workspace(int) TO countersign_portal;
