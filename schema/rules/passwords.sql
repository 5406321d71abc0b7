-- A password is kept as an argon2id hash that the access role makes; here is who may change it, and what ends when it does.

-- Internal: gives a person this password, their first or a new one.
CREATE OR REPLACE FUNCTION put_password(p_person int, p_hash text) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO password (person_id, hash) VALUES (p_person, p_hash)
  ON CONFLICT (person_id) DO UPDATE SET hash = excluded.hash, changed_at = clock_timestamp();
  -- who knew the old one may have asked for a link, or signed in from somewhere
  DELETE FROM mailed_link WHERE person_id = p_person;
  DELETE FROM known_network WHERE person_id = p_person;
END $$;

-- The same password under newer parameters. Nothing happens when it was changed meanwhile.
CREATE OR REPLACE FUNCTION rehash_password(p_person int, p_old_hash text, p_hash text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE password SET hash = p_hash WHERE person_id = p_person AND hash = p_old_hash
$$;

-- A change asks for the old one: password_to_change (counts, refuses while locked) → the portal checks → change_password, or
-- old_password_was_wrong. CS409 for who has none: they are mailed a link.
CREATE OR REPLACE FUNCTION password_to_change(p_token text, p_request jsonb) RETURNS TABLE (person_id int, email text, name text, hash text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me identity := act(p_token, NULL, p_request);
BEGIN
  PERFORM count_attempt('old_password', me.person_id::text, me.person_id, p_request ->> 'address');
  RETURN QUERY SELECT p.id, p.email, p.name, w.hash FROM person p JOIN password w ON w.person_id = p.id WHERE p.id = me.person_id;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'you have no password yet; ask for a link to set one' USING ERRCODE = 'CS409';
  END IF;
END $$;

CREATE OR REPLACE FUNCTION old_password_was_wrong(p_token text, p_request jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me identity := act(p_token, NULL, p_request);
BEGIN
  PERFORM tell_lock_outs('old_password', me.person_id::text, me.person_id, p_request ->> 'address');
END $$;

-- p_old_hash: what was checked. All other sessions of the person end.
CREATE OR REPLACE FUNCTION change_password(p_token text, p_old_hash text, p_hash text, p_request jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me    identity := act(p_token, NULL, p_request);
  ended int[];
BEGIN
  PERFORM hold_person(me.person_id);
  PERFORM FROM password WHERE person_id = me.person_id AND hash = p_old_hash;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'your password was changed meanwhile; sign in with the new one' USING ERRCODE = 'CS409';
  END IF;
  PERFORM take_back_attempt('old_password', me.person_id::text, me.person_id, p_request ->> 'address');
  PERFORM put_password(me.person_id, p_hash);
  PERFORM note_network(me.person_id, p_request ->> 'address');
  ended := end_sessions(me.person_id, me.session_id);
  PERFORM audit_installation('password.change', 'person', me.person_id, jsonb_build_object('sessions', to_jsonb(ended)));
END $$;

GRANT EXECUTE ON FUNCTION rehash_password(int, text, text), password_to_change(text, jsonb), old_password_was_wrong(text, jsonb),
  change_password(text, text, text, jsonb) TO countersign_access;
