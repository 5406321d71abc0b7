-- How a campaign moves: one table of what leads where and who may press it, one function that moves, a row a move.
-- States are never set by hand: only `move_campaign` writes campaign.state.

DELETE FROM campaign_move;
INSERT INTO campaign_move (action, from_state, to_state, pressed_by) VALUES
  ('submit',  'draft',     'in_review', 'person'),
  ('approve', 'in_review', 'scheduled', 'person'),
  ('revise',  'in_review', 'draft',     'person'),
  ('revise',  'scheduled', 'draft',     'person'),
  ('reject',  'in_review', 'rejected',  'person'),
  ('open',    'scheduled', 'sending',   'system'),
  ('expire',  'scheduled', 'expired',   'system'),
  ('expire',  'sending',   'expired',   'system'),
  ('expire',  'paused',    'expired',   'system'),
  ('pause',   'sending',   'paused',    'person'),
  ('resume',  'paused',    'sending',   'person'),
  ('stop',    'draft',     'cancelled', 'person'),
  ('stop',    'in_review', 'cancelled', 'person'),
  ('stop',    'scheduled', 'cancelled', 'person'),
  ('stop',    'sending',   'cancelled', 'person'),
  ('stop',    'paused',    'cancelled', 'person'),
  ('close',   'sending',   'done',      'system'),
  ('fail',    'scheduled', 'failed',    'system'),
  ('fail',    'sending',   'failed',    'system'),
  ('fail',    'paused',    'failed',    'system');

-- Takes the action and who presses it (null: the system). Gives the new state. Refuses with CS409 what does not lead on
-- from where the campaign is, and with CS403 who may not.
CREATE OR REPLACE FUNCTION move_campaign(p_campaign int, p_action text, p_person int DEFAULT NULL, p_note text DEFAULT NULL)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  c    campaign;
  move campaign_move;
BEGIN
  SELECT * INTO c FROM campaign WHERE id = p_campaign FOR NO KEY UPDATE;
  IF c.id IS NULL THEN RAISE EXCEPTION 'campaign % does not exist', p_campaign USING ERRCODE = 'CS404'; END IF;
  SELECT * INTO move FROM campaign_move WHERE action = p_action AND from_state = c.state;
  IF move.action IS NULL THEN
    RAISE EXCEPTION 'campaign % is %, so it can''t be moved by "%"', c.id, c.state, p_action USING ERRCODE = 'CS409';
  END IF;
  IF move.pressed_by = 'person' AND NOT is_member(c.workspace_id, p_person) THEN
    RAISE EXCEPTION 'only a member of its workspace can % this campaign', p_action USING ERRCODE = 'CS403';
  END IF;
  IF p_action = 'reject' AND NOT may_approve(c.workspace_id, p_person) THEN
    RAISE EXCEPTION 'only a moderator or admin of this workspace can reject' USING ERRCODE = 'CS403';
  END IF;
  IF move.pressed_by = 'system' AND session_user = 'countersign_portal' THEN
    RAISE EXCEPTION 'only the engine can % a campaign', p_action USING ERRCODE = 'CS403';
  END IF;
  IF move.pressed_by = 'person' AND session_user = 'countersign_engine' THEN
    RAISE EXCEPTION 'only a person can % a campaign', p_action USING ERRCODE = 'CS403';
  END IF;
  IF p_action = 'submit' THEN PERFORM is_complete(c); END IF;
  IF move.to_state IN ('scheduled', 'sending') AND approvals_standing(c.id) < approvals_needed(c.id) THEN
    RAISE EXCEPTION 'campaign % needs % approvals and has %', c.id, approvals_needed(c.id), approvals_standing(c.id)
      USING ERRCODE = 'CS001';
  END IF;
  IF p_action = 'open' AND c.starts_at > now() THEN
    RAISE EXCEPTION 'campaign % starts at %', c.id, c.starts_at USING ERRCODE = 'CS002';
  END IF;
  -- what has begun has until its end
  IF p_action = 'expire' AND coalesce(CASE WHEN c.state = 'scheduled' THEN least(c.starts_at, c.ends_at) ELSE c.ends_at END, 'infinity') > now() THEN
    RAISE EXCEPTION 'the time of campaign % has not passed', c.id USING ERRCODE = 'CS409';
  END IF;
  IF p_action = 'close' AND NOT campaign_is_exhausted(c.id) THEN
    RAISE EXCEPTION 'campaign % still has recipients without an outcome of submission', c.id USING ERRCODE = 'CS409';
  END IF;

  UPDATE campaign SET state = move.to_state,
         submission = submission + (p_action = 'submit')::int,
         opened_at = CASE WHEN p_action = 'open' THEN clock_timestamp() ELSE opened_at END,
         closed_at = CASE WHEN move.to_state IN ('done', 'cancelled', 'failed', 'expired', 'rejected') THEN clock_timestamp() ELSE closed_at END,
         failure = CASE WHEN p_action = 'fail' THEN p_note ELSE failure END
   WHERE id = c.id;
  INSERT INTO campaign_transition (campaign_id, workspace_id, action, from_state, to_state, person_id, note)
  VALUES (c.id, c.workspace_id, p_action, c.state, move.to_state, p_person, p_note);
  -- a hint to wake up, delivered at commit; whoever needs it also looks by the clock
  PERFORM pg_notify('countersign_campaign', c.id::text);
  RETURN move.to_state;
