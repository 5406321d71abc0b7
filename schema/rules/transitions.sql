-- How a campaign moves: one table of what leads where and who may press it, one function that moves, a row a move.
-- States are never set by hand: only `move` writes campaign.state.
--
-- draft → in_review → scheduled → sending ⇄ paused → done. From in_review it is rejected, or goes back to draft: because changes
-- were requested, or because an editor takes it back. Whatever is unfinished can be stopped (cancelled). What is scheduled opens by
-- itself at its time, or waits for Start; it expires when its time passed more than the grace period ago, or its end did. `failed`
-- is the system's, with the reason.
--
-- Its daily window pauses and resumes it too (`rest` and `wake`: pausing.sql). Paused or not, it is done once all has been submitted.

DELETE FROM campaign_move;
INSERT INTO campaign_move (action, from_state, to_state, permission) VALUES
  ('submit',          'draft',     'in_review', 'campaign.edit'),
  ('approve',         'in_review', 'scheduled', 'campaign.decide'),
  ('request_changes', 'in_review', 'draft',     'campaign.decide'),
  ('reject',          'in_review', 'rejected',  'campaign.decide'),
  ('revise',          'in_review', 'draft',     'campaign.edit'),
  ('revise',          'scheduled', 'draft',     'campaign.edit'),
  ('start',           'scheduled', 'sending',   'campaign.run'),
  ('pause',           'sending',   'paused',    'campaign.run'),
  ('pause',           'paused',    'paused',    'campaign.run'),
  ('resume',          'paused',    'sending',   'campaign.run'),
  ('stop',            'draft',     'cancelled', 'campaign.stop'),
  ('stop',            'in_review', 'cancelled', 'campaign.stop'),
  ('stop',            'scheduled', 'cancelled', 'campaign.stop'),
  ('stop',            'sending',   'cancelled', 'campaign.stop'),
  ('stop',            'paused',    'cancelled', 'campaign.stop'),
  ('open',            'scheduled', 'sending',   NULL),
  ('rest',            'sending',   'paused',    NULL),
  ('wake',            'paused',    'sending',   NULL),
  ('expire',          'scheduled', 'expired',   NULL),
  ('expire',          'sending',   'expired',   NULL),
  ('expire',          'paused',    'expired',   NULL),
  ('close',           'sending',   'done',      NULL),
  ('close',           'paused',    'done',      NULL),
  ('fail',            'scheduled', 'failed',    NULL),
  ('fail',            'sending',   'failed',    NULL),
  ('fail',            'paused',    'failed',    NULL);

-- The grace period is long enough for a restart, and too short for a morning's news in the evening.
-- When it is too late to start it, or, once it has begun, to go on; null: never.
CREATE OR REPLACE FUNCTION too_late(c campaign) RETURNS timestamptz LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN c.state = 'scheduled' THEN least(c.starts_at + interval '15 minutes', c.ends_at) ELSE sending_ends(c) END
$$;

-- Takes the action; presses it in the name of who acts, or, where nobody does, of the system. Gives the new state. Refuses with
-- CS409 what does not lead on from where the campaign is, with CS403 who may not, with CS001 and CS002 what the door would.
CREATE OR REPLACE FUNCTION move_campaign(p_campaign int, p_action text, p_note text DEFAULT NULL) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  c     campaign;
  moved text;
BEGIN
  IF p_action IN ('approve', 'reject', 'request_changes') THEN
    RAISE EXCEPTION 'to % is a decision on what you have read; decide_campaign takes it', replace(p_action, '_', ' ') USING ERRCODE = 'CS409';
  END IF;
  c := campaign_to_move(p_campaign);
  moved := move(c, p_action, p_note);
  IF acting_person() IS NULL THEN
    PERFORM audit_system(c.workspace_id, 'campaign.' || p_action, 'campaign', c.id,
      jsonb_build_object('before', c.state, 'after', moved), jsonb_strip_nulls(jsonb_build_object('note', p_note)));
  ELSE
    PERFORM audit('campaign.' || p_action, 'campaign', c.id, jsonb_build_object('before', c.state, 'after', moved),
      jsonb_strip_nulls(jsonb_build_object('note', p_note)));
  END IF;
  RETURN moved;
END $$;

-- The campaign, locked: of the workspace acted in, or any for the system.
CREATE OR REPLACE FUNCTION campaign_to_move(p_campaign int) RETURNS campaign
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  me identity := acting();
  c  campaign;
BEGIN
  IF me.person_id IS NOT NULL THEN RETURN own_campaign(p_campaign); END IF;
  IF NOT is_the_system() THEN PERFORM must('campaign.view'); END IF;
  SELECT * INTO c FROM campaign WHERE id = p_campaign FOR NO KEY UPDATE;
  IF c.id IS NULL THEN RAISE EXCEPTION 'campaign % does not exist', p_campaign USING ERRCODE = 'CS404'; END IF;
  RETURN c;
