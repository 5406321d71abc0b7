-- Sessions: kept alive by use, seen and ended by whom they belong to; what a super admin does about people and workspaces.
--
-- Sliding expiry by the published Lucia design: 30 days, and 30 again once less than 15 are left, so that a request is mostly a read.

-- The one that was chosen, or one by its id.
CREATE OR REPLACE FUNCTION colour_of(w workspace) RETURNS text LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT coalesce(w.colour, ('{blue, teal, green, olive, brown, rose, violet, slate}'::text[])[w.id % 8 + 1])
$$;

-- Where somebody may act: as a member, or because they entered in this session.
DROP FUNCTION IF EXISTS workspaces_of(int, int);
CREATE OR REPLACE FUNCTION workspaces_of(p_person int, p_session int)
RETURNS TABLE (id int, name text, time_zone text, role text, flagged boolean, require_second_factor boolean, colour text)
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT w.id, w.name, w.time_zone, CASE WHEN e.session_id IS NOT NULL THEN 'super_admin' ELSE m.role END, e.session_id IS NULL AND m.moderator, w.require_second_factor, colour_of(w)
    FROM workspace w
    LEFT JOIN membership m ON m.workspace_id = w.id AND m.person_id = p_person AND m.left_at IS NULL
    LEFT JOIN workspace_entry e ON e.workspace_id = w.id AND e.session_id = p_session
   WHERE (m.person_id IS NOT NULL OR e.session_id IS NOT NULL) AND w.archived_at IS NULL ORDER BY w.name, w.id
$$;

