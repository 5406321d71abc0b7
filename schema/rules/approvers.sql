-- Whether what people of a workspace write could be approved at all, four eyes counted: said before somebody waits for nobody.
-- Super admins are not counted: they are not there to approve what a workspace writes every day.

-- How many could approve what each who may write writes.
CREATE OR REPLACE FUNCTION approvers_of(p_workspace int) RETURNS TABLE (person_id int, name text, approvers int)
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  WITH people AS (
    SELECT p.id, p.name, may(i.who, 'campaign.edit') AS writes,
           may(i.who, 'campaign.decide')
             AND (NOT w.require_signed_approvals OR EXISTS (SELECT FROM passkey k WHERE k.person_id = p.id AND k.revoked_at IS NULL)) AS decides
      FROM workspace w JOIN membership m ON m.workspace_id = w.id AND m.left_at IS NULL
      JOIN person p ON p.id = m.person_id AND p.disabled_at IS NULL
     CROSS JOIN LATERAL (SELECT (p.id, w.id, m.role, m.moderator, NULL)::identity AS who) AS i
     WHERE w.id = p_workspace
  ) SELECT p.id, p.name, (SELECT count(*)::int FROM people d WHERE d.decides AND d.id <> p.id) FROM people p WHERE p.writes
$$;

-- Null when all is well, else a sentence on those who are worst off, and what to do. p_author: on what this one writes alone.
CREATE OR REPLACE FUNCTION approvers_warning(p_workspace int, p_author int DEFAULT NULL) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  w      workspace;
  few    int;
  who    text;
  asked  int;
  remedy text;
BEGIN
  PERFORM must_see(p_workspace, 'workspace ' || p_workspace);
  SELECT * INTO w FROM workspace WHERE id = p_workspace;
  SELECT min(a.approvers) INTO few FROM approvers_of(p_workspace) a WHERE a.person_id = coalesce(p_author, a.person_id);
  asked := CASE WHEN few < w.approvals_needed THEN w.approvals_needed ELSE w.large_approvals_needed END;
  IF few >= asked OR few IS NULL OR asked IS NULL THEN RETURN NULL; END IF;
  SELECT string_agg(a.name, ', ' ORDER BY a.name, a.person_id) FILTER (WHERE a.nth <= 3) || CASE WHEN count(*) > 3 THEN ' and others' ELSE '' END
    INTO who
    FROM (SELECT b.*, row_number() OVER (ORDER BY b.name, b.person_id) AS nth FROM approvers_of(p_workspace) b
           WHERE b.approvers = few AND b.person_id = coalesce(p_author, b.person_id)) AS a;
  remedy := 'have an admin invite another moderator, or give an author the moderator flag'
    || CASE WHEN w.require_signed_approvals THEN '; approvals are signed here, so whoever approves needs a passkey' ELSE '' END;
  IF few = 0 THEN
    RETURN format('nobody could approve what is written by %s, since nobody approves their own; %s', who, remedy);
  END IF;
  RETURN format('what is written by %s needs %s approvals%s, and only %s could give one; %s', who, asked,
    CASE WHEN few >= w.approvals_needed THEN format(' from %s recipients on or where it is fed', w.large_from_recipients) ELSE '' END,
    CASE few WHEN 1 THEN 'one person' ELSE few || ' people' END, remedy);
END $$;

GRANT EXECUTE ON FUNCTION approvers_warning(int, int) TO countersign_portal;