END $$;

-- A campaign of the workspace acted in, to look at.
CREATE OR REPLACE FUNCTION campaign_here(p_campaign int) RETURNS campaign
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
DECLARE
  c campaign;
BEGIN
  SELECT * INTO c FROM campaign WHERE id = p_campaign AND workspace_id = (SELECT acting_workspace());
  IF c.id IS NULL THEN
    PERFORM must('campaign.view');
    RAISE EXCEPTION 'campaign % does not exist', p_campaign USING ERRCODE = 'CS404';
  END IF;
  RETURN c;
END $$;

-- The same, locked: a change, a decision and a move of it come one after the other. Who only looks does not keep the door waiting.
CREATE OR REPLACE FUNCTION own_campaign(p_campaign int) RETURNS campaign
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM FROM campaign WHERE id = p_campaign AND workspace_id = (SELECT acting_workspace()) FOR NO KEY UPDATE;
  RETURN campaign_here(p_campaign);
END $$;

-- What can't be done, and what can instead.
CREATE OR REPLACE FUNCTION cant_be(p_action text, p_state text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE p_action
    WHEN 'submit' THEN 'submitted'       WHEN 'revise' THEN 'taken back to draft' WHEN 'start' THEN 'started' WHEN 'stop' THEN 'stopped'
    WHEN 'pause' THEN 'paused' || CASE WHEN p_state = 'scheduled' THEN '; take it back to draft, or stop it' ELSE '' END
    WHEN 'resume' THEN 'resumed'         WHEN 'open' THEN 'opened'                WHEN 'rest' THEN 'paused by its window'
    WHEN 'wake' THEN 'resumed by its window' WHEN 'expire' THEN 'expired'         WHEN 'close' THEN 'closed'  WHEN 'fail' THEN 'failed'
    ELSE format('moved by "%s"', p_action) END
$$;

-- p_now: a test's clock; nobody but the owner may give one.
DROP FUNCTION IF EXISTS move(campaign, text, text);
CREATE OR REPLACE FUNCTION move(c campaign, p_action text, p_note text, p_now timestamptz DEFAULT now()) RETURNS text
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  me   identity := acting();
  step campaign_move;
  rests boolean;
BEGIN
  SELECT * INTO step FROM campaign_move WHERE action = p_action AND from_state = c.state;
  IF step.action IS NULL THEN
    RAISE EXCEPTION 'campaign % is %, so it can''t be %', c.id, replace(c.state, '_', ' '), cant_be(p_action, c.state) USING ERRCODE = 'CS409';
  END IF;
  IF step.permission IS NOT NULL THEN
    -- what the system may not press is refused here too: nobody acts
    PERFORM must(step.permission, c.created_by);
  ELSIF me.person_id IS NOT NULL THEN
    RAISE EXCEPTION 'only the system can % a campaign, when its time has come', p_action USING ERRCODE = 'CS403';
  END IF;
  PERFORM may_pause_at(c, p_action, p_now);
  PERFORM may_move_at(c, p_action, step.to_state, p_now);
  IF length(p_note) > 2000 THEN RAISE EXCEPTION 'a note has up to 2,000 characters' USING ERRCODE = 'CS422'; END IF;
  rests := p_action = 'rest' OR p_action = 'resume' AND coalesce(window_opens(c, p_now) > p_now, false);
  IF rests THEN step.to_state := 'paused'; END IF;

  UPDATE campaign SET state = step.to_state,
         submission = submission + (p_action = 'submit')::int,
         submitted_at = CASE WHEN p_action = 'submit' THEN p_now ELSE submitted_at END,
         approvals_asked = CASE WHEN p_action = 'submit' THEN approvals_set(c) ELSE approvals_asked END,
         opened_at = CASE WHEN p_action IN ('open', 'start') THEN p_now ELSE opened_at END,
         closed_at = CASE WHEN step.to_state IN ('done', 'cancelled', 'failed', 'expired', 'rejected') THEN clock_timestamp() ELSE closed_at END,
         waits_for_window = rests,
         window_turns_at = CASE WHEN rests THEN window_opens(c, p_now) WHEN step.to_state = 'sending' THEN window_closes(c, p_now) END,
         -- whoever approves it anew approves its ceiling, not what somebody made of it before
         slowed_to = CASE WHEN step.to_state <> 'draft' THEN slowed_to END,
         failure = CASE WHEN p_action = 'fail' THEN p_note ELSE failure END
   WHERE id = c.id;
  -- who puts it before others stands for all of it, and so is no second pair of eyes
  IF p_action = 'submit' THEN
    INSERT INTO campaign_maker (campaign_id, workspace_id, person_id) VALUES (c.id, c.workspace_id, me.person_id) ON CONFLICT DO NOTHING;
  END IF;
  INSERT INTO campaign_transition (campaign_id, workspace_id, action, from_state, to_state, person_id, note)
  VALUES (c.id, c.workspace_id, p_action, c.state, step.to_state, me.person_id, p_note);
  -- a hint to wake up, delivered at commit; whoever needs it also looks by the clock
  PERFORM pg_notify('countersign_campaign', c.id::text);
  PERFORM pg_notify('countersign_live', concat_ws(' ', c.workspace_id, 'campaign', c.id));
  RETURN step.to_state;
END $$;

-- What a move asks of the campaign and of the clock, whoever presses it.
DROP FUNCTION IF EXISTS may_move_now(campaign, text, text);
CREATE OR REPLACE FUNCTION may_move_at(c campaign, p_action text, p_to text, p_now timestamptz) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF p_action = 'submit' THEN
    PERFORM is_complete(c);
    PERFORM must_be_in_time(c);
  END IF;
  IF p_to IN ('scheduled', 'sending') AND approvals_standing(c.id) < approvals_needed(c.id) THEN
    RAISE EXCEPTION 'campaign % needs % approvals and has %', c.id, approvals_needed(c.id), approvals_standing(c.id)
      USING ERRCODE = 'CS001';
  END IF;
  IF p_action IN ('open', 'start') AND c.starts_at > p_now THEN
    RAISE EXCEPTION 'campaign % starts at %', c.id, local_words(c.starts_at, c.time_zone) USING ERRCODE = 'CS002';
  END IF;
  IF p_action IN ('open', 'start') AND too_late(c) <= p_now THEN
    RAISE EXCEPTION 'the time of campaign % has passed; it expires', c.id USING ERRCODE = 'CS002';
  END IF;
  IF p_action = 'open' AND NOT c.starts_automatically THEN
    RAISE EXCEPTION 'campaign % waits for somebody to press Start', c.id USING ERRCODE = 'CS002';
  END IF;
  IF p_action = 'expire' AND coalesce(too_late(c), 'infinity') > p_now THEN
    RAISE EXCEPTION 'the time of campaign % has not passed', c.id USING ERRCODE = 'CS002';
  END IF;
  IF p_action = 'close' AND NOT campaign_is_exhausted(c.id) THEN
    RAISE EXCEPTION 'campaign % still has recipients without an outcome of submission', c.id USING ERRCODE = 'CS409';
  END IF;
  IF p_action = 'close' AND c.mode = 'trigger' AND c.ends_at > p_now THEN
    RAISE EXCEPTION 'campaign % is fed until %', c.id, local_words(c.ends_at, c.time_zone) USING ERRCODE = 'CS002';
  END IF;
END $$;

-- What can be put before an approver: refuses with CS409 what lacks an audience, a channel or an approved sender.
CREATE OR REPLACE FUNCTION is_complete(c campaign) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  stranger int;
BEGIN
  IF c.sender_revision_id IS NULL THEN
    RAISE EXCEPTION 'campaign % has no sender yet; choose one before you submit', c.id USING ERRCODE = 'CS409';
  END IF;
  IF c.text = '' THEN
    RAISE EXCEPTION 'campaign % has no text yet; write one before you submit', c.id USING ERRCODE = 'CS409';
  END IF;
  PERFORM must_be_scheduled(c);
  IF campaign_fingerprint(c.id) IS NULL THEN
    RAISE EXCEPTION 'campaign % has no complete audience yet; load and seal it before you submit', c.id USING ERRCODE = 'CS409';
  END IF;
  PERFORM must_be_usable(c.sender_revision_id);
  PERFORM must_have_columns(c);
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

-- Whether something is left to claim.
CREATE OR REPLACE FUNCTION is_unclaimed(l lane) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT l.next_seq <= l.recipients OR l.returned <> '{}' OR l.resend <> '{}'
$$;

-- Nothing left to claim and no block open.
CREATE OR REPLACE FUNCTION campaign_is_exhausted(p_campaign int) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM must_see((SELECT c.workspace_id FROM campaign c WHERE c.id = p_campaign), 'campaign ' || p_campaign);
  RETURN NOT EXISTS (
    SELECT FROM lane l WHERE l.campaign_id = p_campaign
       AND (is_unclaimed(l)
            OR EXISTS (SELECT FROM block b WHERE b.lane_id = l.id AND b.month = l.month AND b.closed_at IS NULL)));
END $$;

GRANT EXECUTE ON FUNCTION move_campaign(int, text, text), campaign_is_exhausted(int), too_late(campaign) TO countersign_engine, countersign_portal;