END $$;

-- What can be put before an approver: refuses with CS409 what lacks an audience, a channel or an approved sender.
CREATE OR REPLACE FUNCTION is_complete(c campaign) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  stranger int;
BEGIN
  IF campaign_fingerprint(c.id) IS NULL THEN
    RAISE EXCEPTION 'campaign % has no complete audience yet; load and seal it before you submit', c.id USING ERRCODE = 'CS409';
  END IF;
  IF NOT EXISTS (SELECT FROM sender_revision r WHERE r.id = c.sender_revision_id AND r.status = 'approved') THEN
    RAISE EXCEPTION 'the sender name of campaign % is not approved', c.id USING ERRCODE = 'CS409';
  END IF;
  IF EXISTS (SELECT FROM lane l WHERE l.campaign_id = c.id AND NOT EXISTS (SELECT FROM lane_channel s WHERE s.lane_id = l.id)) THEN
    RAISE EXCEPTION 'campaign % has no channel yet; choose one before you submit', c.id USING ERRCODE = 'CS409';
  END IF;
  SELECT s.channel_id INTO stranger FROM lane l JOIN lane_channel s ON s.lane_id = l.id
   WHERE l.campaign_id = c.id
     AND NOT EXISTS (SELECT FROM channel_grant g WHERE g.channel_id = s.channel_id AND g.workspace_id = c.workspace_id) LIMIT 1;
  IF stranger IS NOT NULL THEN
    RAISE EXCEPTION 'channel % is not granted to the workspace of campaign %', stranger, c.id USING ERRCODE = 'CS409';
  END IF;
END $$;

-- Nothing left to claim and no block open.
CREATE OR REPLACE FUNCTION campaign_is_exhausted(p_campaign int) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN NOT EXISTS (
    SELECT FROM lane l WHERE l.campaign_id = p_campaign
       AND (l.next_seq <= l.recipients OR l.returned <> '{}' OR l.resend <> '{}'
            OR EXISTS (SELECT FROM block b WHERE b.lane_id = l.id AND b.month = l.month AND b.closed_at IS NULL)));
END $$;

-- Content is edited in draft only; everything else goes through `revise`, so that approvals never dangle over a change.
CREATE OR REPLACE FUNCTION content_is_fixed() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF OLD.state <> 'draft' THEN
    RAISE EXCEPTION 'campaign % is %; take it back to draft to change it', OLD.id, OLD.state USING ERRCODE = 'CS409';
  END IF;
  NEW.edited_at := clock_timestamp();
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER content_is_fixed
  BEFORE UPDATE OF name, mode, sender_revision_id, text, segments, on_lost_answer, validity_minutes,
    starts_at, ends_at, created_by, edited_by ON campaign
  FOR EACH ROW EXECUTE FUNCTION content_is_fixed();

-- Lanes and their channels are content too: an approver signs them.
CREATE OR REPLACE FUNCTION lanes_are_fixed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  changed jsonb;
  c       campaign;
BEGIN
  changed := to_jsonb(coalesce(NEW, OLD));
  -- a change and a submission of the same campaign come one after the other
  SELECT * INTO c FROM campaign WHERE id = CASE TG_TABLE_NAME WHEN 'lane' THEN (changed ->> 'campaign_id')::int
    ELSE (SELECT l.campaign_id FROM lane l WHERE l.id = (changed ->> 'lane_id')::int) END FOR SHARE;
  IF c.state <> 'draft' THEN
    RAISE EXCEPTION 'campaign % is %; take it back to draft to change it', c.id, c.state USING ERRCODE = 'CS409';
  END IF;
  RETURN coalesce(NEW, OLD);
END $$;
CREATE OR REPLACE TRIGGER lanes_are_fixed BEFORE INSERT OR DELETE ON lane FOR EACH ROW EXECUTE FUNCTION lanes_are_fixed();
CREATE OR REPLACE TRIGGER lanes_are_fixed BEFORE INSERT OR UPDATE OR DELETE ON lane_channel
  FOR EACH ROW EXECUTE FUNCTION lanes_are_fixed();

GRANT EXECUTE ON FUNCTION move_campaign(int, text, int, text), campaign_is_exhausted(int)
  TO countersign_engine, countersign_portal;
