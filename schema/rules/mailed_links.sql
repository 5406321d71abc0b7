-- A forgotten password is set anew by a mailed link: for an hour, once. Asking for one does the same and costs the same whether there
-- is an account or not; how often one may ask is counted like attempts to sign in (rules/throttle.sql).

-- p_token_hash: SHA-256 of the token in the link. Gives whom to mail it to: always one row, null where there is nobody.
CREATE OR REPLACE FUNCTION ask_password_reset(p_email text, p_token_hash bytea, p_request jsonb) RETURNS TABLE (email text, name text, language text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  subject   text := lower(trim(p_email));
  moment    timestamptz := clock_timestamp();
  person_id int;
BEGIN
  PERFORM note_request(p_request);
  SELECT p.id, p.email, p.name, p.language INTO person_id, email, name, language FROM person p WHERE p.email = subject AND p.disabled_at IS NULL;
  PERFORM count_attempt('mail', subject, person_id, p_request ->> 'address');
  -- asked is asked, there is nothing to wait for
  PERFORM tell_lock_outs('mail', subject, person_id, p_request ->> 'address');
  PERFORM clear_away(moment);
  INSERT INTO mailed_link (token_hash, purpose, person_id, created_at, expires_at)
  VALUES (p_token_hash, 'password_reset', person_id, moment, moment + interval '1 hour');
  RETURN NEXT;
END $$;

-- Whose link it is, while it is good; nothing is used up. CS404 otherwise.
CREATE OR REPLACE FUNCTION password_reset(p_token_hash bytea) RETURNS TABLE (person_id int, email text, name text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT p.id, p.email, p.name FROM mailed_link l JOIN person p ON p.id = l.person_id
                WHERE l.token_hash = p_token_hash AND l.purpose = 'password_reset' AND l.expires_at > clock_timestamp()
                  AND p.disabled_at IS NULL;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'this link was used already, or is older than an hour; ask for a new one' USING ERRCODE = 'CS404';
  END IF;
END $$;

-- Uses the link up. All sessions of the person end, all their links too, and a lock-out of the account is over: who reads its mail is
-- who it belongs to. They sign in next, with their second factor if they have one.
CREATE OR REPLACE FUNCTION reset_password(p_token_hash bytea, p_hash text, p_request jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  owner int := (SELECT r.person_id FROM password_reset(p_token_hash) r);
  ended int[];
BEGIN
  PERFORM note_request(p_request);
  PERFORM hold_person(owner);
  DELETE FROM sign_in_throttle WHERE subject_hash IN
    (SELECT sha256(convert_to(netstrings(kind, p.email), 'UTF8')) FROM person p, unnest(ARRAY['account', 'mail']) AS kind WHERE p.id = owner);
  -- of two at once, one finds it gone
  DELETE FROM mailed_link WHERE token_hash = p_token_hash;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'this link was used already, or is older than an hour; ask for a new one' USING ERRCODE = 'CS404';
  END IF;
  PERFORM put_password(owner, p_hash);
  ended := end_sessions(owner, NULL);
  PERFORM audit_installation('password.reset', 'person', owner, jsonb_build_object('sessions', to_jsonb(ended)), '{}', owner);
END $$;

GRANT EXECUTE ON FUNCTION ask_password_reset(text, bytea, jsonb), password_reset(bytea), reset_password(bytea, text, jsonb) TO countersign_access;
