-- The second factor: codes of a device (RFC 6238), and recovery codes for who has lost it. The secret is encrypted by the portal, which
-- checks the code; that a code counts once, and how often one may guess, is decided here.
--
-- A code goes: code_to_check (counts, refuses while locked) → the portal checks → spend it (give_second_factor, drop_totp), or
-- code_was_wrong. A recovery code is counted and checked in one, where it is spent.

-- A session by its token, due or not. Raises CS401 when it is not alive. It is not locked: see hold_person (rules/sign_in.sql).
CREATE OR REPLACE FUNCTION living_session(p_token text) RETURNS session
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  s session;
BEGIN
  SELECT s2.* INTO s FROM session s2 JOIN person p ON p.id = s2.person_id
   WHERE s2.token_hash = sha256(convert_to(p_token, 'UTF8')) AND s2.revoked_at IS NULL AND s2.expires_at > clock_timestamp()
     AND p.disabled_at IS NULL;
  IF s.id IS NULL THEN
    RAISE EXCEPTION 'this session has ended; sign in again' USING ERRCODE = 'CS401';
  END IF;
  RETURN s;
END $$;

-- Whose device, and what its codes are made from. No row when they have none: then there is only a passkey.
CREATE OR REPLACE FUNCTION code_to_check(p_token text, p_request jsonb) RETURNS TABLE (person_id int, secret bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  s session := living_session(p_token);
BEGIN
  PERFORM count_attempt('second_factor', s.person_id::text, s.person_id, p_request ->> 'address');
  RETURN QUERY SELECT t.person_id, t.secret FROM totp t WHERE t.person_id = s.person_id AND t.confirmed_at IS NOT NULL;
END $$;

CREATE OR REPLACE FUNCTION code_was_wrong(p_token text, p_request jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  s session := living_session(p_token);
BEGIN
  PERFORM note_request(p_request);
  PERFORM tell_lock_outs('second_factor', s.person_id::text, s.person_id, p_request ->> 'address');
END $$;

-- Takes a code that was checked, by its step, or a recovery code, by its hash: each only once. False when it was taken before or never was.
CREATE OR REPLACE FUNCTION spend_code(p_person int, p_step bigint, p_code_hash bytea, p_request jsonb) RETURNS boolean
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  taken boolean;
BEGIN
  PERFORM hold_person(p_person);
  IF p_code_hash IS NULL THEN
    UPDATE totp SET last_step = p_step WHERE person_id = p_person AND confirmed_at IS NOT NULL AND last_step < p_step;
  ELSE
    PERFORM count_attempt('second_factor', p_person::text, p_person, p_request ->> 'address');
    UPDATE recovery_code SET used_at = clock_timestamp() WHERE person_id = p_person AND hash = p_code_hash AND used_at IS NULL;
  END IF;
  taken := FOUND;
  IF taken THEN PERFORM take_back_attempt('second_factor', p_person::text, p_person, p_request ->> 'address');
  ELSE PERFORM tell_lock_outs('second_factor', p_person::text, p_person, p_request ->> 'address'); END IF;
  RETURN taken;
END $$;

-- The session has shown its second factor: it acts from now on. False: see spend_code; so the caller must not raise.
CREATE OR REPLACE FUNCTION give_second_factor(p_token text, p_step bigint, p_code_hash bytea, p_request jsonb) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  s session := living_session(p_token);
BEGIN
  PERFORM note_request(p_request);
  IF NOT spend_code(s.person_id, p_step, p_code_hash, p_request) THEN RETURN false; END IF;
  UPDATE session SET second_factor_due = false, second_factor_at = clock_timestamp(), expires_at = clock_timestamp() + interval '30 days' WHERE id = s.id;
  PERFORM note_network(s.person_id, p_request ->> 'address');
  PERFORM audit_installation('session.second_factor', 'session', s.id, jsonb_build_object('person_id', s.person_id,
    'by', CASE WHEN p_code_hash IS NULL THEN 'totp' ELSE 'recovery_code' END,
    'recovery_codes_left', (SELECT count(*) FROM recovery_code WHERE person_id = s.person_id AND used_at IS NULL)), '{}', s.person_id);
  RETURN true;
END $$;

-- Who changes how they sign in has just shown who they are: within 15 minutes, with the second factor if they have one.
CREATE OR REPLACE FUNCTION just_signed_in(p_token text, p_request jsonb) RETURNS identity
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  me identity := act(p_token, NULL, p_request);
  s  session;
BEGIN
  SELECT * INTO s FROM session WHERE id = me.session_id;
  IF greatest(s.created_at, s.second_factor_at) < clock_timestamp() - interval '15 minutes'
     OR s.second_factor_at IS NULL AND has_second_factor(me.person_id) THEN
    RAISE EXCEPTION 'for this, sign in again first, with your second factor if you have one; you then have 15 minutes' USING ERRCODE = 'CS403';
  END IF;
  RETURN me;
END $$;

-- Who holds a session that can act: for what they do with what is theirs.
CREATE OR REPLACE FUNCTION holder_of(p_token text, p_request jsonb) RETURNS TABLE (person_id int, email text, name text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me identity := act(p_token, NULL, p_request);
BEGIN
  RETURN QUERY SELECT p.id, p.email, p.name FROM person p WHERE p.id = me.person_id;
END $$;

-- Keeps the secret of a device that is being set up. It counts once a code of it has come back (confirm_totp).
CREATE OR REPLACE FUNCTION begin_totp(p_token text, p_secret bytea, p_request jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me identity := just_signed_in(p_token, p_request);
BEGIN
  INSERT INTO totp AS old (person_id, secret) VALUES (me.person_id, p_secret)
  ON CONFLICT (person_id) DO UPDATE SET secret = excluded.secret, created_at = clock_timestamp(), last_step = 0 WHERE old.confirmed_at IS NULL;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'you have a device for codes already; turn it off first' USING ERRCODE = 'CS409';
  END IF;
END $$;

CREATE OR REPLACE FUNCTION totp_to_confirm(p_token text) RETURNS TABLE (person_id int, secret bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me identity := act(p_token);
BEGIN
  RETURN QUERY SELECT t.person_id, t.secret FROM totp t WHERE t.person_id = me.person_id AND t.confirmed_at IS NULL;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no device is being set up; begin again' USING ERRCODE = 'CS409';
  END IF;
END $$;

-- p_secret: what the code was checked with; p_step: of that code, which counts only once too. This session has now shown it; the
-- person's others have to.
CREATE OR REPLACE FUNCTION confirm_totp(p_token text, p_secret bytea, p_step bigint, p_code_hashes bytea[], p_request jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me identity := just_signed_in(p_token, p_request);
BEGIN
  PERFORM hold_person(me.person_id);
  UPDATE totp SET confirmed_at = clock_timestamp(), last_step = p_step
   WHERE person_id = me.person_id AND secret = p_secret AND confirmed_at IS NULL;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no device is being set up; begin again' USING ERRCODE = 'CS409';
  END IF;
  PERFORM put_recovery_codes(me.person_id, p_code_hashes);
  UPDATE session SET second_factor_at = clock_timestamp() WHERE id = me.session_id;
  UPDATE session SET second_factor_due = true WHERE person_id = me.person_id AND second_factor_at IS NULL;
  PERFORM audit_installation('totp.enrol', 'person', me.person_id, jsonb_build_object('recovery_codes', cardinality(p_code_hashes)));
END $$;

CREATE OR REPLACE FUNCTION put_recovery_codes(p_person int, p_code_hashes bytea[]) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  DELETE FROM recovery_code WHERE person_id = p_person;
  INSERT INTO recovery_code (person_id, hash) SELECT p_person, h FROM unnest(p_code_hashes) AS h;
END $$;

-- New ones; those from before are worth nothing.
CREATE OR REPLACE FUNCTION renew_recovery_codes(p_token text, p_code_hashes bytea[], p_request jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me identity := just_signed_in(p_token, p_request);
BEGIN
  IF NOT has_second_factor(me.person_id) THEN
    RAISE EXCEPTION 'recovery codes stand in for a second factor; set one up first' USING ERRCODE = 'CS409';
  END IF;
  PERFORM hold_person(me.person_id);
  PERFORM put_recovery_codes(me.person_id, p_code_hashes);
  PERFORM audit_installation('recovery_codes.renew', 'person', me.person_id, jsonb_build_object('recovery_codes', cardinality(p_code_hashes)));
END $$;

-- Turns the device off, by one more code of it or a recovery code. False: see spend_code.
CREATE OR REPLACE FUNCTION drop_totp(p_token text, p_step bigint, p_code_hash bytea, p_request jsonb) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me identity := act(p_token, NULL, p_request);
BEGIN
  IF NOT spend_code(me.person_id, p_step, p_code_hash, p_request) THEN RETURN false; END IF;
  PERFORM forget_totp(me.person_id);
  PERFORM audit_installation('totp.drop', 'person', me.person_id,
    jsonb_build_object('by', CASE WHEN p_code_hash IS NULL THEN 'totp' ELSE 'recovery_code' END));
  RETURN true;
END $$;

CREATE OR REPLACE FUNCTION forget_totp(p_person int) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  DELETE FROM totp WHERE person_id = p_person;
  IF NOT has_second_factor(p_person) THEN
    DELETE FROM recovery_code WHERE person_id = p_person;
    -- what was shown is gone: a workspace that asks for a second factor asks again
    UPDATE session SET second_factor_at = NULL WHERE person_id = p_person;
  END IF;
END $$;

-- For who has lost device and codes: a super admin takes it off them, and they sign in anew.
CREATE OR REPLACE FUNCTION drop_totp_of(p_person int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me    identity := must('installation.manage');
  ended int[];
BEGIN
  IF p_person = me.person_id THEN
    RAISE EXCEPTION 'turn your own device off on your own page, or ask another super admin' USING ERRCODE = 'CS409';
  END IF;
  PERFORM hold_person(p_person);
  IF NOT EXISTS (SELECT FROM totp WHERE person_id = p_person AND confirmed_at IS NOT NULL) THEN
    RAISE EXCEPTION 'person % has no device for codes', p_person USING ERRCODE = 'CS404';
  END IF;
  PERFORM forget_totp(p_person);
  ended := end_sessions(p_person, NULL);
  PERFORM audit_installation('totp.drop', 'person', p_person, jsonb_build_object('by', 'super_admin', 'sessions', to_jsonb(ended)));
END $$;

-- What one's own page shows.
CREATE OR REPLACE FUNCTION my_second_factor(OUT totp_since timestamptz, OUT recovery_codes_left int)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me identity := myself();
BEGIN
  SELECT t.confirmed_at INTO totp_since FROM totp t WHERE t.person_id = me.person_id;
  SELECT count(*) INTO recovery_codes_left FROM recovery_code c WHERE c.person_id = me.person_id AND c.used_at IS NULL;
END $$;

GRANT EXECUTE ON FUNCTION code_to_check(text, jsonb), code_was_wrong(text, jsonb), give_second_factor(text, bigint, bytea, jsonb),
  holder_of(text, jsonb), begin_totp(text, bytea, jsonb), totp_to_confirm(text), confirm_totp(text, bytea, bigint, bytea[], jsonb),
  renew_recovery_codes(text, bytea[], jsonb), drop_totp(text, bigint, bytea, jsonb) TO countersign_access;
GRANT EXECUTE ON FUNCTION drop_totp_of(int), my_second_factor() TO countersign_portal;
