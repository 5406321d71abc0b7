-- Passkeys: offered, enrolled, used, named, revoked. The access role looks at what a device signed (portal/access) and is
-- believed in that alone: whether a challenge was given out and not answered yet, whose session it is, whether a key still
-- counts and what is kept of it, is decided here.
--
-- A challenge is good for one answer within five minutes, for one purpose, and in the session that asked for it.

-- p_email: whom a sign-in is asked for, whether there is such a person or not.
CREATE OR REPLACE FUNCTION give_challenge(p_purpose text, p_challenge bytea, p_session int, p_email text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  -- what nobody answered goes, some at each new one, so that there are never many more than five minutes make
  DELETE FROM webauthn_challenge WHERE id IN
    (SELECT id FROM webauthn_challenge WHERE expires_at < clock_timestamp() ORDER BY expires_at LIMIT 20 FOR UPDATE SKIP LOCKED);
  INSERT INTO webauthn_challenge (challenge, purpose, session_id, email, expires_at)
  VALUES (p_challenge, p_purpose, p_session, lower(trim(p_email)), clock_timestamp() + interval '5 minutes')
  ON CONFLICT (challenge, session_id) DO UPDATE SET expires_at = excluded.expires_at;
END $$;

-- 244 random bits of the server's strong source.
CREATE OR REPLACE FUNCTION random_challenge() RETURNS bytea LANGUAGE sql VOLATILE AS $$
  SELECT uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())
$$;

-- The keys of a person that count, as a browser is told of them.
CREATE OR REPLACE FUNCTION keys_of(p_person int) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object('id', k.credential_id, 'transports', k.transports) ORDER BY k.id), '[]')
    FROM passkey k WHERE k.person_id = p_person AND k.revoked_at IS NULL
$$;

-- For who has just signed in (rules/second_factor.sql): a key is a lasting way in, so it isn't given to who walks past a screen that
-- was left open, nor to who found out a password and has not the second factor that there is.
-- Gives {"challenge", "user_handle": base64url, "email", "name", "keys": [{"id", "transports"}]}.
CREATE OR REPLACE FUNCTION begin_enrolment(p_token text, p_request jsonb DEFAULT '{}') RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me        identity := just_signed_in(p_token, p_request);
  challenge bytea := random_challenge();
BEGIN
  PERFORM give_challenge('enrol', challenge, me.session_id);
  RETURN (SELECT jsonb_build_object('challenge', base64url(challenge), 'user_handle', base64url(p.user_handle), 'email', p.email,
                                    'name', p.name, 'keys', keys_of(p.id))
            FROM person p WHERE p.id = me.person_id);
END $$;

-- For one address, or (null) for whoever has a key; the answer is the same whether there is anybody. base64url.
CREATE OR REPLACE FUNCTION begin_passkey_sign_in(p_email text DEFAULT NULL) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  challenge bytea := random_challenge();
BEGIN
  PERFORM give_challenge('sign_in', challenge, NULL, p_email);
  RETURN base64url(challenge);
END $$;

-- Takes what `decision_challenge` gave; gives the keys that may sign it: [{"id", "transports"}].
CREATE OR REPLACE FUNCTION begin_signing(p_token text, p_challenge bytea) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me   identity := act(p_token);
  keys jsonb := keys_of(me.person_id);
BEGIN
  IF keys = '[]' THEN
    RAISE EXCEPTION 'you have no passkey to sign with; add one on your own page' USING ERRCODE = 'CS403';
  END IF;
  PERFORM give_challenge('decide', p_challenge, me.session_id);
  RETURN keys;
END $$;

-- Takes a challenge that somebody answered, so that nobody answers it again, whatever comes of it. p_token: of the session that
-- asked; null for a sign-in. Gives whom a sign-in was asked for, if anybody. CS409 when it was not given out, or is used or too old.
CREATE OR REPLACE FUNCTION take_challenge(p_purpose text, p_challenge bytea, p_token text DEFAULT NULL) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me    identity;
  taken webauthn_challenge;
BEGIN
  IF p_purpose <> 'sign_in' THEN me := act(p_token); END IF;
  DELETE FROM webauthn_challenge
   WHERE challenge = p_challenge AND session_id IS NOT DISTINCT FROM me.session_id AND purpose = p_purpose AND expires_at > clock_timestamp()
  RETURNING * INTO taken;
  IF taken.id IS NULL THEN
    RAISE EXCEPTION 'this was answered already, or took longer than five minutes; try again' USING ERRCODE = 'CS409';
  END IF;
  RETURN taken.email;
END $$;

