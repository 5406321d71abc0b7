-- A campaign's lanes and the channels that serve them. They are content, which an approver signs, so whoever makes a lane
-- or chooses its channels is noted as one of the campaign's makers; nobody but the owner writes these tables directly.

-- An empty lane. Gives its id.
CREATE OR REPLACE FUNCTION add_lane(p_campaign int, p_person int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  made int;
BEGIN
  PERFORM note_maker(p_campaign, p_person);
  INSERT INTO lane (workspace_id, campaign_id) SELECT c.workspace_id, c.id FROM campaign c WHERE c.id = p_campaign RETURNING id INTO made;
  RETURN made;
END $$;

-- Makes these the channels of a lane, and no others. That they are granted to the workspace is asked at submission.
CREATE OR REPLACE FUNCTION choose_channels(p_lane int, p_person int, p_channels int[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  l lane;
BEGIN
  SELECT * INTO l FROM lane WHERE id = p_lane FOR NO KEY UPDATE;
  IF l.id IS NULL THEN RAISE EXCEPTION 'lane % does not exist', p_lane USING ERRCODE = 'CS404'; END IF;
  PERFORM note_maker(l.campaign_id, p_person);
  DELETE FROM lane_channel WHERE lane_id = p_lane AND channel_id <> ALL (p_channels);
  INSERT INTO lane_channel (lane_id, channel_id) SELECT p_lane, c FROM unnest(p_channels) AS c ON CONFLICT DO NOTHING;
END $$;

GRANT EXECUTE ON FUNCTION add_lane(int, int), choose_channels(int, int, int[]) TO countersign_portal;
