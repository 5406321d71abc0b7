-- Lock-out: whoever guesses slows to a crawl, at one account or across many, and can't lock out who belongs there.
--
-- An attempt is counted before it is known to be wrong, by the very function that hands out what it is checked against, and taken
-- back when it was right: so a thousand at once are a thousand, and nobody forgets to count. From the allowance on each one locks,
-- for a minute first, then twice as long each time, up to a day. Meanwhile nothing is handed out; what is refused is not counted, so
-- hammering on does not make it longer. Forgiving begins when a lock ends, else it would never come to a day. An address that has
-- no account counts like one that has: a lock-out does not say which it is.
--
-- What is counted, each for itself:
--   by account          3, one forgiven a day: a guesser gets one a day in the end. Where this person has signed in from this
--                       network within 90 days, their attempts there are counted apart: strangers lock the account for strangers.
--   by network         10, one forgiven every 10 minutes (sessions last a month, so an office seldom mistypes more); 30 apart for
--                       people known there, or one guest could lock the house out. IPv6: by the /64 that one subscriber has.
--   by IPv6 /48       100, one a minute: who is given a /48 has 65,536 of those.
-- Who shares a network with somebody could so tell their account from none, and nobody else can.
-- A living session is touched by none of this. Besides from a known network the honest one gets in by a passkey, by single
-- sign-on, or by a mailed link, which clears the account.
--
-- The address is the portal's word. Behind a proxy the portal has to give the client's; given none, or nonsense, all of those are one.

CREATE OR REPLACE FUNCTION throttle_rule(p_kind text, OUT allowance int, OUT forgiven_every interval) LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE p_kind WHEN 'network' THEN 10 WHEN 'network_known' THEN 30 WHEN 'range' THEN 100 ELSE 3 END,
         CASE p_kind WHEN 'network' THEN interval '10 minutes' WHEN 'network_known' THEN interval '10 minutes'
                     WHEN 'range' THEN interval '1 minute' ELSE interval '1 day' END
$$;

-- For how long the n-th failure locks; null: not at all.
CREATE OR REPLACE FUNCTION lock_out(p_failures int, p_allowance int) RETURNS interval LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN p_failures >= p_allowance THEN least(interval '1 day', interval '1 minute' * 2 ^ least(p_failures - p_allowance, 11)) END
$$;

-- The network that an address stands for, its IPv6 cut to so many bits; null for what is no address.
CREATE OR REPLACE FUNCTION network_of(p_address text, p_bits int DEFAULT 64) RETURNS cidr
LANGUAGE plpgsql IMMUTABLE SET search_path = public, pg_temp AS $$
DECLARE
  a inet;
BEGIN
  a := split_part(p_address, '%', 1)::inet;
  -- an IPv4 client of a socket that listens on both (RFC 4291, 2.5.5.2)
  IF a <<= inet '::ffff:0.0.0.0/96' THEN a := inet '0.0.0.0' + (a - inet '::ffff:0.0.0.0'); END IF;
  RETURN network(set_masklen(a, CASE family(a) WHEN 4 THEN 32 ELSE p_bits END));
EXCEPTION WHEN invalid_text_representation THEN
  RETURN NULL;
END $$;

-- The rows that an attempt counts in, in the one order in which everybody takes them.
CREATE OR REPLACE FUNCTION counted_in(p_kind text, p_subject text, p_person int, p_address text) RETURNS TABLE (kind text, subject_hash bytea)
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
DECLARE
  here  cidr := network_of(p_address);
  -- looked for also where there is nobody
  known boolean := EXISTS (SELECT FROM known_network k WHERE k.person_id = coalesce(p_person, 0) AND k.network = here
                              AND k.used_at > clock_timestamp() - interval '90 days');
  apart text := CASE WHEN known THEN '_known' ELSE '' END;
BEGIN
  RETURN QUERY
  SELECT c.kind, sha256(convert_to(netstrings(VARIADIC c.kind || c.subject), 'UTF8'))
    FROM (VALUES (1, p_kind || apart, CASE WHEN known THEN ARRAY[p_subject, here::text] ELSE ARRAY[p_subject] END),
                 (2, 'network' || apart, ARRAY[coalesce(here::text, 'nowhere')]),
                 (3, 'range', ARRAY[network_of(p_address, 48)::text])) AS c (nth, kind, subject)
   WHERE c.nth < 3 OR family(here) = 6 AND NOT known
   ORDER BY c.nth;
END $$;

-- Counts an attempt as wrong until it is taken back. p_kind: of what; p_subject: on whom; p_person: who that is, if anybody. Raises
-- CS429 while locked, with the seconds to wait as its detail.
CREATE OR REPLACE FUNCTION count_attempt(p_kind text, p_subject text, p_person int, p_address text) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  here     record;
  rule     record;
  t        sign_in_throttle;
  moment   timestamptz := clock_timestamp();
  forgiven int;
