-- A campaign's lanes and the channels that serve them. They are content, which an approver signs, so whoever makes a lane
-- or chooses its channels is noted as one of the campaign's makers; nobody but the owner writes these tables directly.

-- An empty lane. Gives its id.
CREATE OR REPLACE FUNCTION add_lane(p_campaign int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  c    campaign := note_maker(p_campaign);
  made int;
BEGIN
  INSERT INTO lane (workspace_id, campaign_id) VALUES (c.workspace_id, c.id) RETURNING id INTO made;
  PERFORM audit('campaign.add_lane', 'campaign', c.id, jsonb_build_object('lane', made));
  RETURN made;
END $$;

-- A lane of the workspace acted in, locked.
CREATE OR REPLACE FUNCTION own_lane(p_lane int) RETURNS lane
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  l lane;
BEGIN
  SELECT * INTO l FROM lane WHERE id = p_lane AND workspace_id = (SELECT acting_workspace()) FOR NO KEY UPDATE;
  IF l.id IS NULL THEN
    PERFORM must('campaign.view');
    RAISE EXCEPTION 'lane % does not exist', p_lane USING ERRCODE = 'CS404';
  END IF;
  RETURN l;
END $$;

-- Those in which a text is measured for channels; of none, the one that most have.
CREATE OR REPLACE FUNCTION alphabets(p_channels int[]) RETURNS text[] LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT coalesce(array_agg(DISTINCT k.charset ORDER BY k.charset), '{gsm7}') FROM channel k WHERE k.id = ANY (p_channels)
$$;

-- Makes these the channels of a lane, and no others. That they are still granted to the workspace is asked again at submission.
CREATE OR REPLACE FUNCTION choose_channels(p_lane int, p_channels int[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  l       lane := own_lane(p_lane);
  c       campaign := note_maker(l.campaign_id);
  before  int[] := ARRAY(SELECT channel_id FROM lane_channel WHERE lane_id = p_lane ORDER BY 1);
  strange int;
BEGIN
  IF p_channels IS NULL OR array_position(p_channels, NULL) IS NOT NULL THEN
    RAISE EXCEPTION 'say which channels, each by its number' USING ERRCODE = 'CS422';
  END IF;
  SELECT n INTO strange FROM unnest(p_channels) AS n
   WHERE NOT EXISTS (SELECT FROM channel_grant g WHERE g.channel_id = n AND g.workspace_id = l.workspace_id) LIMIT 1;
  IF strange IS NOT NULL THEN
    RAISE EXCEPTION 'channel % does not exist, or is not granted to this workspace', strange USING ERRCODE = 'CS404';
  END IF;
  DELETE FROM lane_channel WHERE lane_id = p_lane AND channel_id <> ALL (p_channels);
  INSERT INTO lane_channel (workspace_id, lane_id, channel_id) SELECT l.workspace_id, p_lane, n FROM unnest(p_channels) AS n ON CONFLICT DO NOTHING;
  -- messages are counted in the alphabets of the channels
  IF alphabets(before) <> alphabets(p_channels) THEN UPDATE lane SET counted_for = NULL WHERE id = p_lane; END IF;
  PERFORM audit('campaign.choose_channels', 'campaign', c.id, jsonb_build_object('lane', p_lane, 'before', before, 'after', p_channels));
END $$;

GRANT EXECUTE ON FUNCTION add_lane(int), choose_channels(int, int[]) TO countersign_portal;
