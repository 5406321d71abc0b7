-- Four eyes: whoever made or edited any part of a campaign can't approve it, an approval stands for one fingerprint of one
-- submission, and a campaign is sent only while enough of them stand. The door asks `approvals_standing` again at every
-- claim. A sender's revision is decided once, by somebody who didn't make it, and never changes again.

-- Who belongs to a workspace, and who of them may say yes or no to what others made: now, whatever they were then.
CREATE OR REPLACE FUNCTION is_member(p_workspace int, p_person int) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM membership m WHERE m.workspace_id = p_workspace AND m.person_id = p_person)
$$;

CREATE OR REPLACE FUNCTION may_approve(p_workspace int, p_person int) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM membership m WHERE m.workspace_id = p_workspace AND m.person_id = p_person
                    AND (m.role IN ('moderator', 'admin') OR m.moderator))
$$;

-- Only members make a campaign or edit it; who made it may have left by the time others edit.
CREATE OR REPLACE FUNCTION note_campaign_maker() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT is_member(NEW.workspace_id, NEW.edited_by)
     OR NEW.created_by IS DISTINCT FROM OLD.created_by AND NOT is_member(NEW.workspace_id, NEW.created_by) THEN
    RAISE EXCEPTION 'only a member of its workspace can make or change this campaign' USING ERRCODE = 'CS403';
  END IF;
  INSERT INTO campaign_maker (campaign_id, workspace_id, person_id)
  SELECT NEW.id, NEW.workspace_id, maker FROM unnest(ARRAY[NEW.created_by, NEW.edited_by]) AS maker
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER note_campaign_maker
  AFTER INSERT OR UPDATE OF name, mode, sender_revision_id, text, segments, on_lost_answer, validity_minutes,
    starts_at, ends_at, created_by, edited_by ON campaign
  FOR EACH ROW EXECUTE FUNCTION note_campaign_maker();

