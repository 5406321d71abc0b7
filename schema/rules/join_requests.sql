-- Asking to join a workspace, by who is signed in. Only those that say so can be asked; of the others nobody learns here that they exist.

-- By name or id. Gives the request's id.
CREATE OR REPLACE FUNCTION ask_to_join(p_workspace text, p_note text) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me   identity := myself();
  w    workspace;
  made int;
BEGIN
  IF coalesce(trim(p_note), '') = '' OR length(p_note) > 1000 THEN
    RAISE EXCEPTION 'say who you are and why you ask, in up to 1,000 characters; its admins read it' USING ERRCODE = 'CS422';
  END IF;
  SELECT * INTO w FROM workspace x WHERE (x.name = trim(p_workspace) OR x.id::text = trim(p_workspace)) AND x.open_to_requests AND x.archived_at IS NULL
   ORDER BY x.name = trim(p_workspace) DESC LIMIT 1 FOR NO KEY UPDATE;
  IF w.id IS NULL THEN
    RAISE EXCEPTION 'workspace “%” does not exist, or takes no requests; ask one of its admins for an invitation', trim(p_workspace) USING ERRCODE = 'CS404';
  ELSIF EXISTS (SELECT FROM membership m WHERE m.workspace_id = w.id AND m.person_id = me.person_id AND m.left_at IS NULL) THEN
    RAISE EXCEPTION 'you are in this workspace already' USING ERRCODE = 'CS409';
  END IF;
  INSERT INTO join_request (workspace_id, person_id, note) VALUES (w.id, me.person_id, trim(p_note)) ON CONFLICT DO NOTHING RETURNING id INTO made;
  IF made IS NULL THEN
    RAISE EXCEPTION 'you have asked already; its admins have not answered yet' USING ERRCODE = 'CS409';
  END IF;
  PERFORM audit_row(w.id, me.person_id, 'person', 'join.request', 'join_request', made, '{}', jsonb_build_object('note', trim(p_note)));
  RETURN made;
END $$;

-- One that waits for an answer. Only with the workspace locked.
CREATE OR REPLACE FUNCTION waiting_join_request(p_request int) RETURNS join_request
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  r join_request;
BEGIN
  SELECT * INTO r FROM join_request WHERE id = p_request AND workspace_id = (SELECT acting_workspace());
  IF r.id IS NULL THEN
    RAISE EXCEPTION 'join request % does not exist', p_request USING ERRCODE = 'CS404';
  ELSIF r.decided_at IS NOT NULL THEN
    RAISE EXCEPTION 'this request was % already', CASE WHEN r.accepted THEN 'accepted' ELSE 'declined' END USING ERRCODE = 'CS409';
  END IF;
  RETURN r;
END $$;

CREATE OR REPLACE FUNCTION accept_join_request(p_request int, p_role text, p_moderator boolean DEFAULT false) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me identity := manage_members();
  r  join_request := waiting_join_request(p_request);
BEGIN
  PERFORM must_be_role(p_role, p_moderator);
  PERFORM put_member(r.workspace_id, r.person_id, p_role, coalesce(p_moderator, false), me.person_id);
  PERFORM audit('join.accept', 'person', r.person_id,
    jsonb_build_object('join_request_id', r.id, 'after', jsonb_build_object('role', p_role, 'moderator', coalesce(p_moderator, false))));
END $$;

CREATE OR REPLACE FUNCTION decline_join_request(p_request int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me identity := manage_members();
  r  join_request := waiting_join_request(p_request);
BEGIN
  UPDATE join_request SET decided_by = me.person_id, decided_at = clock_timestamp(), accepted = false WHERE id = r.id;
  PERFORM audit('join.decline', 'person', r.person_id, jsonb_build_object('join_request_id', r.id));
END $$;

-- Where one has asked, and what came of it. The name was known to who asked.
CREATE OR REPLACE FUNCTION my_join_requests() RETURNS TABLE (id int, workspace text, note text, created_at timestamptz, decided_at timestamptz, accepted boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT r.id, w.name, r.note, r.created_at, r.decided_at, r.accepted
    FROM join_request r JOIN workspace w ON w.id = r.workspace_id WHERE r.person_id = (myself()).person_id ORDER BY r.id DESC
$$;

GRANT EXECUTE ON FUNCTION ask_to_join(text, text), accept_join_request(int, text, boolean), decline_join_request(int), my_join_requests()
  TO countersign_portal;

-- who asks is not in the workspace yet: their name and address are shown to those who answer
CREATE OR REPLACE FUNCTION join_requests() RETURNS TABLE (id int, workspace_id int, person_id int, name text, email text, note text, created_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT r.id, r.workspace_id, r.person_id, p.name, p.email, r.note, r.created_at
    FROM join_request r JOIN person p ON p.id = r.person_id
   WHERE r.decided_at IS NULL AND r.workspace_id = ANY ((SELECT visible_workspaces())::int[]) AND (SELECT may_manage_workspace()) ORDER BY r.id
$$;
GRANT EXECUTE ON FUNCTION join_requests() TO countersign_portal;
