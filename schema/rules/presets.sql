-- Presets: sender names of the installation, granted to workspaces by a super admin and owned by none of them.
--
-- A grant is a sender of the workspace with one revision, for a campaign names a revision of its own workspace and all that looks
-- at senders (wizard, approver, fingerprint, door) then needs to know nothing of presets. Four eyes hold here too: a super admin
-- who grants what another made approves it with that; one who grants their own proposes it, and the workspace decides on it like
-- on any revision. A preset is never changed: another one is made.

CREATE OR REPLACE FUNCTION create_preset(p_label text, p_saddr text, p_reason text, p_source_ton int DEFAULT NULL, p_source_npi int DEFAULT NULL,
  p_dest_ton int DEFAULT NULL, p_dest_npi int DEFAULT NULL) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me identity := must('installation.manage');
  r  sender_revision := address_of(p_saddr, p_source_ton, p_source_npi, p_dest_ton, p_dest_npi);
  p  preset;
BEGIN
  IF coalesce(trim(p_label), '') = '' OR coalesce(trim(p_reason), '') = '' THEN
    RAISE EXCEPTION 'a preset needs a label, and words on what it is for' USING ERRCODE = 'CS422';
  END IF;
  PERFORM claim_saddr(p_saddr, NULL);
  PERFORM must_be_saddr(p_saddr);
  INSERT INTO preset (label, saddr, source_addr_ton, source_addr_npi, dest_addr_ton, dest_addr_npi, reason, created_by)
  VALUES (trim(p_label), r.saddr, r.source_addr_ton, r.source_addr_npi, r.dest_addr_ton, r.dest_addr_npi, trim(p_reason), me.person_id)
  ON CONFLICT DO NOTHING RETURNING * INTO p;
  IF p.id IS NULL THEN
    RAISE EXCEPTION 'there is a preset “%” already', trim(p_label) USING ERRCODE = 'CS409';
  END IF;
  PERFORM audit_installation('preset.create', 'preset', p.id,
    jsonb_build_object('after', jsonb_build_object('label', p.label) || revision_facts(r) - 'revision' - 'status'),
    jsonb_build_object('reason', p.reason));
  RETURN p.id;
END $$;

-- A preset that is not archived, locked. Only after `must`.
CREATE OR REPLACE FUNCTION living_preset(p_preset int) RETURNS preset
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  p preset;
BEGIN
  SELECT * INTO p FROM preset WHERE id = p_preset FOR NO KEY UPDATE;
  IF p.id IS NULL THEN RAISE EXCEPTION 'preset % does not exist', p_preset USING ERRCODE = 'CS404'; END IF;
  IF p.archived_at IS NOT NULL THEN RAISE EXCEPTION 'preset “%” is archived', p.label USING ERRCODE = 'CS409'; END IF;
  RETURN p;
END $$;

