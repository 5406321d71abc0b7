-- People of the installation, by super admins: accounts, and who is a super admin. Disabling is in sessions.sql. Nobody makes or unmakes
-- themselves, and so one super admin is always left.

CREATE OR REPLACE FUNCTION put_person(p_email text, p_name text) RETURNS person
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  made person;
BEGIN
  IF coalesce(trim(p_name), '') = '' OR length(trim(p_name)) > 200 OR p_name ~ '[[:cntrl:]]' THEN
    RAISE EXCEPTION 'a person needs a name, of up to 200 characters' USING ERRCODE = 'CS422';
  END IF;
  INSERT INTO person (email, name) VALUES (email_address(p_email), trim(p_name)) ON CONFLICT (email) DO NOTHING RETURNING * INTO made;
  IF made.id IS NULL THEN
    RAISE EXCEPTION 'there is an account with this address already; whoever it belongs to signs in with it' USING ERRCODE = 'CS409';
  END IF;
  RETURN made;
END $$;

-- Without a password: they ask for a link to set one, which goes to that address. Gives the id.
CREATE OR REPLACE FUNCTION create_person(p_email text, p_name text) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me   identity := must('installation.manage');
  made person;
BEGIN
  made := put_person(p_email, p_name);
  PERFORM audit_installation('person.create', 'person', made.id, '{}', jsonb_build_object('email', made.email, 'name', made.name));
  RETURN made.id;
END $$;

-- Somebody else who is not disabled, locked together with who acts: of two who do it to each other, one waits and then may not.
CREATE OR REPLACE FUNCTION another_person(p_person int) RETURNS person
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  me identity := must('installation.manage');
  p  person;
BEGIN
  IF p_person = me.person_id THEN
    RAISE EXCEPTION 'nobody changes this for themselves; ask another super admin' USING ERRCODE = 'CS403';
  END IF;
  PERFORM FROM person WHERE id IN (p_person, me.person_id) ORDER BY id FOR NO KEY UPDATE;
  IF NOT EXISTS (SELECT FROM person WHERE id = me.person_id AND super_admin AND disabled_at IS NULL) THEN
    RAISE EXCEPTION 'you are no super admin any more; somebody changed that just now' USING ERRCODE = 'CS403';
  END IF;
  SELECT * INTO p FROM person WHERE id = p_person;
  IF p.id IS NULL THEN RAISE EXCEPTION 'person % does not exist', p_person USING ERRCODE = 'CS404'; END IF;
  RETURN p;
END $$;

CREATE OR REPLACE FUNCTION make_super_admin(p_person int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  p person := another_person(p_person);
BEGIN
  IF p.super_admin THEN
    RAISE EXCEPTION '% is a super admin already', p.name USING ERRCODE = 'CS409';
  ELSIF p.disabled_at IS NOT NULL THEN
    RAISE EXCEPTION '% is disabled; enable the account first', p.name USING ERRCODE = 'CS409';
  END IF;
  UPDATE person SET super_admin = true WHERE id = p.id;
  PERFORM audit_installation('person.make_super_admin', 'person', p.id, '{"before": {"super_admin": false}, "after": {"super_admin": true}}');
END $$;

CREATE OR REPLACE FUNCTION unmake_super_admin(p_person int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  p person := another_person(p_person);
BEGIN
  IF NOT p.super_admin THEN
    RAISE EXCEPTION '% is no super admin', p.name USING ERRCODE = 'CS409';
  END IF;
  UPDATE person SET super_admin = false WHERE id = p.id;
  -- or they were in again, should they become one again
  DELETE FROM workspace_entry e USING session s WHERE s.id = e.session_id AND s.person_id = p.id;
  PERFORM audit_installation('person.unmake_super_admin', 'person', p.id, '{"before": {"super_admin": true}, "after": {"super_admin": false}}');
END $$;

-- The first one of an installation, by its owner at the command line; p_token_hash: SHA-256 of a token with which they set their
-- password, as after one was forgotten: for an hour, once. Who was made so, and has nothing yet to sign in with, is given another token
-- in place of the first. Whoever has an account under this address already keeps its name. Nobody but the owner may call it.
CREATE OR REPLACE FUNCTION make_first_super_admin(p_email text, p_name text, p_token_hash bytea) RETURNS int
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  made   person;
  others int;
BEGIN
  -- of two who begin at once, one finds the other's
  LOCK TABLE person IN SHARE ROW EXCLUSIVE MODE;
  SELECT count(*) INTO others FROM person p
   WHERE p.super_admin AND p.disabled_at IS NULL
     AND (p.email <> email_address(p_email) OR EXISTS (SELECT FROM password WHERE person_id = p.id)
          OR EXISTS (SELECT FROM passkey WHERE person_id = p.id) OR EXISTS (SELECT FROM single_sign_on_link WHERE person_id = p.id));
  IF others > 0 THEN
    RAISE EXCEPTION 'there % already; they make others, in the portal',
      CASE others WHEN 1 THEN 'is a super admin' ELSE format('are %s super admins', others) END USING ERRCODE = 'CS409';
  END IF;
  SELECT * INTO made FROM person WHERE email = email_address(p_email);
  IF made.id IS NULL THEN made := put_person(p_email, p_name); END IF;
  UPDATE person SET super_admin = true, disabled_at = NULL WHERE id = made.id;
  DELETE FROM mailed_link WHERE person_id = made.id;
  INSERT INTO mailed_link (token_hash, purpose, person_id, expires_at) VALUES (p_token_hash, 'password_reset', made.id, clock_timestamp() + interval '1 hour');
  PERFORM audit_row(0, NULL, 'owner', 'person.first', 'person', made.id, '{"after": {"super_admin": true}}',
    jsonb_build_object('email', made.email, 'name', made.name));
  RETURN made.id;
END $$;

GRANT EXECUTE ON FUNCTION create_person(text, text), make_super_admin(int), unmake_super_admin(int) TO countersign_portal;
