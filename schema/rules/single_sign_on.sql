-- Single sign-on: which providers there are, whom they may sign in, and who their people are here. The access role follows OpenID
-- Connect (portal/access/SingleSignOn.ts) and is believed in what the provider said; what that opens is decided here.
--
-- A provider signs in only people who are here already, at addresses of the domains it was given. Its first word about somebody
-- links them, by an address that it has verified; from then on its subject counts, and the address no more. Nobody who is linked
-- to one of its subjects is ever signed in by another.

-- What an admin says of a provider, checked; p_secret: null for a client without one.
CREATE OR REPLACE FUNCTION provider_said(p_said jsonb, p_secret bytea) RETURNS single_sign_on_provider
LANGUAGE plpgsql IMMUTABLE SET search_path = public, pg_temp AS $$
DECLARE
  p single_sign_on_provider;
BEGIN
  p := jsonb_populate_record(jsonb_populate_record(p, '{"client_auth": "client_secret_basic", "second_factor_amr": [], "second_factor_acr": []}'), p_said);
  p.client_secret := p_secret;
  p.email_domains := ARRAY(SELECT DISTINCT lower(trim(d)) FROM unnest(p.email_domains) AS d ORDER BY 1);
  IF coalesce(trim(p.name), '') = '' OR coalesce(p.client_id, '') = '' OR coalesce(p.issuer, '') !~ '^https?://[^?#]+$' THEN
    RAISE EXCEPTION 'a provider has a name, an issuer (its https address) and the client id that it gave us' USING ERRCODE = 'CS422';
  END IF;
  IF coalesce(p.client_auth NOT IN ('client_secret_basic', 'client_secret_post'), true) THEN
    RAISE EXCEPTION 'a provider takes our secret as client_secret_basic or as client_secret_post' USING ERRCODE = 'CS422';
  END IF;
  IF cardinality(p.email_domains) = 0 OR EXISTS (SELECT FROM unnest(p.email_domains) AS d WHERE d !~ '^[^@\s.]+(\.[^@\s.]+)+$') THEN
    RAISE EXCEPTION 'say whose addresses the provider may sign in, as domains: example.org' USING ERRCODE = 'CS422';
  END IF;
  RETURN p;
END $$;

-- What audit keeps of it: everything but the secret.
CREATE OR REPLACE FUNCTION provider_facts(p single_sign_on_provider) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT to_jsonb(p) - 'client_secret' - 'created_at' || jsonb_build_object('has_secret', p.client_secret IS NOT NULL)
$$;

-- Takes {"name", "issuer", "client_id", "client_auth", "email_domains": [], "second_factor_amr": [], "second_factor_acr": []} and the client's
-- secret as the portal has encrypted it; gives the provider's id.
CREATE OR REPLACE FUNCTION add_single_sign_on_provider(p_said jsonb, p_secret bytea DEFAULT NULL) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me identity := must('installation.manage');
  p  single_sign_on_provider := provider_said(p_said, p_secret);
BEGIN
  INSERT INTO single_sign_on_provider (name, issuer, client_id, client_secret, client_auth, email_domains, second_factor_amr, second_factor_acr)
  VALUES (p.name, p.issuer, p.client_id, p.client_secret, p.client_auth, p.email_domains, p.second_factor_amr, p.second_factor_acr)
  RETURNING * INTO p;
  PERFORM audit_installation('single_sign_on.add', 'single_sign_on_provider', p.id, jsonb_build_object('after', provider_facts(p)));
  RETURN p.id;
EXCEPTION WHEN unique_violation THEN
  RAISE EXCEPTION 'there is a provider of this name or issuer already' USING ERRCODE = 'CS409';
END $$;

