-- Signing in. The access role, the sworn part of the portal, checks what somebody proves themselves by and says so here; what that
-- opens, and how often they may try, is decided here.
--
-- A password goes: password_to_check (counts, refuses while locked) → the portal checks → open_session, or password_was_wrong. For an
-- address without an account each step does the same.
--
-- A session lives 30 days and is renewed while it is used (rules/sessions.sql). Who has a second factor and has not shown it gets ten
-- minutes to; until then the session can't act.

-- Always one row: both null where there is no account, or it is disabled, or has no password. CS429 while locked.
CREATE OR REPLACE FUNCTION password_to_check(p_email text, p_request jsonb) RETURNS TABLE (person_id int, hash text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  person_id := who_may_sign_in(p_email);
  PERFORM count_attempt('account', lower(trim(p_email)), person_id, p_request ->> 'address');
  SELECT w.hash INTO hash FROM password w WHERE w.person_id = password_to_check.person_id;
  RETURN NEXT;
END $$;

CREATE OR REPLACE FUNCTION password_was_wrong(p_email text, p_request jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM note_request(p_request);
  PERFORM tell_lock_outs('account', lower(trim(p_email)), who_may_sign_in(p_email), p_request ->> 'address');
END $$;

-- With a password.
CREATE OR REPLACE FUNCTION who_may_sign_in(p_email text) RETURNS int
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT p.id FROM person p JOIN password w ON w.person_id = p.id WHERE p.email = lower(trim(p_email)) AND p.disabled_at IS NULL
$$;

-- Opens a session for somebody who was checked. p_token_hash: SHA-256 of the token that the browser gets. Gives its id and whether it
-- waits for a second factor.
CREATE OR REPLACE FUNCTION open_session(p_person int, p_token_hash bytea, p_opened_by text, p_second_factor_given boolean,
  p_address text DEFAULT '', p_agent text DEFAULT '', OUT session_id int, OUT second_factor_due boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  p      person;
  moment timestamptz := clock_timestamp();
BEGIN
  SELECT * INTO p FROM person WHERE id = p_person;
  IF p.id IS NULL OR p.disabled_at IS NOT NULL THEN
    RAISE EXCEPTION 'this account is disabled; ask a super admin' USING ERRCODE = 'CS403';
  END IF;
  PERFORM note_request(jsonb_build_object('address', p_address, 'agent', p_agent));
  IF p_opened_by = 'password' THEN PERFORM take_back_attempt('account', p.email, p.id, p_address); END IF;
  PERFORM clear_away(moment);
  second_factor_due := NOT p_second_factor_given AND has_second_factor(p.id);
  INSERT INTO session (token_hash, person_id, opened_by, second_factor_due, second_factor_at, address, agent, expires_at)
  VALUES (p_token_hash, p.id, p_opened_by, open_session.second_factor_due, CASE WHEN p_second_factor_given THEN moment END,
          coalesce(p_address, ''), left(coalesce(p_agent, ''), 500),
          moment + CASE WHEN open_session.second_factor_due THEN interval '10 minutes' ELSE interval '30 days' END)
  RETURNING id INTO session_id;
  IF NOT second_factor_due THEN PERFORM note_network(p.id, p_address); END IF;
  PERFORM audit_installation('session.open', 'session', session_id,
    jsonb_build_object('person_id', p.id, 'opened_by', p_opened_by, 'second_factor_given', p_second_factor_given, 'second_factor_due', second_factor_due),
    '{}', p.id);
END $$;

-- A device that makes codes, or a passkey: who has one shows it, however they signed in.
CREATE OR REPLACE FUNCTION has_second_factor(p_person int) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM totp t WHERE t.person_id = p_person AND t.confirmed_at IS NOT NULL)
      OR EXISTS (SELECT FROM passkey k WHERE k.person_id = p_person AND k.revoked_at IS NULL)
$$;

-- Who changes more than a row of what somebody signs in with holds the person first, and then takes what is counted, the device, the codes, the
-- networks, the sessions: in one order, whatever else that person does at this moment.
CREATE OR REPLACE FUNCTION hold_person(p_person int) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM FROM person WHERE id = p_person FOR NO KEY UPDATE;
END $$;

-- Somebody has signed in, wholly, from here. The last 20 of 90 days are kept.
CREATE OR REPLACE FUNCTION note_network(p_person int, p_address text) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  here cidr := network_of(p_address);
BEGIN
  IF here IS NULL THEN RETURN; END IF;
  INSERT INTO known_network (person_id, network) VALUES (p_person, here)
  ON CONFLICT (person_id, network) DO UPDATE SET used_at = clock_timestamp();
  DELETE FROM known_network k WHERE k.person_id = p_person AND k.network IN
    (SELECT o.network FROM known_network o
      WHERE o.person_id = p_person
        AND (o.used_at < clock_timestamp() - interval '90 days'
             OR o.used_at < (SELECT n.used_at FROM known_network n WHERE n.person_id = p_person ORDER BY n.used_at DESC OFFSET 19 LIMIT 1))
        FOR UPDATE SKIP LOCKED);
END $$;

-- What is over goes, some at each new session or link, which are fewer.
CREATE OR REPLACE FUNCTION clear_away(p_moment timestamptz) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  DELETE FROM session WHERE id IN
    (SELECT s.id FROM session s WHERE least(s.expires_at, s.revoked_at) < p_moment ORDER BY least(s.expires_at, s.revoked_at) LIMIT 20 FOR UPDATE SKIP LOCKED);
  DELETE FROM mailed_link WHERE token_hash IN
    (SELECT l.token_hash FROM mailed_link l WHERE l.expires_at < p_moment ORDER BY l.expires_at LIMIT 20 FOR UPDATE SKIP LOCKED);
END $$;

GRANT EXECUTE ON FUNCTION password_to_check(text, jsonb), password_was_wrong(text, jsonb), open_session(int, bytea, text, boolean, text, text)
  TO countersign_access;
