-- Four eyes: whoever made, edited or submitted any part of a campaign can't approve it, nor can somebody to whom one of those gave the
-- right to decide after it was begun. An approval stands for one fingerprint of one submission, and a campaign is sent only while
-- enough of them stand: the door asks `approvals_standing` again at every claim. A sender's revision is decided once, by somebody who
-- didn't make it, and never changes again.

-- Approvals that count for what the campaign is now: distinct people, its current fingerprint, its latest submission (what
-- was taken back to draft is approved anew, also when nothing was changed), none of its makers, signed by a passkey where the
-- workspace asks for that. Who gave one may have left since: they had the right to when they did, and Monday's payroll doesn't
-- hang on who is still there.
CREATE OR REPLACE FUNCTION approvals_counting(p_campaign int, p_fingerprint bytea) RETURNS int
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
BEGIN
  RETURN (SELECT count(DISTINCT a.person_id)
            FROM approval a JOIN campaign c ON c.id = a.campaign_id AND c.submission = a.submission
            JOIN workspace w ON w.id = c.workspace_id
           WHERE a.campaign_id = p_campaign AND a.fingerprint = p_fingerprint
             AND (a.assertion_id IS NOT NULL OR NOT w.require_signed_approvals)
             AND NOT EXISTS (SELECT FROM campaign_maker m WHERE m.campaign_id = a.campaign_id AND m.person_id = a.person_id));
END $$;

CREATE OR REPLACE FUNCTION approvals_standing(p_campaign int) RETURNS int
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN approvals_counting(p_campaign, campaign_fingerprint(p_campaign));
END $$;

-- As many as its workspace has set now, by its audience's size: that of a trigger campaign is without bound, so it is large whatever was fed.
CREATE OR REPLACE FUNCTION approvals_set(c campaign) RETURNS int
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT CASE WHEN w.large_from_recipients IS NOT NULL
               AND (c.mode = 'trigger' OR (SELECT sum(l.recipients) FROM lane l WHERE l.campaign_id = c.id) >= w.large_from_recipients)
              THEN w.large_approvals_needed ELSE w.approvals_needed END
    FROM workspace w WHERE w.id = c.workspace_id
$$;

-- At least as many as were set when it was submitted: who loosens the rule loosens it for what comes after.
CREATE OR REPLACE FUNCTION approvals_needed(p_campaign int) RETURNS int
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN (SELECT greatest(approvals_set(c), CASE WHEN c.submission > 0 THEN c.approvals_asked END) FROM campaign c WHERE c.id = p_campaign);
END $$;

-- Null, or why this person is no second pair of eyes for a campaign.
CREATE OR REPLACE FUNCTION not_a_second_pair(c campaign, p_person int) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
DECLARE
  giver text;
BEGIN
  IF EXISTS (SELECT FROM campaign_maker m WHERE m.campaign_id = c.id AND m.person_id = p_person) THEN
    RETURN 'you made, edited or submitted this campaign, so somebody else has to approve it';
  END IF;
  SELECT p.name INTO giver
    FROM membership m JOIN campaign_maker k ON k.campaign_id = c.id AND k.person_id = m.given_by JOIN person p ON p.id = m.given_by
   WHERE m.workspace_id = c.workspace_id AND m.person_id = p_person AND m.left_at IS NULL AND m.given_at >= c.created_at;
  IF giver IS NULL THEN RETURN NULL; END IF;
  RETURN format('%s, who wrote part of this campaign, gave you your role after it was begun; somebody else has to approve it', giver);
END $$;

CREATE OR REPLACE FUNCTION four_eyes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  c   campaign;
  why text;
BEGIN
  -- an approval and an edit of the same campaign come one after the other
  SELECT * INTO c FROM campaign WHERE id = NEW.campaign_id FOR NO KEY UPDATE;
  IF c.id IS NULL OR c.workspace_id <> NEW.workspace_id THEN
    RAISE EXCEPTION 'campaign % does not exist in this workspace', NEW.campaign_id USING ERRCODE = 'CS404';
  END IF;
  IF c.state <> 'in_review' THEN
    RAISE EXCEPTION 'campaign % is %, and only what is in review can be approved', c.id, replace(c.state, '_', ' ') USING ERRCODE = 'CS409';
  END IF;
  why := not_a_second_pair(c, NEW.person_id);
  IF why IS NOT NULL THEN RAISE EXCEPTION '%', why USING ERRCODE = 'CS403'; END IF;
  IF acting_person() IS DISTINCT FROM NEW.person_id THEN
    RAISE EXCEPTION 'nobody approves in the name of somebody else' USING ERRCODE = 'CS403';
  END IF;
  PERFORM must('campaign.decide');
  IF NEW.fingerprint IS DISTINCT FROM campaign_fingerprint(c.id) THEN
    RAISE EXCEPTION 'the campaign has changed since you read it; read it again before you approve' USING ERRCODE = 'CS409';
  END IF;
  NEW.submission := c.submission;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER four_eyes BEFORE INSERT ON approval FOR EACH ROW EXECUTE FUNCTION four_eyes();

CREATE OR REPLACE FUNCTION approval_completes_review() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  c campaign;
BEGIN
  IF approvals_standing(NEW.campaign_id) >= approvals_needed(NEW.campaign_id) THEN
    SELECT * INTO c FROM campaign WHERE id = NEW.campaign_id;
    PERFORM move(c, 'approve', NULL);
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
     OR (to_jsonb(NEW) - 'status' - 'decided_by' - 'decided_at' - 'note') <> (to_jsonb(OLD) - 'status' - 'decided_by' - 'decided_at' - 'note') THEN
    RAISE EXCEPTION 'revision % of sender % is never changed; make a new revision', OLD.revision, OLD.sender_id USING ERRCODE = 'CS403';
  END IF;
  IF acting_person() IS DISTINCT FROM NEW.decided_by THEN
    RAISE EXCEPTION 'nobody decides in the name of somebody else' USING ERRCODE = 'CS403';
  END IF;
  PERFORM must('sender.decide');
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER revision_is_immutable BEFORE UPDATE OR DELETE ON sender_revision
  FOR EACH ROW EXECUTE FUNCTION revision_is_immutable();

