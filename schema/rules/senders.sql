-- Senders: what people do with them. A sender is a label with revisions; a revision is proposed, then approved or rejected by
-- somebody else, and never changed (rules/four_eyes.sql). The newest approved one is in force, so a rejected one leaves the earlier
-- as it was. Whose a name is stands in sender_names.sql; what the installation grants, in presets.sql.

-- A sender of the workspace acted in, locked: acts on one sender come one after the other.
CREATE OR REPLACE FUNCTION own_sender(p_sender int) RETURNS sender
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  s sender;
BEGIN
  SELECT * INTO s FROM sender WHERE id = p_sender AND workspace_id = (SELECT acting_workspace()) FOR NO KEY UPDATE;
  IF s.id IS NULL THEN
    PERFORM must('campaign.view');
    RAISE EXCEPTION 'sender % does not exist', p_sender USING ERRCODE = 'CS404';
  END IF;
  RETURN s;
END $$;

-- Gives the new sender's id; it can be used when a revision of it is approved.
CREATE OR REPLACE FUNCTION create_sender(p_label text) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me identity := must('sender.manage');
  s  sender;
BEGIN
  IF coalesce(trim(p_label), '') = '' THEN
    RAISE EXCEPTION 'a sender needs a label, by which your colleagues know it' USING ERRCODE = 'CS422';
  END IF;
  INSERT INTO sender (workspace_id, label, created_by) VALUES (me.workspace_id, trim(p_label), me.person_id)
  ON CONFLICT DO NOTHING RETURNING * INTO s;
  IF s.id IS NULL THEN
    RAISE EXCEPTION 'there is a sender “%” already, maybe in the archive', trim(p_label) USING ERRCODE = 'CS409';
  END IF;
  PERFORM audit('sender.create', 'sender', s.id, jsonb_build_object('after', jsonb_build_object('label', s.label)));
  RETURN s.id;
END $$;

-- What audit keeps of a revision; its reason is somebody's words, which can be erased.
CREATE OR REPLACE FUNCTION revision_facts(r sender_revision) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_build_object('revision', r.revision, 'status', r.status, 'saddr', r.saddr, 'source_addr_ton', r.source_addr_ton,
    'source_addr_npi', r.source_addr_npi, 'dest_addr_ton', r.dest_addr_ton, 'dest_addr_npi', r.dest_addr_npi)
$$;

-- Type of number and numbering plan (SMPP 3.4, 5.2.5 and 5.2.6) of a sender name where nobody says otherwise: alphanumeric and
-- unknown for a name, international and E.164 for digits. A revision's address, not yet written, or CS422.
CREATE OR REPLACE FUNCTION address_of(p_saddr text, p_source_ton int, p_source_npi int, p_dest_ton int, p_dest_npi int) RETURNS sender_revision
LANGUAGE plpgsql IMMUTABLE SET search_path = public, pg_temp AS $$
DECLARE
  r sender_revision;
BEGIN
  IF NOT (coalesce(p_source_ton, 0) BETWEEN 0 AND 6 AND coalesce(p_dest_ton, 0) BETWEEN 0 AND 6
          AND coalesce(p_source_npi, 0) BETWEEN 0 AND 18 AND coalesce(p_dest_npi, 0) BETWEEN 0 AND 18) THEN
    RAISE EXCEPTION 'a type of number is 0 to 6, a numbering plan 0 to 18' USING ERRCODE = 'CS422';
  END IF;
  r.saddr := p_saddr;
  r.source_addr_ton := coalesce(p_source_ton, CASE WHEN p_saddr ~ '^[0-9]+$' THEN 1 ELSE 5 END);
  r.source_addr_npi := coalesce(p_source_npi, CASE WHEN p_saddr ~ '^[0-9]+$' THEN 1 ELSE 0 END);
  r.dest_addr_ton := coalesce(p_dest_ton, 1);
  r.dest_addr_npi := coalesce(p_dest_npi, 1);
  RETURN r;
END $$;

-- Proposes a revision; null: the usual type and plan. Gives its id. The name is claimed at once (sender_names.sql).
CREATE OR REPLACE FUNCTION submit_revision(p_sender int, p_saddr text, p_reason text, p_source_ton int DEFAULT NULL, p_source_npi int DEFAULT NULL,
  p_dest_ton int DEFAULT NULL, p_dest_npi int DEFAULT NULL) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  s  sender := own_sender(p_sender);
  me identity := must('sender.revise');
  r  sender_revision := address_of(p_saddr, p_source_ton, p_source_npi, p_dest_ton, p_dest_npi);
BEGIN
  IF s.preset_id IS NOT NULL THEN
    RAISE EXCEPTION 'sender “%” is the installation''s; make one of your own to change it', s.label USING ERRCODE = 'CS409';
  ELSIF s.archived_at IS NOT NULL THEN
    RAISE EXCEPTION 'sender “%” is archived; restore it first', s.label USING ERRCODE = 'CS409';
  ELSIF coalesce(trim(p_reason), '') = '' THEN
    RAISE EXCEPTION 'say what the name is for; whoever decides reads it' USING ERRCODE = 'CS422';
  END IF;
  -- whose it looks like is said before how it is written
  PERFORM claim_saddr(p_saddr, s.workspace_id);
  PERFORM must_be_saddr(p_saddr);
  INSERT INTO sender_revision (workspace_id, sender_id, revision, saddr, source_addr_ton, source_addr_npi, dest_addr_ton, dest_addr_npi,
                               reason, made_by)
  SELECT s.workspace_id, s.id, 1 + coalesce(max(o.revision), 0), r.saddr, r.source_addr_ton, r.source_addr_npi, r.dest_addr_ton, r.dest_addr_npi,
         trim(p_reason), me.person_id
    FROM sender_revision o WHERE o.sender_id = s.id
  RETURNING * INTO r;
  PERFORM audit('sender.revise', 'sender', s.id, jsonb_build_object('revision_id', r.id, 'after', revision_facts(r)),
    jsonb_build_object('reason', r.reason));
  RETURN r.id;