-- Once a request, before anything else, and in one look all that a page says of who asks: who they are and where they may act, null while
-- the second factor is due. No row: nobody is signed in.
DROP FUNCTION IF EXISTS renew_session(text);
CREATE OR REPLACE FUNCTION renew_session(p_token text)
RETURNS TABLE (session_id int, person_id int, second_factor_due boolean, expires_at timestamptz, me jsonb, workspaces jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  moment timestamptz := clock_timestamp();
BEGIN
  SELECT s.id, s.person_id, s.second_factor_due, s.expires_at,
         CASE WHEN NOT s.second_factor_due THEN
           jsonb_build_object('id', p.id, 'name', p.name, 'email', p.email, 'super_admin', p.super_admin, 'language', p.language) END
    INTO session_id, person_id, second_factor_due, expires_at, me
    FROM session s JOIN person p ON p.id = s.person_id
   WHERE s.token_hash = sha256(convert_to(p_token, 'UTF8')) AND s.revoked_at IS NULL AND s.expires_at > moment AND p.disabled_at IS NULL;
  IF NOT FOUND THEN RETURN; END IF;
  IF NOT second_factor_due AND expires_at < moment + interval '15 days' THEN
    expires_at := moment + interval '30 days';
    UPDATE session s SET expires_at = renew_session.expires_at WHERE s.id = renew_session.session_id AND s.revoked_at IS NULL;
  END IF;
  IF NOT second_factor_due THEN
    workspaces := (SELECT coalesce(jsonb_agg(w), '[]') FROM workspaces_of(renew_session.person_id, renew_session.session_id) AS w);
  END IF;
  RETURN NEXT;
END $$;

-- Ends living sessions of a person but one (null: all); gives their ids.
CREATE OR REPLACE FUNCTION end_sessions(p_person int, p_but int) RETURNS int[]
LANGUAGE sql SET search_path = public, pg_temp AS $$
  WITH ended AS (UPDATE session SET revoked_at = clock_timestamp()
                  WHERE person_id = p_person AND id IS DISTINCT FROM p_but AND revoked_at IS NULL AND expires_at > clock_timestamp() RETURNING id)
  SELECT coalesce(array_agg(id ORDER BY id), '{}') FROM ended
$$;

CREATE OR REPLACE FUNCTION my_sessions() RETURNS TABLE (id int, opened_by text, address text, agent text, created_at timestamptz,
  expires_at timestamptz, second_factor_due boolean, current boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT s.id, s.opened_by, s.address, s.agent, s.created_at, s.expires_at, s.second_factor_due, s.id = (myself()).session_id
    FROM session s
   WHERE s.person_id = (myself()).person_id AND s.revoked_at IS NULL AND s.expires_at > clock_timestamp() ORDER BY s.created_at DESC, s.id DESC
$$;

CREATE OR REPLACE FUNCTION revoke_session(p_session int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me identity := myself();
BEGIN
  UPDATE session SET revoked_at = clock_timestamp()
   WHERE id = p_session AND person_id = me.person_id AND revoked_at IS NULL AND expires_at > clock_timestamp();
  IF NOT FOUND THEN
    RAISE EXCEPTION 'session % does not exist, or has ended', p_session USING ERRCODE = 'CS404';
  END IF;
  PERFORM audit_installation('session.revoke', 'session', p_session, jsonb_build_object('person_id', me.person_id));
END $$;

-- Gives how many; nothing happens when there are none.
CREATE OR REPLACE FUNCTION revoke_other_sessions() RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me    identity := myself();
  ended int[] := end_sessions(me.person_id, me.session_id);
BEGIN
  IF cardinality(ended) > 0 THEN
    PERFORM audit_installation('session.revoke', 'person', me.person_id, jsonb_build_object('person_id', me.person_id, 'sessions', to_jsonb(ended)));
  END IF;
  RETURN cardinality(ended);
END $$;

-- By token, so that who waits for a second factor can too.
CREATE OR REPLACE FUNCTION sign_out(p_token text, p_request jsonb DEFAULT '{}') RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  s session := living_session(p_token);
BEGIN
  PERFORM note_request(p_request);
  UPDATE session SET revoked_at = clock_timestamp() WHERE id = s.id AND revoked_at IS NULL;
  IF FOUND THEN
    PERFORM audit_installation('session.sign_out', 'session', s.id, jsonb_build_object('person_id', s.person_id), '{}', s.person_id);
  END IF;
END $$;

DROP FUNCTION IF EXISTS my_workspaces();
CREATE OR REPLACE FUNCTION my_workspaces()
RETURNS TABLE (id int, name text, time_zone text, role text, flagged boolean, require_second_factor boolean, colour text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT * FROM workspaces_of((myself()).person_id, (myself()).session_id)
$$;

-- A super admin acts in this workspace for the rest of the session; its own audit says so, once.
CREATE OR REPLACE FUNCTION enter_workspace(p_workspace int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me identity := must('installation.manage');
BEGIN
  IF NOT EXISTS (SELECT FROM workspace WHERE id = p_workspace) THEN
    RAISE EXCEPTION 'workspace % does not exist', p_workspace USING ERRCODE = 'CS404';
  END IF;
  IF me.session_id IS NULL THEN
    RAISE EXCEPTION 'a workspace is entered for the rest of a session; sign in first' USING ERRCODE = 'CS409';
  END IF;
  INSERT INTO workspace_entry (session_id, workspace_id) VALUES (me.session_id, p_workspace) ON CONFLICT DO NOTHING;
  IF FOUND THEN
    PERFORM audit_row(p_workspace, me.person_id, 'super_admin', 'workspace.enter', 'workspace', p_workspace, jsonb_build_object('session_id', me.session_id), '{}');
  END IF;
END $$;

-- They sign in no more, and their sessions end now; what they did stays. Nobody disables themselves, so a super admin is left.
CREATE OR REPLACE FUNCTION disable_person(p_person int, p_reason text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me    identity := must('installation.manage');
  ended int[];
BEGIN
  IF p_person = me.person_id THEN
    RAISE EXCEPTION 'you can not disable yourself; ask another super admin' USING ERRCODE = 'CS409';
  END IF;
  IF coalesce(trim(p_reason), '') = '' THEN
    RAISE EXCEPTION 'say why' USING ERRCODE = 'CS422';
  END IF;
  -- of two who disable each other, one waits and then is disabled
  PERFORM FROM person WHERE id IN (p_person, me.person_id) ORDER BY id FOR NO KEY UPDATE;
  IF EXISTS (SELECT FROM person WHERE id = me.person_id AND (disabled_at IS NOT NULL OR NOT super_admin)) THEN
    RAISE EXCEPTION 'this session has ended; sign in again' USING ERRCODE = 'CS401';
  END IF;
  UPDATE person SET disabled_at = clock_timestamp() WHERE id = p_person AND disabled_at IS NULL;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'person % does not exist, or is disabled already', p_person USING ERRCODE = 'CS404';
  END IF;
  ended := end_sessions(p_person, NULL);
  DELETE FROM mailed_link WHERE person_id = p_person;
  DELETE FROM known_network WHERE person_id = p_person;
  PERFORM audit_installation('person.disable', 'person', p_person, jsonb_build_object('sessions', to_jsonb(ended)), jsonb_build_object('reason', p_reason));
END $$;

CREATE OR REPLACE FUNCTION enable_person(p_person int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM must('installation.manage');
  UPDATE person SET disabled_at = NULL WHERE id = p_person AND disabled_at IS NOT NULL;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'person % does not exist, or is not disabled', p_person USING ERRCODE = 'CS404';
  END IF;
  PERFORM audit_installation('person.enable', 'person', p_person);
END $$;

GRANT EXECUTE ON FUNCTION renew_session(text), my_sessions(), revoke_session(int), revoke_other_sessions(), sign_out(text, jsonb), my_workspaces(),
  enter_workspace(int), disable_person(int, text), enable_person(int) TO countersign_portal;
