-- Members: who is in a workspace, as what. Nobody changes their own role or flag, and a workspace that has an admin keeps one.
-- Who leaves keeps their row, for their name stands under what they did; who returns gets it back.
--
-- All that changes who is in a workspace locks the workspace's row first, and then asks again whether who acts still may: of two
-- admins who demote each other at the same moment, one is no admin any more when their turn comes.

CREATE OR REPLACE FUNCTION manage_members() RETURNS identity
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  me identity := must('workspace.manage');
  p  person;
BEGIN
  PERFORM FROM workspace WHERE id = me.workspace_id FOR NO KEY UPDATE;
  SELECT * INTO p FROM person WHERE id = me.person_id;
  IF NOT may(identity_in(p, me.session_id, me.workspace_id), 'workspace.manage') THEN
    RAISE EXCEPTION 'your own role was changed just now; you no longer manage this workspace' USING ERRCODE = 'CS403';
  END IF;
  RETURN me;
END $$;

CREATE OR REPLACE FUNCTION member_here(p_person int) RETURNS membership
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
DECLARE
  m membership;
BEGIN
  SELECT * INTO m FROM membership WHERE workspace_id = (SELECT acting_workspace()) AND person_id = p_person AND left_at IS NULL;
  IF m.person_id IS NULL THEN
    RAISE EXCEPTION 'member % does not exist', p_person USING ERRCODE = 'CS404';
  END IF;
  RETURN m;
END $$;

CREATE OR REPLACE FUNCTION must_be_role(p_role text, p_moderator boolean) RETURNS void LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF p_role IS NULL OR p_role NOT IN ('author', 'moderator', 'admin') THEN
    RAISE EXCEPTION 'a role is author, moderator or admin' USING ERRCODE = 'CS422';
  ELSIF p_moderator AND p_role <> 'author' THEN
    RAISE EXCEPTION 'the moderator flag is for authors; moderators and admins may decide without it' USING ERRCODE = 'CS422';
  END IF;
END $$;

-- Refuses to take the last admin's role from them. Who is disabled is no admin that anybody could ask.
CREATE OR REPLACE FUNCTION must_leave_an_admin(m membership) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF m.role = 'admin' AND NOT EXISTS (
       SELECT FROM membership o JOIN person p ON p.id = o.person_id
        WHERE o.workspace_id = m.workspace_id AND o.person_id <> m.person_id AND o.role = 'admin' AND o.left_at IS NULL AND p.disabled_at IS NULL) THEN
    RAISE EXCEPTION 'this is the last admin of the workspace; make somebody else an admin first' USING ERRCODE = 'CS409';
  END IF;
END $$;

CREATE OR REPLACE FUNCTION member_facts(m membership) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_build_object('role', m.role, 'moderator', m.moderator)
$$;

