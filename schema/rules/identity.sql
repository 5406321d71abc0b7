-- Identity can't be set, only shown: a transaction begins with `act`, which takes a living session's token and notes who acts
-- where. Policies, acts and audit read only that.
--
-- The note is a setting of the transaction, which any role may write; so it carries a keyed hash of itself, of the backend and
-- of the transaction's start, under a key that only the owner reads. One that is forged, or a true one said again in another
-- connection or at another moment, is nobody. (Transactions that came in one message begin at the same moment: who sends
-- `BEGIN; act; COMMIT; BEGIN` at once stays who they showed that they are until the message ends.)

INSERT INTO identity_key (key)
SELECT sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())) ON CONFLICT DO NOTHING;

-- HMAC in shape (RFC 2104): the outer hash is over a hash, so that nothing can be appended.
CREATE OR REPLACE FUNCTION identity_seal(p_identity text) RETURNS text
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT encode(sha256(k.key || sha256(k.key || convert_to(
           p_identity || '|' || pg_backend_pid() || '|' || extract(epoch FROM transaction_timestamp()), 'UTF8'))), 'hex')
    FROM identity_key k
$$;

CREATE OR REPLACE FUNCTION note_identity(me identity, p_request jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  shown text := array_to_string(ARRAY[me.person_id::text, me.workspace_id::text, me.role, me.flagged::text, me.session_id::text], '|', '');
BEGIN
  PERFORM set_config('countersign.identity', shown || '|' || identity_seal(shown), true);
  -- from where: the portal's word, which audit keeps as such
  PERFORM set_config('countersign.request', coalesce(p_request, '{}')::text, true);
END $$;

-- Takes a session's token and the workspace to act in (null: none, only oneself; a super admin then looks at all). p_request:
-- {"address", "agent", "request_id"}. Raises CS401 when the session is not alive or lacks its second factor, CS404 when the
-- workspace is not theirs: in the same words as one that does not exist.
CREATE OR REPLACE FUNCTION act(p_token text, p_workspace int DEFAULT NULL, p_request jsonb DEFAULT '{}') RETURNS identity
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  s  session;
  p  person;
  me identity;
BEGIN
  -- an older snapshot would not know who has been disabled or removed meanwhile; who only reads does no harm with it
  IF current_setting('transaction_isolation') <> 'read committed' AND current_setting('transaction_read_only') <> 'on' THEN
    RAISE EXCEPTION 'whoever acts does so in a transaction that is READ COMMITTED; REPEATABLE READ is for reading only' USING ERRCODE = 'CS409';
  END IF;
  SELECT * INTO s FROM session WHERE token_hash = sha256(convert_to(p_token, 'UTF8'));
  SELECT * INTO p FROM person WHERE id = s.person_id;
  IF s.id IS NULL OR s.revoked_at IS NOT NULL OR s.expires_at <= clock_timestamp() OR p.disabled_at IS NOT NULL THEN
    RAISE EXCEPTION 'this session has ended; sign in again' USING ERRCODE = 'CS401';
  END IF;
  IF s.second_factor_due THEN
    RAISE EXCEPTION 'this session waits for its second factor; give the code of your device' USING ERRCODE = 'CS401';
  END IF;
  me := identity_in(p, s.id, p_workspace);
  IF s.second_factor_at IS NULL AND EXISTS (SELECT FROM workspace w WHERE w.id = p_workspace AND w.require_second_factor) THEN
    RAISE EXCEPTION 'this workspace asks for a second factor; set one up on your own page, then sign in with it' USING ERRCODE = 'CS401';
  END IF;
  PERFORM note_identity(me, p_request);
  RETURN me;
END $$;

-- What a person is in a workspace now. A super admin who is no member acts there after entering it (`enter_workspace`).
CREATE OR REPLACE FUNCTION identity_in(p person, p_session int, p_workspace int) RETURNS identity
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
DECLARE
  m       membership;
  entered boolean;
BEGIN
  IF p_workspace IS NULL THEN
    RETURN (p.id, NULL, CASE WHEN p.super_admin THEN 'super_admin' ELSE 'person' END, false, p_session)::identity;
  END IF;
  entered := p.super_admin AND EXISTS (SELECT FROM workspace_entry e WHERE e.session_id = p_session AND e.workspace_id = p_workspace);
  SELECT * INTO m FROM membership WHERE workspace_id = p_workspace AND person_id = p.id AND left_at IS NULL;
  IF NOT entered AND m.person_id IS NULL THEN
    RAISE EXCEPTION 'workspace % does not exist, or you are not in it', p_workspace USING ERRCODE = 'CS404';
  ELSIF EXISTS (SELECT FROM workspace w WHERE w.id = p_workspace AND w.archived_at IS NOT NULL) THEN
    RAISE EXCEPTION 'this workspace is archived, and nobody acts in it; a super admin can restore it' USING ERRCODE = 'CS409';
  ELSIF entered THEN
    RETURN (p.id, p_workspace, 'super_admin', false, p_session)::identity;
  END IF;
  RETURN (p.id, p_workspace, m.role, m.moderator, p_session)::identity;
END $$;

-- The owner's own way, for its command line and its tests: nobody else may call it.
CREATE OR REPLACE FUNCTION act_as(p_person int, p_workspace int DEFAULT NULL) RETURNS identity
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  p  person;
  me identity;
BEGIN
  SELECT * INTO p FROM person WHERE id = p_person;
  me := identity_in(p, NULL, p_workspace);
  PERFORM note_identity(me, '{"agent": "owner"}');
  RETURN me;
END $$;

-- Who acts: all null when nobody does. Restricted: a parallel worker is another backend, and would be nobody.
CREATE OR REPLACE FUNCTION acting() RETURNS identity
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  noted text[] := string_to_array(current_setting('countersign.identity', true), '|', '');
BEGIN
  IF cardinality(noted) = 6 AND noted[6] = identity_seal(array_to_string(noted[:5], '|', '')) THEN
    RETURN (noted[1]::int, noted[2]::int, noted[3], noted[4]::boolean, noted[5]::int)::identity;
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION acting_person() RETURNS int
LANGUAGE sql STABLE PARALLEL RESTRICTED SET search_path = public, pg_temp AS $$ SELECT (acting()).person_id $$;

CREATE OR REPLACE FUNCTION acting_workspace() RETURNS int
LANGUAGE sql STABLE PARALLEL RESTRICTED SET search_path = public, pg_temp AS $$ SELECT (acting()).workspace_id $$;

-- Whether who acts is still who they showed to be: people are disabled, removed and given other roles while a transaction is open.
CREATE OR REPLACE FUNCTION must_still_be(me identity) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
BEGIN
  -- the owner acts for somebody without a session
  IF me.session_id IS NULL THEN RETURN; END IF;
  IF NOT EXISTS (SELECT FROM session s JOIN person p ON p.id = s.person_id
                  WHERE s.id = me.session_id AND s.revoked_at IS NULL AND s.expires_at > clock_timestamp() AND p.disabled_at IS NULL
                    AND (p.super_admin OR me.role <> 'super_admin')) THEN
    RAISE EXCEPTION 'this session has ended; sign in again' USING ERRCODE = 'CS401';
  END IF;
  IF me.workspace_id IS NULL THEN RETURN; END IF;
  IF EXISTS (SELECT FROM workspace w WHERE w.id = me.workspace_id AND w.archived_at IS NOT NULL)
     OR me.role <> 'super_admin' AND NOT EXISTS (
          SELECT FROM membership m WHERE m.workspace_id = me.workspace_id AND m.person_id = me.person_id AND m.left_at IS NULL
             AND m.role = me.role AND m.moderator = me.flagged) THEN
    RAISE EXCEPTION 'what you may do here was changed just now; load the page again' USING ERRCODE = 'CS403';
  END IF;
END $$;

-- The workspaces whose rows may be read: the one acted in; all, and the installation's own chain (0), in Master, but for those that ask
-- for a second factor from who has shown none.
CREATE OR REPLACE FUNCTION visible_workspaces() RETURNS int[]
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me identity := acting();
BEGIN
  IF me.workspace_id IS NOT NULL THEN RETURN ARRAY[me.workspace_id]; END IF;
  IF me.role = 'super_admin' THEN
    RETURN ARRAY(SELECT w.id FROM workspace w
                  WHERE NOT w.require_second_factor OR me.session_id IS NULL
                     OR EXISTS (SELECT FROM session s WHERE s.id = me.session_id AND s.second_factor_at IS NOT NULL)) || 0;
  END IF;
  RETURN '{}';
END $$;

-- Whether nobody needs to act for what is asked: the engine asks, or the owner by hand. Asked inside functions of the owner, where
-- the current user is the owner and the session's is who logged in.
CREATE OR REPLACE FUNCTION is_the_system() RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT session_user IN (current_user, 'countersign_engine')
$$;

-- For functions of the owner that read on somebody's behalf: raises CS404 unless the rows may be read. The owner itself and the engine,
-- which serves all workspaces, are let in by what they were granted; everybody else has to be somebody.
CREATE OR REPLACE FUNCTION must_see(p_workspace int, p_what text) RETURNS void
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT is_the_system() AND coalesce(p_workspace <> ALL (visible_workspaces()), true) THEN
    RAISE EXCEPTION '% does not exist', p_what USING ERRCODE = 'CS404';
  END IF;
END $$;

GRANT EXECUTE ON FUNCTION act(text, int, jsonb), acting(), acting_person(), acting_workspace(), visible_workspaces() TO countersign_portal;