BEGIN
  FOR here IN SELECT * FROM counted_in(p_kind, p_subject, p_person, p_address) LOOP
    SELECT * INTO rule FROM throttle_rule(here.kind);
    INSERT INTO sign_in_throttle AS old (subject_hash, kind, failures, forgiving_since, forgotten_at)
    VALUES (here.subject_hash, here.kind, 0, moment, moment) ON CONFLICT (subject_hash) DO UPDATE SET kind = old.kind
    RETURNING * INTO t;
    IF t.locked_until > moment THEN
      RAISE EXCEPTION 'too many attempts; try again in %', wait_in_words(t.locked_until - moment)
        USING ERRCODE = 'CS429', DETAIL = ceil(extract(epoch FROM t.locked_until - moment))::text;
    END IF;
    forgiven := floor(greatest(extract(epoch FROM moment - t.forgiving_since), 0) / extract(epoch FROM rule.forgiven_every));
    IF forgiven < t.failures THEN
      t.failures := t.failures - forgiven;
      t.forgiving_since := t.forgiving_since + forgiven * rule.forgiven_every;
    ELSE
      t.failures := 0;
      t.forgiving_since := moment;
    END IF;
    t.failures := t.failures + 1;
    t.locked_until := moment + lock_out(t.failures, rule.allowance);
    t.forgiving_since := coalesce(t.locked_until, t.forgiving_since);
    UPDATE sign_in_throttle
       SET failures = t.failures, forgiving_since = t.forgiving_since, locked_until = t.locked_until, told = t.locked_until IS NULL,
           forgotten_at = t.forgiving_since + t.failures * rule.forgiven_every
     WHERE subject_hash = t.subject_hash;
  END LOOP;
  -- More than one attempt adds, so that what is forgotten goes. Last, since who waits for such a row may hold one of ours.
  DELETE FROM sign_in_throttle WHERE subject_hash IN
    (SELECT f.subject_hash FROM sign_in_throttle f WHERE f.forgotten_at < moment ORDER BY f.forgotten_at LIMIT 20 FOR UPDATE SKIP LOCKED);
END $$;

CREATE OR REPLACE FUNCTION wait_in_words(p_wait interval) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN m <= 1 THEN 'a minute' WHEN m < 120 THEN m || ' minutes' ELSE ceil(m / 60) || ' hours' END
    FROM (SELECT ceil(extract(epoch FROM p_wait) / 60) AS m) AS wait
$$;

-- It was right: the account starts anew; in a network, where others try too, this one attempt did not happen. While it locked,
-- nobody else was counted, so the lock is its own.
CREATE OR REPLACE FUNCTION take_back_attempt(p_kind text, p_subject text, p_person int, p_address text) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  here record;
BEGIN
  FOR here IN SELECT * FROM counted_in(p_kind, p_subject, p_person, p_address) LOOP
    UPDATE sign_in_throttle
       SET failures = CASE WHEN here.kind ~ '^(network|range)' THEN greatest(failures - 1, 0) ELSE 0 END,
           forgiving_since = least(forgiving_since, clock_timestamp()), locked_until = NULL, told = true
     WHERE subject_hash = here.subject_hash;
  END LOOP;
END $$;

-- It was wrong: if that locked, the audit says so, once for each lock-out. Nobody knows who it was; p_person is who they tried to be.
CREATE OR REPLACE FUNCTION tell_lock_outs(p_kind text, p_subject text, p_person int, p_address text) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  here record;
  t    sign_in_throttle;
BEGIN
  FOR here IN SELECT * FROM counted_in(p_kind, p_subject, p_person, p_address) LOOP
    UPDATE sign_in_throttle SET told = true WHERE subject_hash = here.subject_hash AND NOT told RETURNING * INTO t;
    IF FOUND THEN
      PERFORM audit_row(0, acting_person(), coalesce((acting()).role, 'nobody'), 'session.lock_out',
        CASE WHEN t.kind ~ '^(network|range)' THEN 'network' ELSE 'person' END, CASE WHEN t.kind !~ '^(network|range)' THEN p_person END,
        jsonb_build_object('of', t.kind, 'failures', t.failures, 'until', to_jsonb(t.locked_until)),
        -- what belongs to nobody may be a password in the wrong field
        CASE WHEN p_person IS NOT NULL AND p_subject LIKE '%@%' THEN jsonb_build_object('tried', p_subject) END);
    END IF;
  END LOOP;
END $$;

-- From where, for the audit, in a transaction in which nobody acts.
CREATE OR REPLACE FUNCTION note_request(p_request jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM set_config('countersign.request', coalesce(p_request, '{}')::text, true);
END $$;
