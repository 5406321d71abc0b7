-- Out of sight: an archived campaign leaves the lists, and an unfinished one is stopped first. Restoring brings it back as it is,
-- and never starts it again. Only a draft is ever deleted, by a super admin: nothing that has a ledger is.

CREATE OR REPLACE FUNCTION archive_campaign(p_campaign int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  c     campaign := own_campaign(p_campaign);
  after text := c.state;
BEGIN
  PERFORM must('campaign.stop', c.created_by);
  IF c.archived_at IS NOT NULL THEN
    RAISE EXCEPTION 'campaign % is archived already', c.id USING ERRCODE = 'CS409';
  END IF;
  IF EXISTS (SELECT FROM campaign_move m WHERE m.action = 'stop' AND m.from_state = c.state) THEN after := move(c, 'stop', 'archived'); END IF;
  UPDATE campaign SET archived_at = clock_timestamp() WHERE id = c.id;
  PERFORM audit('campaign.archive', 'campaign', c.id, jsonb_build_object('before', c.state, 'after', after));
END $$;

CREATE OR REPLACE FUNCTION restore_campaign(p_campaign int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  c campaign := own_campaign(p_campaign);
BEGIN
  PERFORM must('campaign.stop', c.created_by);
  IF c.archived_at IS NULL THEN
    RAISE EXCEPTION 'campaign % is not archived', c.id USING ERRCODE = 'CS409';
  END IF;
  UPDATE campaign SET archived_at = NULL WHERE id = c.id;
  PERFORM audit('campaign.restore', 'campaign', c.id, jsonb_build_object('state', c.state));
END $$;

-- A draft that was never submitted, with its lanes and what was loaded into them.
CREATE OR REPLACE FUNCTION delete_draft(p_campaign int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  c campaign := campaign_here(p_campaign);
  l lane;
BEGIN
  -- lanes first, as who loads them has it
  PERFORM FROM lane WHERE campaign_id = c.id ORDER BY id FOR NO KEY UPDATE;
  c := own_campaign(p_campaign);
  PERFORM must('campaign.delete');
  IF c.state <> 'draft' OR c.submission > 0 THEN
    RAISE EXCEPTION 'campaign % was submitted once, and what somebody was asked to approve is never deleted; archive it', c.id USING ERRCODE = 'CS409';
  END IF;
  PERFORM begin_erasing();
  FOR l IN SELECT * FROM lane WHERE campaign_id = c.id LOOP
    DELETE FROM audience WHERE month = l.month AND lane_id = l.id;
    DELETE FROM rejected_line WHERE month = l.month AND lane_id = l.id;
    DELETE FROM lane_channel WHERE lane_id = l.id;
    DELETE FROM lane WHERE id = l.id;
  END LOOP;
  DELETE FROM campaign_maker WHERE campaign_id = c.id;
  DELETE FROM campaign WHERE id = c.id;
  PERFORM end_erasing();
  PERFORM audit('campaign.delete', 'campaign', c.id, jsonb_build_object('before', content_facts(c)), jsonb_build_object('before', content_words(c)));
END $$;

GRANT EXECUTE ON FUNCTION archive_campaign(int), restore_campaign(int), delete_draft(int) TO countersign_portal;