-- The same for the parts that have tables of their own: every function that loads, seals or chooses one calls it first. Only
-- a member changes a campaign, and only a draft.
CREATE OR REPLACE FUNCTION note_maker(p_campaign int, p_person int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  c campaign;
BEGIN
  -- a change and a submission of the same campaign come one after the other
  SELECT * INTO c FROM campaign WHERE id = p_campaign FOR NO KEY UPDATE;
  IF c.id IS NULL THEN RAISE EXCEPTION 'campaign % does not exist', p_campaign USING ERRCODE = 'CS404'; END IF;
  IF c.state <> 'draft' THEN
    RAISE EXCEPTION 'campaign % is %; take it back to draft to change it', c.id, c.state USING ERRCODE = 'CS409';
  END IF;
  IF NOT is_member(c.workspace_id, p_person) THEN
    RAISE EXCEPTION 'only a member of its workspace can change this campaign' USING ERRCODE = 'CS403';
  END IF;
  INSERT INTO campaign_maker (campaign_id, workspace_id, person_id) VALUES (c.id, c.workspace_id, p_person) ON CONFLICT DO NOTHING;
END $$;

-- Approvals that count for what the campaign is now: distinct people, its current fingerprint, its latest submission (what
-- was taken back to draft is approved anew, also when nothing was changed), none of its makers. Who gave one may have
-- left since: they had the right to when they did, and Monday's payroll doesn't hang on who is still there.
CREATE OR REPLACE FUNCTION approvals_standing(p_campaign int) RETURNS int
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  current bytea := campaign_fingerprint(p_campaign);
BEGIN
  RETURN (SELECT count(DISTINCT a.person_id)
            FROM approval a JOIN campaign c ON c.id = a.campaign_id AND c.submission = a.submission
           WHERE a.campaign_id = p_campaign AND a.fingerprint = current
             AND NOT EXISTS (SELECT FROM campaign_maker m WHERE m.campaign_id = a.campaign_id AND m.person_id = a.person_id));
END $$;

CREATE OR REPLACE FUNCTION approvals_needed(p_campaign int) RETURNS int
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN (SELECT CASE WHEN (SELECT sum(l.recipients) FROM lane l WHERE l.campaign_id = c.id) >= w.large_from_recipients
                      THEN w.large_approvals_needed ELSE w.approvals_needed END
            FROM campaign c JOIN workspace w ON w.id = c.workspace_id WHERE c.id = p_campaign);
END $$;

CREATE OR REPLACE FUNCTION four_eyes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  c campaign;
BEGIN
  -- an approval and an edit of the same campaign come one after the other
  SELECT * INTO c FROM campaign WHERE id = NEW.campaign_id FOR NO KEY UPDATE;
  IF c.id IS NULL OR c.workspace_id <> NEW.workspace_id THEN
    RAISE EXCEPTION 'campaign % does not exist in this workspace', NEW.campaign_id USING ERRCODE = 'CS404';
  END IF;
  IF c.state <> 'in_review' THEN
    RAISE EXCEPTION 'campaign % is %, and only what is in review can be approved', c.id, c.state USING ERRCODE = 'CS409';
  END IF;
  IF EXISTS (SELECT FROM campaign_maker m WHERE m.campaign_id = c.id AND m.person_id = NEW.person_id) THEN
    RAISE EXCEPTION 'you made or edited this campaign, so somebody else has to approve it' USING ERRCODE = 'CS403';
  END IF;
  IF NOT may_approve(c.workspace_id, NEW.person_id) THEN
    RAISE EXCEPTION 'only a moderator or admin of this workspace can approve' USING ERRCODE = 'CS403';
  END IF;
  IF NEW.fingerprint IS DISTINCT FROM campaign_fingerprint(c.id) THEN
    RAISE EXCEPTION 'the campaign has changed since you read it; read it again before you approve' USING ERRCODE = 'CS409';
  END IF;
  NEW.submission := c.submission;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER four_eyes BEFORE INSERT ON approval FOR EACH ROW EXECUTE FUNCTION four_eyes();

CREATE OR REPLACE FUNCTION approval_completes_review() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF approvals_standing(NEW.campaign_id) >= approvals_needed(NEW.campaign_id) THEN
    PERFORM move_campaign(NEW.campaign_id, 'approve', NEW.person_id);
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER approval_completes_review AFTER INSERT ON approval
  FOR EACH ROW EXECUTE FUNCTION approval_completes_review();

CREATE OR REPLACE FUNCTION approval_is_immutable() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'an approval is never changed or taken back; stop the campaign instead' USING ERRCODE = 'CS403';
END $$;
CREATE OR REPLACE TRIGGER approval_is_immutable BEFORE UPDATE OR DELETE ON approval
  FOR EACH ROW EXECUTE FUNCTION approval_is_immutable();

CREATE OR REPLACE TRIGGER approval_is_not_emptied BEFORE TRUNCATE ON approval
  FOR EACH STATEMENT EXECUTE FUNCTION approval_is_immutable();

-- That nobody decides on their own is a constraint of the table (four_eyes); here, that only who may decide does, and once.
CREATE OR REPLACE FUNCTION revision_is_immutable() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.status <> 'pending'
     OR (to_jsonb(NEW) - 'status' - 'decided_by' - 'decided_at') <> (to_jsonb(OLD) - 'status' - 'decided_by' - 'decided_at') THEN
    RAISE EXCEPTION 'revision % of sender % is never changed; make a new revision', OLD.revision, OLD.sender_id USING ERRCODE = 'CS403';
  END IF;
  IF NOT may_approve(NEW.workspace_id, NEW.decided_by) THEN
    RAISE EXCEPTION 'only a moderator or admin of this workspace can decide on a sender name' USING ERRCODE = 'CS403';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER revision_is_immutable BEFORE UPDATE OR DELETE ON sender_revision
  FOR EACH ROW EXECUTE FUNCTION revision_is_immutable();

GRANT EXECUTE ON FUNCTION approvals_standing(int), approvals_needed(int) TO countersign_engine, countersign_portal;
