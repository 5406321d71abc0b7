-- How long what is kept is kept, by workspace. Numbers and texts go keep_content_months after their campaign has ended; the audit's
-- beginning goes after keep_audit_months. What stays: each block's outcomes and digest, all counts, the ledger's sealed roots, who
-- approved which fingerprint with which signature, and a chain that still verifies: it was made over the digest of what is erased.

-- Whether this transaction erases: the guards against accidents then let it pass. Only the owner has the right to erase at all.
CREATE OR REPLACE FUNCTION erasing() RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT coalesce(current_setting('countersign.erasing', true) = 'yes', false)
$$;

-- What the audit says with numbers and words of recipients in it; what it says of its people stays as long as the audit.
CREATE OR REPLACE FUNCTION content_actions() RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT ARRAY['campaign.create', 'campaign.edit', 'number.reveal', 'number.prove', 'stop_list.add', 'stop_list.remove']
$$;

-- Erases the numbers and words of one ended and sealed campaign.
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
  END LOOP;
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

-- Cuts off the beginning of a chain. The rest verifies from its anchor on. Gives how many rows went.
CREATE OR REPLACE FUNCTION truncate_audit(p_workspace int, p_before timestamptz) RETURNS int
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  keep audit;
  n    int;
BEGIN
  PERFORM FROM audit_chain WHERE workspace_id = p_workspace FOR NO KEY UPDATE;
  SELECT * INTO keep FROM audit WHERE workspace_id = p_workspace AND at >= p_before ORDER BY seq LIMIT 1;
  IF keep.seq IS NULL THEN RETURN 0; END IF;
  DELETE FROM audit WHERE workspace_id = p_workspace AND seq < keep.seq;
  GET DIAGNOSTICS n = ROW_COUNT;
  IF n > 0 THEN
    UPDATE audit_chain SET first_seq = keep.seq, anchor = keep.previous WHERE workspace_id = p_workspace;
    PERFORM audit_system(p_workspace, 'audit.truncate', 'workspace', p_workspace,
      jsonb_build_object('first_seq', keep.seq, 'anchor', encode(keep.previous, 'hex'), 'rows', n));
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
  PERFORM set_config('countersign.erasing', 'yes', true);
  SELECT x.* INTO c FROM workspace k JOIN campaign x ON x.workspace_id = k.id
   WHERE k.keep_content_months IS NOT NULL AND x.ledger_sealed_at IS NOT NULL AND x.erased_at IS NULL
     AND x.closed_at < now() - make_interval(months => k.keep_content_months)
   ORDER BY x.closed_at LIMIT 1 FOR NO KEY UPDATE OF x SKIP LOCKED;
  IF c.id IS NOT NULL THEN
    PERFORM erase_campaign(c);
    RETURN true;
  END IF;
  FOR w IN SELECT * FROM workspace WHERE keep_content_months IS NOT NULL OR keep_audit_months IS NOT NULL ORDER BY id LOOP
    -- null: kept for ever, and nothing is before it
    IF erase_audit(w.id, now() - make_interval(months => w.keep_content_months))
       + truncate_audit(w.id, now() - make_interval(months => w.keep_audit_months)) > 0 THEN
      RETURN true;
    END IF;
  END LOOP;
  RETURN false;
END $$;

GRANT EXECUTE ON FUNCTION erase_overdue() TO countersign_engine;
