-- How long what is kept is kept, by workspace. Numbers and texts go keep_content_months after their campaign has ended; the audit's
-- beginning goes after keep_audit_months. What stays: each block's outcomes and digest, all counts, the ledger's sealed roots, who
-- approved which fingerprint with which signature, and a chain that still verifies: it was made over the digest of what is erased.

-- Whether this transaction erases: the guards of content, audience and audit then let it pass. Noted under a seal, like who acts
-- (identity.sql): a setting alone could be set by anybody, and would open what was approved.
CREATE OR REPLACE FUNCTION erasing() RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN coalesce(current_setting('countersign.erasing', true), '') <> '' AND current_setting('countersign.erasing') = identity_seal('erasing');
END $$;

CREATE OR REPLACE FUNCTION begin_erasing() RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM set_config('countersign.erasing', identity_seal('erasing'), true);
END $$;

CREATE OR REPLACE FUNCTION end_erasing() RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM set_config('countersign.erasing', '', true);
END $$;

-- How many months a workspace keeps numbers and texts, and its audit; null: for ever. A shorter time holds 30 days after it was set: who
-- would hide by it what was done is seen in time.
CREATE OR REPLACE FUNCTION keeps(w workspace, OUT content_months int, OUT audit_months int) LANGUAGE sql STABLE AS $$
  -- greatest() passes over nulls, which are the longest here
  SELECT CASE WHEN waits AND (w.keep_content_months IS NULL OR w.keep_content_months_before IS NULL) THEN NULL
              WHEN waits THEN greatest(w.keep_content_months, w.keep_content_months_before) ELSE w.keep_content_months END,
         CASE WHEN waits AND (w.keep_audit_months IS NULL OR w.keep_audit_months_before IS NULL) THEN NULL
              WHEN waits THEN greatest(w.keep_audit_months, w.keep_audit_months_before) ELSE w.keep_audit_months END
    FROM (SELECT coalesce(w.keeping_shortened_at > now() - interval '30 days', false) AS waits) AS s
$$;

-- What the audit says with numbers and words of recipients in it; what it says of its people stays as long as the audit.
CREATE OR REPLACE FUNCTION content_actions() RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT ARRAY['campaign.create', 'campaign.edit', 'campaign.delete', 'campaign.reject', 'campaign.request_changes', 'campaign.stop', 'campaign.fail',
               'campaign.pause', 'campaign.resume', 'number.reveal', 'number.prove', 'number.search', 'stop_list.add', 'stop_list.remove']
$$;

-- Erases the numbers and words of one campaign that has ended, and is sealed if it ever was opened.
CREATE OR REPLACE FUNCTION erase_campaign(c campaign) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  l lane;
  n int := 0;
BEGIN
  FOR l IN SELECT * FROM lane WHERE campaign_id = c.id LOOP
    DELETE FROM attempt a USING block b WHERE b.month = l.month AND b.lane_id = l.id AND a.month = b.month AND a.block_id = b.id;
    DELETE FROM receipt r USING block b WHERE b.month = l.month AND b.lane_id = l.id AND r.month = b.month AND r.block_id = b.id;
    DELETE FROM rejected_line WHERE month = l.month AND lane_id = l.id;
    DELETE FROM audience WHERE month = l.month AND lane_id = l.id;
    n := n + l.recipients;
    UPDATE lane SET file = file - 'name' WHERE id = l.id AND file IS NOT NULL;
  END LOOP;
  DELETE FROM trigger_request WHERE campaign_id = c.id;
  UPDATE campaign_transition SET note = NULL WHERE campaign_id = c.id AND note IS NOT NULL;
  UPDATE campaign SET name = '(erased)', text = '(erased)', erased_at = clock_timestamp() WHERE id = c.id;
  PERFORM audit_system(c.workspace_id, 'campaign.erase', 'campaign', c.id, jsonb_build_object('recipients', n));
END $$;

-- Erases the personal parts that are due in a workspace's audit. Gives how many.
CREATE OR REPLACE FUNCTION erase_audit(p_workspace int, p_before timestamptz) RETURNS int
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  n int;
BEGIN
  UPDATE audit SET personal = NULL, salt = NULL
   WHERE workspace_id = p_workspace AND at < p_before AND personal IS NOT NULL AND action = ANY (content_actions());
  GET DIAGNOSTICS n = ROW_COUNT;
  IF n > 0 THEN
    PERFORM audit_system(p_workspace, 'audit.erase', 'workspace', p_workspace,
      jsonb_build_object('before_at_us', microseconds(p_before), 'actions', content_actions(), 'rows', n));
  END IF;
  RETURN n;
END $$;