-- Changes what is named; p_secret null: the secret stays. The issuer stays: another one is another provider, to whom nobody is linked.
CREATE OR REPLACE FUNCTION change_single_sign_on_provider(p_provider int, p_said jsonb, p_secret bytea DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me  identity := must('installation.manage');
  old single_sign_on_provider := provider_to_change(p_provider);
  p   single_sign_on_provider := provider_said(to_jsonb(old) || p_said, coalesce(p_secret, old.client_secret));
BEGIN
  IF p.issuer <> old.issuer THEN
    RAISE EXCEPTION 'a provider keeps its issuer; disable this one and add another' USING ERRCODE = 'CS422';
  END IF;
  UPDATE single_sign_on_provider SET name = p.name, client_id = p.client_id, client_secret = p.client_secret, client_auth = p.client_auth,
         email_domains = p.email_domains, second_factor_amr = p.second_factor_amr, second_factor_acr = p.second_factor_acr
   WHERE id = old.id RETURNING * INTO p;
  PERFORM audit_installation('single_sign_on.change', 'single_sign_on_provider', p.id, jsonb_build_object('before', provider_facts(old),
    'after', provider_facts(p), 'secret_changed', p_secret IS NOT NULL));
EXCEPTION WHEN unique_violation THEN
  RAISE EXCEPTION 'there is a provider of this name already' USING ERRCODE = 'CS409';
END $$;

-- A disabled one signs nobody in; the sessions that it opened go on.
CREATE OR REPLACE FUNCTION enable_single_sign_on_provider(p_provider int, p_enabled boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me  identity := must('installation.manage');
  old single_sign_on_provider := provider_to_change(p_provider);
BEGIN
  IF p_enabled IS NULL THEN RAISE EXCEPTION 'a provider is enabled or disabled' USING ERRCODE = 'CS422'; END IF;
  UPDATE single_sign_on_provider SET disabled_at = CASE WHEN NOT p_enabled THEN coalesce(disabled_at, clock_timestamp()) END WHERE id = old.id;
  PERFORM audit_installation(CASE WHEN p_enabled THEN 'single_sign_on.enable' ELSE 'single_sign_on.disable' END, 'single_sign_on_provider', old.id,
    jsonb_build_object('before', old.disabled_at IS NULL, 'after', p_enabled));
END $$;

CREATE OR REPLACE FUNCTION provider_to_change(p_provider int) RETURNS single_sign_on_provider
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  p single_sign_on_provider;
BEGIN
  SELECT * INTO p FROM single_sign_on_provider WHERE id = p_provider FOR NO KEY UPDATE;
  IF p.id IS NULL THEN RAISE EXCEPTION 'provider % does not exist', p_provider USING ERRCODE = 'CS404'; END IF;
  RETURN p;
END $$;

-- All of them, for who manages them; nobody else sees any.
CREATE OR REPLACE FUNCTION single_sign_on_providers() RETURNS TABLE (id int, said jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT p.id, provider_facts(p) FROM single_sign_on_provider p WHERE may(acting(), 'installation.manage') ORDER BY p.name
$$;

-- Forgets who somebody is to a provider, so that its next word about them links them anew.
CREATE OR REPLACE FUNCTION unlink_single_sign_on(p_person int, p_provider int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me  identity := must('installation.manage');
  old single_sign_on_link;
BEGIN
  DELETE FROM single_sign_on_link WHERE person_id = p_person AND issuer = (SELECT issuer FROM single_sign_on_provider WHERE id = p_provider)
  RETURNING * INTO old;
  IF old.issuer IS NULL THEN
    RAISE EXCEPTION 'person % is not linked to provider %', p_person, p_provider USING ERRCODE = 'CS404';
  END IF;
  PERFORM audit_installation('single_sign_on.unlink', 'person', p_person, jsonb_build_object('issuer', old.issuer), jsonb_build_object('subject', old.subject));
END $$;

-- The buttons of the sign-in page.
CREATE OR REPLACE FUNCTION sign_in_providers() RETURNS TABLE (id int, name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT p.id, p.name FROM single_sign_on_provider p WHERE p.disabled_at IS NULL ORDER BY p.name
$$;

-- What is needed to speak with a provider; no row when there is none or it is disabled.
CREATE OR REPLACE FUNCTION provider_to_ask(p_provider int) RETURNS TABLE (id int, name text, issuer text, client_id text, client_secret bytea, client_auth text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT p.id, p.name, p.issuer, p.client_id, p.client_secret, p.client_auth
    FROM single_sign_on_provider p WHERE p.id = p_provider AND p.disabled_at IS NULL
$$;

-- Keeps what is asked for again when the browser is back, for ten minutes: enough to type a password and a code over there.
CREATE OR REPLACE FUNCTION begin_single_sign_on(p_provider int, p_state_hash bytea, p_browser_hash bytea, p_nonce text, p_code_verifier text, p_return_to text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  DELETE FROM single_sign_on_login WHERE state_hash IN
    (SELECT state_hash FROM single_sign_on_login WHERE expires_at < clock_timestamp() ORDER BY expires_at LIMIT 20 FOR UPDATE SKIP LOCKED);
  INSERT INTO single_sign_on_login (state_hash, browser_hash, provider_id, nonce, code_verifier, return_to, expires_at)
  VALUES (p_state_hash, p_browser_hash, p_provider, p_nonce, p_code_verifier, p_return_to, clock_timestamp() + interval '10 minutes');
END $$;

-- Takes it back, so that nobody comes back twice; no row when it was not begun in this browser, or is used or too old.
CREATE OR REPLACE FUNCTION take_single_sign_on(p_state_hash bytea, p_browser_hash bytea)
RETURNS TABLE (provider_id int, nonce text, code_verifier text, return_to text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH taken AS (DELETE FROM single_sign_on_login WHERE state_hash = p_state_hash RETURNING *)
  SELECT t.provider_id, t.nonce, t.code_verifier, t.return_to FROM taken t WHERE t.browser_hash = p_browser_hash AND t.expires_at > clock_timestamp()
$$;

CREATE OR REPLACE FUNCTION domain_of(p_email text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT substring(p_email FROM '@([^@]*)$') $$;

-- Signs in whom a provider vouched for: p_subject (sub), p_email, p_verified (email_verified), p_amr, p_acr of its ID token. Gives whether
-- the session waits for a second factor.
CREATE OR REPLACE FUNCTION sign_in_by_provider(p_provider int, p_subject text, p_email text, p_verified boolean, p_amr text[], p_acr text,
  p_token_hash bytea, p_address text, p_agent text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v single_sign_on_provider;
  p person;
BEGIN
  PERFORM note_request(jsonb_build_object('address', p_address, 'agent', p_agent));
  SELECT * INTO v FROM single_sign_on_provider WHERE id = p_provider AND disabled_at IS NULL;
  IF v.id IS NULL THEN
    RAISE EXCEPTION 'this way to sign in is closed; choose another' USING ERRCODE = 'CS403';
  END IF;
  UPDATE single_sign_on_link SET used_at = clock_timestamp() WHERE issuer = v.issuer AND subject = p_subject
  RETURNING person_id INTO p.id;
  IF p.id IS NULL THEN p.id := link_by_address(v, p_subject, lower(trim(p_email)), p_verified); END IF;
  SELECT * INTO p FROM person WHERE id = p.id;
  IF coalesce(domain_of(p.email) <> ALL (v.email_domains), true) THEN
    RAISE EXCEPTION '% may not sign in people of your address; choose another way', v.name USING ERRCODE = 'CS403';
  END IF;
  RETURN (SELECT o.second_factor_due
            FROM open_session(p.id, p_token_hash, 'single_sign_on',
                   coalesce(v.second_factor_amr && p_amr, false) OR coalesce(p_acr = ANY (v.second_factor_acr), false), p_address, p_agent) AS o);
END $$;

-- The first time: by the address, where the provider has verified it. Gives the person; whether it may sign them in is asked next.
CREATE OR REPLACE FUNCTION link_by_address(v single_sign_on_provider, p_subject text, p_email text, p_verified boolean) RETURNS int
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  p person;
BEGIN
  IF p_email IS NULL OR p_verified IS NOT TRUE THEN
    RAISE EXCEPTION '% has not verified your address, so it doesn''t say who you are here; verify it there, or choose another way', v.name
      USING ERRCODE = 'CS403';
  END IF;
  SELECT * INTO p FROM person WHERE email = p_email FOR NO KEY UPDATE;
  IF p.id IS NULL THEN
    RAISE EXCEPTION 'nobody here has the address %; accept your invitation first, or ask an admin of your workspace for one', p_email USING ERRCODE = 'CS403';
  END IF;
  -- the same person in two windows is linked once
  INSERT INTO single_sign_on_link AS l (issuer, subject, person_id) VALUES (v.issuer, p_subject, p.id)
  ON CONFLICT (issuer, subject) DO UPDATE SET used_at = excluded.used_at WHERE l.person_id = excluded.person_id;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'at % this is somebody else''s account here; ask a super admin to unlink it', v.name USING ERRCODE = 'CS403';
  END IF;
  PERFORM audit_installation('single_sign_on.link', 'person', p.id, jsonb_build_object('issuer', v.issuer), jsonb_build_object('subject', p_subject), p.id);
  RETURN p.id;
EXCEPTION WHEN unique_violation THEN
  RAISE EXCEPTION 'your account here belongs to somebody else at %; ask a super admin to unlink it', v.name USING ERRCODE = 'CS403';
END $$;

GRANT EXECUTE ON FUNCTION add_single_sign_on_provider(jsonb, bytea), change_single_sign_on_provider(int, jsonb, bytea),
  enable_single_sign_on_provider(int, boolean), single_sign_on_providers(), unlink_single_sign_on(int, int) TO countersign_portal;
GRANT EXECUTE ON FUNCTION sign_in_providers(), provider_to_ask(int), begin_single_sign_on(int, bytea, bytea, text, text, text),
  take_single_sign_on(bytea, bytea), sign_in_by_provider(int, text, text, boolean, text[], text, bytea, text, text) TO countersign_access;