-- The key that says it signed, to check that with; no row when there is none that counts. p_token: it is that person's; p_email:
-- or theirs who have this address.
CREATE OR REPLACE FUNCTION passkey_to_check(p_credential_id text, p_token text DEFAULT NULL, p_email text DEFAULT NULL)
RETURNS TABLE (passkey_id int, public_key text, user_handle text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me identity;
BEGIN
  IF p_token IS NOT NULL THEN me := act(p_token); END IF;
  RETURN QUERY SELECT k.id, base64url(k.public_key), base64url(p.user_handle)
                 FROM passkey k JOIN person p ON p.id = k.person_id
                WHERE k.credential_id = p_credential_id AND k.revoked_at IS NULL
                  AND (p_token IS NULL OR k.person_id = me.person_id) AND (p_email IS NULL OR p.email = p_email);
END $$;

-- Keeps a key whose registration was checked; gives its id. This session has now shown it; the person's others have to.
CREATE OR REPLACE FUNCTION enrol_passkey(p_token text, p_credential_id text, p_public_key bytea, p_sign_count bigint, p_transports text[],
  p_name text, p_request jsonb DEFAULT '{}') RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me identity := just_signed_in(p_token, p_request);
  k  passkey;
BEGIN
  INSERT INTO passkey (person_id, credential_id, public_key, sign_count, transports, name)
  VALUES (me.person_id, p_credential_id, p_public_key, p_sign_count, p_transports, passkey_name(p_name))
  RETURNING * INTO k;
  UPDATE session SET second_factor_at = clock_timestamp() WHERE id = me.session_id;
  UPDATE session SET second_factor_due = true WHERE person_id = me.person_id AND second_factor_at IS NULL;
  PERFORM audit_installation('passkey.enrol', 'passkey', k.id, jsonb_build_object('person_id', k.person_id,
    'credential_id', k.credential_id, 'public_key', base64url(k.public_key)), jsonb_build_object('after', jsonb_build_object('name', k.name)));
  RETURN k.id;
EXCEPTION WHEN unique_violation THEN
  RAISE EXCEPTION 'this passkey is enrolled already' USING ERRCODE = 'CS409';
END $$;

CREATE OR REPLACE FUNCTION passkey_name(p_name text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF coalesce(length(trim(p_name)) NOT BETWEEN 1 AND 100, true) THEN
    RAISE EXCEPTION 'give the passkey a name of up to 100 characters, such as the device it is on' USING ERRCODE = 'CS422';
  END IF;
  RETURN trim(p_name);
END $$;

-- Notes a use that was checked. A device that counts counts up (WebAuthn Level 2, 6.1.1): where it does not, two devices may
-- hold the key; then false, and the audit says so, so the caller must not raise but give up.
CREATE OR REPLACE FUNCTION note_passkey_use(p_passkey int, p_sign_count bigint) RETURNS boolean
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  k passkey;
BEGIN
  SELECT * INTO k FROM passkey WHERE id = p_passkey AND revoked_at IS NULL FOR NO KEY UPDATE;
  IF k.id IS NULL THEN
    RAISE EXCEPTION 'this passkey is not known here, or was removed' USING ERRCODE = 'CS403';
  END IF;
  IF p_sign_count <= k.sign_count AND (p_sign_count, k.sign_count) <> (0, 0) THEN
    PERFORM audit_installation('passkey.suspect', 'passkey', k.id, jsonb_build_object('person_id', k.person_id,
      'before', jsonb_build_object('sign_count', k.sign_count), 'after', jsonb_build_object('sign_count', p_sign_count)), '{}', k.person_id);
    RETURN false;
  END IF;
  UPDATE passkey SET sign_count = p_sign_count, used_at = clock_timestamp() WHERE id = k.id;
  RETURN true;
END $$;

-- Opens a session for whose key it is: with both factors, since the device has asked who holds it. False: see note_passkey_use.
CREATE OR REPLACE FUNCTION sign_in_with_passkey(p_passkey int, p_sign_count bigint, p_token_hash bytea, p_address text, p_agent text)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM note_request(jsonb_build_object('address', p_address, 'agent', p_agent));
  IF NOT note_passkey_use(p_passkey, p_sign_count) THEN RETURN false; END IF;
  PERFORM open_session((SELECT person_id FROM passkey WHERE id = p_passkey), p_token_hash, 'passkey', true, p_address, p_agent);
  RETURN true;
END $$;

-- Keeps a signature that was checked, for a decision; gives its id, or null: see note_passkey_use.
CREATE OR REPLACE FUNCTION keep_assertion(p_token text, p_passkey int, p_sign_count bigint, p_challenge bytea, p_client_data_json bytea,
  p_authenticator_data bytea, p_signature bytea, p_rp_id text, p_origin text, p_request jsonb DEFAULT '{}') RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me  identity := act(p_token, NULL, p_request);
  new int;
BEGIN
  IF NOT EXISTS (SELECT FROM passkey WHERE id = p_passkey AND person_id = me.person_id) THEN
    RAISE EXCEPTION 'this passkey is not known here, or was removed' USING ERRCODE = 'CS403';
  END IF;
  IF (convert_from(p_client_data_json, 'UTF8')::jsonb ->> 'challenge') IS DISTINCT FROM base64url(p_challenge) THEN
    RAISE EXCEPTION 'this signature is for something else; sign again' USING ERRCODE = 'CS403';
  END IF;
  IF NOT note_passkey_use(p_passkey, p_sign_count) THEN RETURN NULL; END IF;
  INSERT INTO assertion (person_id, passkey_id, challenge, client_data_json, authenticator_data, signature, rp_id, origin)
  VALUES (me.person_id, p_passkey, p_challenge, p_client_data_json, p_authenticator_data, p_signature, p_rp_id, p_origin)
  RETURNING id INTO new;
  RETURN new;
END $$;

CREATE OR REPLACE FUNCTION my_passkeys() RETURNS TABLE (id int, name text, created_at timestamptz, used_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT k.id, k.name, k.created_at, k.used_at FROM passkey k WHERE k.person_id = (myself()).person_id AND k.revoked_at IS NULL ORDER BY k.id
$$;

-- A key that counts, locked: one's own; p_anybodys: or, for a super admin, anybody's.
CREATE OR REPLACE FUNCTION passkey_within_reach(p_passkey int, p_anybodys boolean) RETURNS passkey
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  me identity := myself();
  k  passkey;
BEGIN
  SELECT * INTO k FROM passkey WHERE id = p_passkey AND revoked_at IS NULL AND (person_id = me.person_id OR p_anybodys AND may(me, 'installation.manage'))
     FOR NO KEY UPDATE;
  IF k.id IS NULL THEN
    RAISE EXCEPTION 'passkey % does not exist, or was removed', p_passkey USING ERRCODE = 'CS404';
  END IF;
  RETURN k;
END $$;

CREATE OR REPLACE FUNCTION rename_passkey(p_passkey int, p_name text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  k   passkey := passkey_within_reach(p_passkey, false);
  new text := passkey_name(p_name);
BEGIN
  UPDATE passkey SET name = new WHERE id = k.id;
  PERFORM audit_installation('passkey.rename', 'passkey', k.id, jsonb_build_object('person_id', k.person_id),
    jsonb_build_object('before', jsonb_build_object('name', k.name), 'after', jsonb_build_object('name', new)));
END $$;

-- From now on it signs nothing; what it has signed stands. One's own goes from a session with a second factor, else a password
-- that was found out could take the key away and put another in its place; who has lost theirs asks a super admin, and signs in
-- anew.
CREATE OR REPLACE FUNCTION revoke_passkey(p_passkey int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me    identity := myself();
  k     passkey := passkey_within_reach(p_passkey, true);
  ended int[] := '{}';
BEGIN
  -- of two keys that go at once, the second waits here and then counts
  PERFORM FROM person WHERE id = k.person_id FOR NO KEY UPDATE;
  IF k.person_id = me.person_id AND EXISTS (SELECT FROM session s WHERE s.id = me.session_id AND s.second_factor_at IS NULL) THEN
    RAISE EXCEPTION 'to remove a passkey, sign in with your second factor; if you have lost it, ask a super admin' USING ERRCODE = 'CS403';
  END IF;
  IF k.person_id = me.person_id AND jsonb_array_length(keys_of(k.person_id)) = 1 AND NOT has_another_way_in(k.person_id) THEN
    RAISE EXCEPTION 'this passkey is your only way to sign in; set a password first' USING ERRCODE = 'CS409';
  END IF;
  UPDATE passkey SET revoked_at = clock_timestamp() WHERE id = k.id;
  -- the last of their second factors takes with it what hangs on one
  IF NOT has_second_factor(k.person_id) THEN PERFORM forget_totp(k.person_id); END IF;
  IF k.person_id <> me.person_id THEN ended := end_sessions(k.person_id, NULL); END IF;
  PERFORM audit_installation('passkey.revoke', 'passkey', k.id, jsonb_build_object('person_id', k.person_id, 'credential_id', k.credential_id,
    'sessions', to_jsonb(ended)), jsonb_build_object('before', jsonb_build_object('name', k.name)));
END $$;

-- Besides a passkey.
CREATE OR REPLACE FUNCTION has_another_way_in(p_person int) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM password WHERE person_id = p_person)
      OR EXISTS (SELECT FROM single_sign_on_link l JOIN single_sign_on_provider p USING (issuer)
                  WHERE l.person_id = p_person AND p.disabled_at IS NULL)
$$;

GRANT EXECUTE ON FUNCTION begin_enrolment(text, jsonb), begin_passkey_sign_in(text), begin_signing(text, bytea), take_challenge(text, bytea, text),
  passkey_to_check(text, text, text), enrol_passkey(text, text, bytea, bigint, text[], text, jsonb),
  sign_in_with_passkey(int, bigint, bytea, text, text),
  keep_assertion(text, int, bigint, bytea, bytea, bytea, bytea, text, text, jsonb) TO countersign_access;
GRANT EXECUTE ON FUNCTION my_passkeys(), rename_passkey(int, text), revoke_passkey(int) TO countersign_portal;