-- The flag goes with the author's role.
CREATE OR REPLACE FUNCTION change_role(p_person int, p_role text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me  identity := manage_members();
  old membership := member_here(p_person);
  new membership;
BEGIN
  PERFORM must_be_role(p_role, false);
  IF old.person_id = me.person_id THEN
    RAISE EXCEPTION 'nobody changes their own role; ask another admin' USING ERRCODE = 'CS403';
  ELSIF old.role = p_role THEN
    RAISE EXCEPTION 'this member is % already', role_in_words(p_role, false) USING ERRCODE = 'CS409';
  END IF;
  PERFORM must_leave_an_admin(old);
  UPDATE membership SET role = p_role, moderator = false, given_by = me.person_id, given_at = clock_timestamp() WHERE workspace_id = me.workspace_id AND person_id = p_person RETURNING * INTO new;
  PERFORM audit('member.role', 'person', p_person, jsonb_build_object('before', member_facts(old), 'after', member_facts(new)));
END $$;

CREATE OR REPLACE FUNCTION set_moderator_flag(p_person int, p_moderator boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me  identity := manage_members();
  old membership := member_here(p_person);
  new membership;
BEGIN
  IF p_moderator IS NULL THEN
    RAISE EXCEPTION 'the moderator flag is set or not' USING ERRCODE = 'CS422';
  END IF;
  IF old.person_id = me.person_id THEN
    RAISE EXCEPTION 'nobody changes their own moderator flag; ask another admin' USING ERRCODE = 'CS403';
  END IF;
  -- also for taking it away: nobody else has it
  PERFORM must_be_role(old.role, true);
  IF old.moderator = p_moderator THEN
    RAISE EXCEPTION 'this author % the moderator flag already', CASE WHEN p_moderator THEN 'has' ELSE 'is without' END USING ERRCODE = 'CS409';
  END IF;
  UPDATE membership SET moderator = p_moderator, given_by = me.person_id, given_at = clock_timestamp() WHERE workspace_id = me.workspace_id AND person_id = p_person RETURNING * INTO new;
  PERFORM audit('member.flag', 'person', p_person, jsonb_build_object('before', member_facts(old), 'after', member_facts(new)));
END $$;

CREATE OR REPLACE FUNCTION remove_member(p_person int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me identity := manage_members();
  m  membership := member_here(p_person);
BEGIN
  IF m.person_id = me.person_id THEN
    RAISE EXCEPTION 'nobody removes themselves; leave the workspace instead' USING ERRCODE = 'CS409';
  END IF;
  PERFORM must_leave_an_admin(m);
  UPDATE membership SET left_at = clock_timestamp() WHERE workspace_id = m.workspace_id AND person_id = p_person;
  PERFORM audit('member.remove', 'person', p_person, jsonb_build_object('before', member_facts(m)));
END $$;

-- By oneself, in whatever workspace one acts just now, or in none.
CREATE OR REPLACE FUNCTION leave_workspace(p_workspace int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me identity := myself();
  m  membership;
BEGIN
  PERFORM FROM workspace WHERE id = p_workspace FOR NO KEY UPDATE;
  SELECT * INTO m FROM membership WHERE workspace_id = p_workspace AND person_id = me.person_id AND left_at IS NULL;
  IF m.person_id IS NULL THEN
    RAISE EXCEPTION 'workspace % does not exist, or you are not in it', p_workspace USING ERRCODE = 'CS404';
  END IF;
  PERFORM must_leave_an_admin(m);
  UPDATE membership SET left_at = clock_timestamp() WHERE workspace_id = p_workspace AND person_id = me.person_id;
  PERFORM audit_row(p_workspace, me.person_id, m.role, 'member.leave', 'person', me.person_id, jsonb_build_object('before', member_facts(m)), '{}');
END $$;

-- Internal, with the workspace locked: makes somebody a member, anew or again. What else is open for them there is closed.
CREATE OR REPLACE FUNCTION put_member(p_workspace int, p_person int, p_role text, p_moderator boolean, p_by int) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO membership AS old (workspace_id, person_id, role, moderator, given_by) VALUES (p_workspace, p_person, p_role, p_moderator, p_by)
  ON CONFLICT (workspace_id, person_id) DO UPDATE SET role = excluded.role, moderator = excluded.moderator, left_at = NULL,
         given_by = excluded.given_by, given_at = clock_timestamp()
   WHERE old.left_at IS NOT NULL;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'member already; an admin can change the role' USING ERRCODE = 'CS409';
  END IF;
  UPDATE invitation i SET revoked_at = clock_timestamp() FROM person p
   WHERE p.id = p_person AND i.workspace_id = p_workspace AND i.email = p.email AND i.accepted_at IS NULL AND i.revoked_at IS NULL;
  UPDATE join_request SET decided_by = p_by, decided_at = clock_timestamp(), accepted = true
   WHERE workspace_id = p_workspace AND person_id = p_person AND decided_at IS NULL;
END $$;

-- How the members of the workspace acted in sign in, for who manages it and asks for second factors or signed approvals there. last_seen:
-- when somebody last signed in or their session was renewed, which it is about every two weeks; null: not yet.
CREATE OR REPLACE FUNCTION member_sign_ins() RETURNS TABLE (person_id int, second_factor boolean, passkey boolean, last_seen timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT m.person_id, has_second_factor(m.person_id),
         EXISTS (SELECT FROM passkey k WHERE k.person_id = m.person_id AND k.revoked_at IS NULL),
         (SELECT max(greatest(s.created_at, s.expires_at - interval '30 days')) FROM session s
           WHERE s.person_id = m.person_id AND NOT s.second_factor_due)
    FROM membership m
   WHERE m.workspace_id = (SELECT acting_workspace()) AND m.left_at IS NULL AND (SELECT may_manage_workspace())
$$;

GRANT EXECUTE ON FUNCTION change_role(int, text), set_moderator_flag(int, boolean), remove_member(int), leave_workspace(int), member_sign_ins()
  TO countersign_portal;
