-- Invitations: an admin says whom, as what; the link that is mailed is good once, for seven days, and for that address alone. Its token
-- is made by the caller and known here by its SHA-256. So an admin who invites could open the letter: what keeps them from being their own
-- second pair of eyes is that those to whom a maker gave a role after a campaign was begun can't approve it (four_eyes.sql), and the audit.

-- Gives what the mail has to say.
CREATE OR REPLACE FUNCTION invite(p_email text, p_role text, p_moderator boolean, p_token_hash bytea, OUT invitation_id int, OUT email text,
  OUT workspace text, OUT invited_by text, OUT expires_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me       identity := manage_members();
  flag     boolean := coalesce(p_moderator, false);
  replaced int;
BEGIN
  email := email_address(p_email);
  PERFORM must_be_role(p_role, flag);
  IF EXISTS (SELECT FROM membership m JOIN person p ON p.id = m.person_id
              WHERE m.workspace_id = me.workspace_id AND m.left_at IS NULL AND p.email = invite.email) THEN
    RAISE EXCEPTION '% is a member of this workspace already', email USING ERRCODE = 'CS409';
  END IF;
  UPDATE invitation i SET revoked_at = clock_timestamp()
   WHERE i.workspace_id = me.workspace_id AND i.email = invite.email AND i.accepted_at IS NULL AND i.revoked_at IS NULL RETURNING i.id INTO replaced;
  INSERT INTO invitation AS i (workspace_id, email, role, moderator, token_hash, invited_by, expires_at)
  VALUES (me.workspace_id, invite.email, p_role, flag, p_token_hash, me.person_id, clock_timestamp() + interval '7 days')
  RETURNING i.id, i.expires_at INTO invitation_id, invite.expires_at;
  SELECT w.name INTO workspace FROM workspace w WHERE w.id = me.workspace_id;
  SELECT p.name INTO invited_by FROM person p WHERE p.id = me.person_id;
  PERFORM audit('member.invite', 'invitation', invitation_id,
    jsonb_build_object('role', p_role, 'moderator', flag, 'expires_at', to_jsonb(invite.expires_at), 'replaces', replaced), jsonb_build_object('email', email));
END $$;

-- As it is kept: small letters, nothing around it. That it can be reached, the mail shows.
CREATE OR REPLACE FUNCTION email_address(p_email text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  email text := lower(trim(p_email));
BEGIN
  -- RFC 5321, 4.5.3.1.3: 254 fit into a path
  IF email IS NULL OR email !~ '^[^@[:space:][:cntrl:]]+@[^@[:space:][:cntrl:]]+$' OR length(email) > 254 THEN
    RAISE EXCEPTION '“%” is no e-mail address', coalesce(email, '') USING ERRCODE = 'CS422';
  END IF;
  RETURN email;
END $$;

CREATE OR REPLACE FUNCTION revoke_invitation(p_invitation int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me identity := manage_members();
  i  invitation;
BEGIN
  SELECT * INTO i FROM invitation WHERE id = p_invitation AND workspace_id = me.workspace_id;
  IF i.id IS NULL THEN
    RAISE EXCEPTION 'invitation % does not exist', p_invitation USING ERRCODE = 'CS404';
  ELSIF i.accepted_at IS NOT NULL THEN
    RAISE EXCEPTION 'this invitation was accepted already; remove the member instead' USING ERRCODE = 'CS409';
  ELSIF i.revoked_at IS NOT NULL THEN
    RAISE EXCEPTION 'this invitation was taken back already' USING ERRCODE = 'CS409';
  END IF;
  UPDATE invitation SET revoked_at = clock_timestamp() WHERE id = i.id;
  PERFORM audit('member.uninvite', 'invitation', i.id, jsonb_build_object('role', i.role, 'moderator', i.moderator), jsonb_build_object('email', i.email));
END $$;

-- An invitation that can be accepted now. p_lock: with its workspace, then itself, locked.
CREATE OR REPLACE FUNCTION living_invitation(p_token text, p_lock boolean) RETURNS invitation
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  hash bytea := sha256(convert_to(p_token, 'UTF8'));
  i    invitation;
BEGIN
  IF p_lock THEN
    PERFORM FROM workspace w WHERE w.id = (SELECT x.workspace_id FROM invitation x WHERE x.token_hash = hash) FOR NO KEY UPDATE;
  END IF;
  SELECT * INTO i FROM invitation WHERE token_hash = hash;
  IF i.id IS NULL THEN
    RAISE EXCEPTION 'this invitation does not exist; open the link as it was mailed' USING ERRCODE = 'CS404';
  ELSIF i.accepted_at IS NOT NULL THEN
    RAISE EXCEPTION 'this invitation was used already; sign in' USING ERRCODE = 'CS409';
  ELSIF i.revoked_at IS NOT NULL THEN
    RAISE EXCEPTION 'this invitation was taken back, or a newer one was sent; look for that, or ask whoever invited you' USING ERRCODE = 'CS409';
  ELSIF i.expires_at <= clock_timestamp() THEN
    RAISE EXCEPTION 'this invitation is older than seven days; ask for a new one' USING ERRCODE = 'CS409';
  ELSIF EXISTS (SELECT FROM workspace w WHERE w.id = i.workspace_id AND w.archived_at IS NOT NULL) THEN
    RAISE EXCEPTION 'the workspace that you were invited to is archived' USING ERRCODE = 'CS409';
  -- or who is removed could have invited themselves beforehand, under another address
  ELSIF NOT EXISTS (SELECT FROM person p LEFT JOIN membership m ON m.workspace_id = i.workspace_id AND m.person_id = p.id AND m.left_at IS NULL
                     WHERE p.id = i.invited_by AND p.disabled_at IS NULL AND (p.super_admin OR m.role = 'admin')) THEN
    RAISE EXCEPTION 'whoever invited you no longer manages this workspace; ask one of its admins for a new invitation' USING ERRCODE = 'CS409';
  END IF;
  RETURN i;
END $$;

-- What the page says before anybody accepts: for whoever has the link.
CREATE OR REPLACE FUNCTION invitation_behind(p_token text) RETURNS TABLE (email text, workspace text, invited_by text, role text, moderator boolean,
  expires_at timestamptz, has_account boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  i invitation := living_invitation(p_token, false);
BEGIN
  RETURN QUERY SELECT i.email, w.name, p.name, i.role, i.moderator, i.expires_at, EXISTS (SELECT FROM person x WHERE x.email = i.email)
                 FROM workspace w, person p WHERE w.id = i.workspace_id AND p.id = i.invited_by;
END $$;

CREATE OR REPLACE FUNCTION use_invitation(i invitation, p_person int) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE invitation SET accepted_at = clock_timestamp(), accepted_by = p_person WHERE id = i.id;
  PERFORM put_member(i.workspace_id, p_person, i.role, i.moderator, i.invited_by);
  -- it was given when it was written, not when it was opened
  UPDATE membership SET given_at = i.created_at WHERE workspace_id = i.workspace_id AND person_id = p_person;
  PERFORM audit_row(i.workspace_id, p_person, 'person', 'member.join', 'person', p_person,
    jsonb_build_object('invitation_id', i.id, 'invited_by', i.invited_by, 'after', jsonb_build_object('role', i.role, 'moderator', i.moderator)), '{}');
END $$;

-- By who is signed in under the address that was invited. Gives the workspace.
CREATE OR REPLACE FUNCTION accept_invitation(p_token text) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me identity := myself();
  i  invitation := living_invitation(p_token, true);
BEGIN
  IF NOT EXISTS (SELECT FROM person p WHERE p.id = me.person_id AND p.email = i.email) THEN
    RAISE EXCEPTION 'this invitation was sent to another address than yours; sign in with the account of that address' USING ERRCODE = 'CS403';
  END IF;
  PERFORM use_invitation(i, me.person_id);
  RETURN i.workspace_id;
END $$;

-- By somebody new, whose account this makes; p_hash: argon2id, made by the access role. Gives the person, who can then be signed in:
-- who holds the token was given it by mail, or by whoever invited.
CREATE OR REPLACE FUNCTION accept_invitation_as_new(p_token text, p_name text, p_hash text, p_request jsonb DEFAULT '{}') RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  i      invitation := living_invitation(p_token, true);
  joined person;
BEGIN
  PERFORM note_request(p_request);
  joined := put_person(i.email, p_name);
  PERFORM put_password(joined.id, p_hash);
  PERFORM audit_installation('person.create', 'person', joined.id, jsonb_build_object('invitation_id', i.id), '{}', joined.id);
  PERFORM use_invitation(i, joined.id);
  RETURN joined.id;
END $$;

-- Asked by policies, once a statement.
CREATE OR REPLACE FUNCTION may_manage_workspace() RETURNS boolean
LANGUAGE sql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT may(acting(), 'workspace.manage')
$$;

GRANT EXECUTE ON FUNCTION invite(text, text, boolean, bytea), revoke_invitation(int), accept_invitation(text), may_manage_workspace()
  TO countersign_portal;
GRANT EXECUTE ON FUNCTION invitation_behind(text), accept_invitation_as_new(text, text, text, jsonb) TO countersign_access;

CREATE POLICY managed ON invitation FOR SELECT TO countersign_portal
  USING (workspace_id = ANY ((SELECT visible_workspaces())::int[]) AND (SELECT may_manage_workspace()));