END $$;

-- Approves or rejects, once; a rejection says why.
CREATE OR REPLACE FUNCTION decide_revision(p_revision int, p_decision text, p_note text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  s   sender;
  old sender_revision;
  new sender_revision;
  me  identity;
BEGIN
  SELECT * INTO old FROM sender_revision WHERE id = p_revision AND workspace_id = (SELECT acting_workspace());
  me := must('sender.decide');
  IF old.id IS NULL THEN RAISE EXCEPTION 'sender revision % does not exist', p_revision USING ERRCODE = 'CS404'; END IF;
  s := own_sender(old.sender_id);
  SELECT * INTO old FROM sender_revision WHERE id = p_revision;
  IF p_decision IS DISTINCT FROM 'approve' AND p_decision IS DISTINCT FROM 'reject' THEN
    RAISE EXCEPTION 'a decision on a sender name is to approve or to reject it' USING ERRCODE = 'CS422';
  ELSIF old.status <> 'pending' THEN
    RAISE EXCEPTION 'revision % of sender “%” is % already', old.revision, s.label, old.status USING ERRCODE = 'CS409';
  ELSIF s.archived_at IS NOT NULL THEN
    RAISE EXCEPTION 'sender “%” is archived; restore it first', s.label USING ERRCODE = 'CS409';
  ELSIF old.made_by = me.person_id THEN
    RAISE EXCEPTION 'you proposed this revision, so somebody else has to decide on it' USING ERRCODE = 'CS403';
  ELSIF p_decision = 'reject' AND coalesce(trim(p_note), '') = '' THEN
    RAISE EXCEPTION 'say why, so that who proposed it knows what to do' USING ERRCODE = 'CS422';
  END IF;
  IF p_decision = 'approve' AND s.preset_id IS NULL THEN PERFORM claim_saddr(old.saddr, s.workspace_id); END IF;
  UPDATE sender_revision SET status = CASE p_decision WHEN 'approve' THEN 'approved' ELSE 'rejected' END,
         decided_by = me.person_id, decided_at = clock_timestamp(), note = nullif(trim(p_note), '')
   WHERE id = old.id RETURNING * INTO new;
  PERFORM audit('sender.' || p_decision, 'sender', s.id,
    jsonb_build_object('revision_id', new.id, 'before', revision_facts(old), 'after', revision_facts(new)),
    jsonb_strip_nulls(jsonb_build_object('note', new.note)));
END $$;

-- Out of the wizard; what was submitted with it goes on.
CREATE OR REPLACE FUNCTION archive_sender(p_sender int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  s sender := own_sender(p_sender);
BEGIN
  PERFORM must('sender.manage');
  IF s.archived_at IS NOT NULL THEN
    RAISE EXCEPTION 'sender “%” is archived already', s.label USING ERRCODE = 'CS409';
  END IF;
  UPDATE sender SET archived_at = clock_timestamp() WHERE id = s.id;
  PERFORM audit('sender.archive', 'sender', s.id, '{"before": {"archived": false}, "after": {"archived": true}}');
END $$;

-- Back, with all its names; CS409 when one of them is somebody else's by now.
CREATE OR REPLACE FUNCTION restore_sender(p_sender int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  s sender := own_sender(p_sender);
  r sender_revision;
BEGIN
  PERFORM must('sender.manage');
  IF s.archived_at IS NULL THEN
    RAISE EXCEPTION 'sender “%” is not archived', s.label USING ERRCODE = 'CS409';
  ELSIF s.revoked_at IS NOT NULL THEN
    RAISE EXCEPTION 'the installation has taken back sender “%”; ask a super admin for it', s.label USING ERRCODE = 'CS409';
  END IF;
  UPDATE sender SET archived_at = NULL WHERE id = s.id;
  IF s.preset_id IS NULL THEN
    -- in one order, so that two who restore don't wait for each other
    FOR r IN SELECT * FROM sender_revision WHERE sender_id = s.id AND status <> 'rejected' ORDER BY saddr_skeleton(saddr) LOOP
      PERFORM claim_saddr(r.saddr, s.workspace_id);
    END LOOP;
  END IF;
  PERFORM audit('sender.restore', 'sender', s.id, '{"before": {"archived": true}, "after": {"archived": false}}');
END $$;

-- How many other workspaces may send under the name of this revision: those that the same preset is granted to. Not which.
CREATE OR REPLACE FUNCTION others_who_may_use(p_revision int) RETURNS int
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  r sender_revision;
BEGIN
  SELECT * INTO r FROM sender_revision WHERE id = p_revision;
  PERFORM must_see(r.workspace_id, 'sender revision ' || p_revision);
  RETURN (SELECT count(*) FROM sender mine JOIN sender s ON s.preset_id = mine.preset_id AND s.id <> mine.id
           WHERE mine.id = r.sender_id AND s.archived_at IS NULL);
END $$;

GRANT EXECUTE ON FUNCTION create_sender(text), submit_revision(int, text, text, int, int, int, int), decide_revision(int, text, text),
  archive_sender(int), restore_sender(int), others_who_may_use(int) TO countersign_portal;