-- The passkeys that decisions from a row on are signed with, and that the rows before it introduced: a list of {person_id,
-- credential_id, public_key}, for the row that says what was cut. What an earlier such row carried counts as introduced there.
CREATE OR REPLACE FUNCTION passkeys_to_carry(p_workspace int, p_from_seq bigint) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  WITH introduced AS MATERIALIZED (
    SELECT a.seq, k.passkey
      FROM audit a
      CROSS JOIN LATERAL jsonb_array_elements(CASE a.action WHEN 'passkey.introduce' THEN jsonb_build_array(a.facts::jsonb)
                                              ELSE coalesce(a.facts::jsonb -> 'passkeys', '[]') END) AS k (passkey)
     WHERE a.workspace_id = p_workspace AND a.action IN ('passkey.introduce', 'audit.truncate')
  ), signed AS MATERIALIZED (
    -- the oldest by a passkey that stays: who introduced it to this one did so to the later ones
    SELECT min(a.seq) AS seq, a.facts::jsonb #>> '{assertion,credential_id}' AS credential_id
      FROM audit a
     WHERE a.workspace_id = p_workspace AND a.seq >= p_from_seq AND a.action IN ('campaign.approve', 'campaign.reject', 'campaign.request_changes')
       AND a.facts::jsonb ? 'assertion'
     GROUP BY 2
  )
  SELECT coalesce(jsonb_agg(n.passkey ORDER BY n.seq), '[]')
    FROM signed s
    CROSS JOIN LATERAL (SELECT i.seq, i.passkey FROM introduced i
                         WHERE i.passkey ->> 'credential_id' = s.credential_id AND i.seq < s.seq ORDER BY i.seq DESC LIMIT 1) AS n
   WHERE n.seq < p_from_seq
$$;

-- Cuts off the beginning of a chain. The rest verifies from its anchor on, its signed decisions by the passkeys that the row about
-- the cut carries. Gives how many rows went.
CREATE OR REPLACE FUNCTION truncate_audit(p_workspace int, p_before timestamptz) RETURNS int
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  keep     audit;
  passkeys jsonb;
  n        int;
BEGIN
  SELECT * INTO keep FROM audit WHERE workspace_id = p_workspace AND at >= p_before ORDER BY seq LIMIT 1;
  -- of one in which nothing has been said since, the last row stays, for the next to follow
  IF keep.seq IS NULL THEN SELECT * INTO keep FROM audit WHERE workspace_id = p_workspace AND at < p_before ORDER BY seq DESC LIMIT 1; END IF;
  IF keep.seq IS NULL OR NOT EXISTS (SELECT FROM audit WHERE workspace_id = p_workspace AND seq < keep.seq) THEN RETURN 0; END IF;
  -- a decision under way may rely on an introduction that goes now: it holds its passkey until it is in the chain (signature_of in
  -- decisions.sql), and so comes wholly before this or wholly after. Passkeys first, then the chain, as it locks them.
  PERFORM FROM passkey k
   WHERE k.id IN (SELECT a.object_id FROM audit a WHERE a.workspace_id = p_workspace AND a.object = 'passkey' AND a.seq < keep.seq)
   ORDER BY k.id FOR NO KEY UPDATE;
  PERFORM FROM audit_chain WHERE workspace_id = p_workspace FOR NO KEY UPDATE;
  passkeys := passkeys_to_carry(p_workspace, keep.seq);
  DELETE FROM audit WHERE workspace_id = p_workspace AND seq < keep.seq;
  GET DIAGNOSTICS n = ROW_COUNT;
  IF n > 0 THEN
    UPDATE audit_chain SET first_seq = keep.seq, anchor = keep.previous WHERE workspace_id = p_workspace;
    PERFORM audit_system(p_workspace, 'audit.truncate', 'workspace', p_workspace,
      jsonb_build_object('first_seq', keep.seq, 'anchor', encode(keep.previous, 'hex'), 'rows', n, 'passkeys', passkeys));
  END IF;
  RETURN n;
END $$;

-- Erases what is overdue, one campaign or one workspace's audit a call, so that no transaction is long and each takes one chain;
-- gives whether there may be more.
CREATE OR REPLACE FUNCTION erase_overdue() RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  c campaign;
  w workspace;
BEGIN
  PERFORM begin_erasing();
  SELECT x.* INTO c FROM workspace k CROSS JOIN LATERAL keeps(k) AS kept JOIN campaign x ON x.workspace_id = k.id
   WHERE kept.content_months IS NOT NULL AND x.erased_at IS NULL AND (x.ledger_sealed_at IS NOT NULL OR x.opened_at IS NULL)
     AND x.closed_at < now() - make_interval(months => kept.content_months)
   ORDER BY x.closed_at LIMIT 1 FOR NO KEY UPDATE OF x SKIP LOCKED;
  IF c.id IS NOT NULL THEN
    PERFORM erase_campaign(c);
    RETURN true;
  END IF;
  FOR w IN SELECT * FROM workspace WHERE keep_content_months IS NOT NULL OR keep_audit_months IS NOT NULL ORDER BY id LOOP
    -- null: kept for ever, and nothing is before it
    IF erase_audit(w.id, now() - make_interval(months => (keeps(w)).content_months))
       + truncate_audit(w.id, now() - make_interval(months => (keeps(w)).audit_months)) > 0 THEN
      RETURN true;
    END IF;
  END LOOP;
  RETURN false;
END $$;

GRANT EXECUTE ON FUNCTION erase_overdue() TO countersign_engine;