-- Gives the revision that the workspace may use from here on (approved), or has to decide on (pending).
CREATE OR REPLACE FUNCTION grant_preset(p_preset int, p_workspace int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me identity := must('installation.manage');
  p  preset := living_preset(p_preset);
  s  sender;
  r  sender_revision;
BEGIN
  IF NOT EXISTS (SELECT FROM workspace w WHERE w.id = p_workspace) THEN
    RAISE EXCEPTION 'workspace % does not exist', p_workspace USING ERRCODE = 'CS404';
  END IF;
  SELECT * INTO s FROM sender WHERE preset_id = p.id AND workspace_id = p_workspace FOR NO KEY UPDATE;
  SELECT * INTO r FROM sender_revision WHERE sender_id = s.id AND status <> 'rejected' ORDER BY revision DESC LIMIT 1;
  IF r.id IS NOT NULL AND s.archived_at IS NULL THEN
    RAISE EXCEPTION 'preset “%” is granted to this workspace already', p.label USING ERRCODE = 'CS409';
  END IF;
  IF s.id IS NULL THEN
    INSERT INTO sender (workspace_id, label, preset_id, created_by) VALUES (p_workspace, p.label, p.id, me.person_id)
    ON CONFLICT DO NOTHING RETURNING * INTO s;
    IF s.id IS NULL THEN
      RAISE EXCEPTION 'the workspace has a sender “%” of its own; make the preset under another label', p.label USING ERRCODE = 'CS409';
    END IF;
  ELSE
    UPDATE sender SET archived_at = NULL, revoked_at = NULL WHERE id = s.id;
  END IF;
  IF r.id IS NULL THEN r := revise_by_preset(s, p, me.person_id); END IF;
  -- in the workspace's own chain, whose members it concerns
  PERFORM audit_row(s.workspace_id, me.person_id, me.role, 'preset.grant', 'sender', s.id,
    jsonb_build_object('preset_id', p.id, 'revision_id', r.id, 'after', revision_facts(r)), '{}');
  RETURN r.id;
END $$;

CREATE OR REPLACE FUNCTION revise_by_preset(s sender, p preset, p_granter int) RETURNS sender_revision
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  approved boolean := p_granter <> p.created_by;
  r        sender_revision;
BEGIN
  INSERT INTO sender_revision (workspace_id, sender_id, revision, saddr, source_addr_ton, source_addr_npi, dest_addr_ton, dest_addr_npi,
                               reason, made_by, status, decided_by, decided_at)
  SELECT s.workspace_id, s.id, 1 + coalesce(max(o.revision), 0), p.saddr, p.source_addr_ton, p.source_addr_npi, p.dest_addr_ton, p.dest_addr_npi,
         p.reason, p.created_by, CASE WHEN approved THEN 'approved' ELSE 'pending' END,
         CASE WHEN approved THEN p_granter END, CASE WHEN approved THEN clock_timestamp() END
    FROM sender_revision o WHERE o.sender_id = s.id
  RETURNING * INTO r;
  RETURN r;
END $$;

-- Takes a grant back: nothing more is submitted with it. What was submitted goes on; whoever wants it stopped stops it.
CREATE OR REPLACE FUNCTION revoke_preset(p_preset int, p_workspace int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM must('installation.manage');
  IF NOT EXISTS (SELECT FROM sender WHERE preset_id = p_preset AND workspace_id = p_workspace AND revoked_at IS NULL) THEN
    RAISE EXCEPTION 'preset % is not granted to workspace %', p_preset, p_workspace USING ERRCODE = 'CS404';
  END IF;
  PERFORM take_back(p_preset, p_workspace);
END $$;

-- From one workspace, or, null, from all.
CREATE OR REPLACE FUNCTION take_back(p_preset int, p_workspace int) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  me identity := acting();
  s  sender;
BEGIN
  FOR s IN SELECT * FROM sender WHERE preset_id = p_preset AND workspace_id = coalesce(p_workspace, workspace_id) AND revoked_at IS NULL
            ORDER BY id FOR NO KEY UPDATE LOOP
    UPDATE sender SET archived_at = coalesce(archived_at, clock_timestamp()), revoked_at = clock_timestamp() WHERE id = s.id;
    PERFORM audit_row(s.workspace_id, me.person_id, me.role, 'preset.revoke', 'sender', s.id, jsonb_build_object('preset_id', p_preset), '{}');
  END LOOP;
END $$;

-- Takes it back from everybody, for good.
CREATE OR REPLACE FUNCTION archive_preset(p_preset int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me identity := must('installation.manage');
  p  preset := living_preset(p_preset);
BEGIN
  PERFORM take_back(p.id, NULL);
  UPDATE preset SET archived_at = clock_timestamp() WHERE id = p.id;
  PERFORM audit_installation('preset.archive', 'preset', p.id, '{"before": {"archived": false}, "after": {"archived": true}}');
END $$;

GRANT EXECUTE ON FUNCTION create_preset(text, text, text, int, int, int, int), grant_preset(int, int), revoke_preset(int, int), archive_preset(int)
  TO countersign_portal;
