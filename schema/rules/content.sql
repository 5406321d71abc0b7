-- A campaign's content: made and changed by people, in draft only. Everything else goes through `revise` or requested changes, so
-- that approvals never dangle over a change. The part that has tables of its own is in lanes.sql and audience.sql.

CREATE OR REPLACE FUNCTION content_columns() RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT ARRAY['name', 'mode', 'sender_revision_id', 'text', 'segments', 'on_lost_answer', 'validity_minutes', 'starts_at', 'ends_at',
               'starts_automatically', 'time_zone', 'window_from', 'window_to', 'per_second', 'spread_minutes']
$$;

-- What audit keeps of it: its words can be erased, the rest can't.
CREATE OR REPLACE FUNCTION content_facts(c campaign) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT jsonb_object_agg(key, value) FROM jsonb_each(to_jsonb(c)) WHERE key = ANY (content_columns()) AND key NOT IN ('name', 'text')
$$;
CREATE OR REPLACE FUNCTION content_words(c campaign) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_build_object('name', c.name, 'text', c.text)
$$;

-- A record of the content that is wanted over the one that is; refuses with CS422 what no campaign has.
CREATE OR REPLACE FUNCTION content_over(c campaign, p_content jsonb) RETURNS campaign
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
DECLARE
  old campaign := c;
BEGIN
  PERFORM must_be_known('a campaign', p_content, content_columns() || '{starts_local, ends_local}'::text[]);
  BEGIN
    c := with_local_times(jsonb_populate_record(c, p_content), p_content);
  EXCEPTION WHEN data_exception THEN
    RAISE EXCEPTION 'this can''t be read: %', SQLERRM USING ERRCODE = 'CS422';
  END;
  c.text := coalesce(c.text, '');
  -- 255 parts of 153 septets (3GPP 23.040, 9.2.3.24.1) are 39,015 characters
  IF coalesce(trim(c.name), '') = '' OR length(c.name) > 200 OR length(c.text) > 39015 THEN
    RAISE EXCEPTION 'a campaign has a name of up to 200 characters and a text of up to 39,015' USING ERRCODE = 'CS422';
  END IF;
  IF coalesce(c.segments NOT BETWEEN 1 AND 255, true) OR c.validity_minutes <= 0
     OR coalesce(c.on_lost_answer NOT IN ('hold', 'resend'), true) THEN
    RAISE EXCEPTION 'segments are 1 to 255, a validity is at least a minute, a lost answer is held or resent' USING ERRCODE = 'CS422';
  END IF;
  PERFORM must_be_schedule(old, c);
  IF c.sender_revision_id IS NOT NULL
     AND NOT EXISTS (SELECT FROM sender_revision r WHERE r.id = c.sender_revision_id AND r.workspace_id = (SELECT acting_workspace())) THEN
    RAISE EXCEPTION 'sender revision % does not exist', c.sender_revision_id USING ERRCODE = 'CS404';
  END IF;
  RETURN c;
END $$;

-- Takes the content by column ({"name", "text", "segments", "sender_revision_id", …}), its name at least: what is not there yet is asked for
-- when it is submitted. Gives the new draft's id.
CREATE OR REPLACE FUNCTION create_campaign(p_content jsonb) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me identity := must('campaign.edit');
  c  campaign := jsonb_populate_record(NULL::campaign, '{"mode": "on_demand", "text": "", "segments": 1, "on_lost_answer": "hold", "starts_automatically": true}');
BEGIN
  SELECT w.time_zone INTO c.time_zone FROM workspace w WHERE w.id = me.workspace_id;
  c := content_over(c, p_content);
  INSERT INTO campaign (workspace_id, name, mode, sender_revision_id, text, segments, on_lost_answer, validity_minutes, starts_at, ends_at,
                        starts_automatically, time_zone, window_from, window_to, per_second, spread_minutes, created_by, edited_by)
  VALUES (me.workspace_id, c.name, c.mode, c.sender_revision_id, c.text, c.segments, c.on_lost_answer, c.validity_minutes, c.starts_at, c.ends_at,
          c.starts_automatically, c.time_zone, c.window_from, c.window_to, c.per_second, c.spread_minutes, me.person_id, me.person_id)
  RETURNING * INTO c;
  PERFORM audit('campaign.create', 'campaign', c.id, jsonb_build_object('after', content_facts(c)), jsonb_build_object('after', content_words(c)));
  RETURN c.id;
END $$;

-- Changes what is named and nothing else; who changes it can't approve it any more.
CREATE OR REPLACE FUNCTION edit_campaign(p_campaign int, p_content jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  old campaign := own_campaign(p_campaign);
  me  identity := must('campaign.edit');
  new campaign;
BEGIN
  -- the trigger says it too, but for what erases
  IF old.state <> 'draft' THEN
    RAISE EXCEPTION 'campaign % is %; take it back to draft to change it, and have it approved anew', old.id, replace(old.state, '_', ' ')
      USING ERRCODE = 'CS409';
  END IF;
  new := content_over(old, p_content);
  UPDATE campaign SET name = new.name, mode = new.mode, sender_revision_id = new.sender_revision_id, text = new.text, segments = new.segments,
         on_lost_answer = new.on_lost_answer, validity_minutes = new.validity_minutes, starts_at = new.starts_at, ends_at = new.ends_at,
         starts_automatically = new.starts_automatically, time_zone = new.time_zone, window_from = new.window_from, window_to = new.window_to,
         per_second = new.per_second, spread_minutes = new.spread_minutes, edited_by = me.person_id
   WHERE id = old.id RETURNING * INTO new;
  PERFORM audit('campaign.edit', 'campaign', old.id, jsonb_build_object('before', content_facts(old), 'after', content_facts(new)),
    jsonb_build_object('before', content_words(old), 'after', content_words(new)));
END $$;

-- Everybody who wrote any part of it: those who can't approve it.
CREATE OR REPLACE FUNCTION note_campaign_maker() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO campaign_maker (campaign_id, workspace_id, person_id)
  SELECT NEW.id, NEW.workspace_id, maker FROM unnest(ARRAY[NEW.created_by, NEW.edited_by]) AS maker
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER note_campaign_maker
  AFTER INSERT OR UPDATE OF name, mode, sender_revision_id, text, segments, on_lost_answer, validity_minutes,
    starts_at, ends_at, starts_automatically, time_zone, window_from, window_to, per_second, spread_minutes, created_by, edited_by ON campaign
  FOR EACH ROW EXECUTE FUNCTION note_campaign_maker();

-- The same for the parts that have tables of their own: every function that loads, seals or chooses one calls it first. Gives
-- the campaign, locked, so that a change and a submission come one after the other.
CREATE OR REPLACE FUNCTION note_maker(p_campaign int) RETURNS campaign
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  c  campaign := own_campaign(p_campaign);
  me identity := must('campaign.edit');
BEGIN
  IF c.state <> 'draft' THEN
    RAISE EXCEPTION 'campaign % is %; take it back to draft to change it', c.id, replace(c.state, '_', ' ') USING ERRCODE = 'CS409';
  END IF;
  INSERT INTO campaign_maker (campaign_id, workspace_id, person_id) VALUES (c.id, c.workspace_id, me.person_id) ON CONFLICT DO NOTHING;
  RETURN c;
END $$;

CREATE OR REPLACE FUNCTION content_is_fixed() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF OLD.state <> 'draft' AND NOT erasing() THEN
    RAISE EXCEPTION 'campaign % is %; take it back to draft to change it, and have it approved anew', OLD.id, replace(OLD.state, '_', ' ')
      USING ERRCODE = 'CS409';
  END IF;
  NEW.edited_at := clock_timestamp();
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER content_is_fixed
  BEFORE UPDATE OF name, mode, sender_revision_id, text, segments, on_lost_answer, validity_minutes,
    starts_at, ends_at, starts_automatically, time_zone, window_from, window_to, per_second, spread_minutes, created_by, edited_by ON campaign
  FOR EACH ROW EXECUTE FUNCTION content_is_fixed();

-- Lanes and their channels are content too: an approver signs them.
CREATE OR REPLACE FUNCTION lanes_are_fixed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  changed jsonb;
  c       campaign;
BEGIN
  changed := to_jsonb(coalesce(NEW, OLD));
  SELECT * INTO c FROM campaign WHERE id = CASE TG_TABLE_NAME WHEN 'lane' THEN (changed ->> 'campaign_id')::int
    ELSE (SELECT l.campaign_id FROM lane l WHERE l.id = (changed ->> 'lane_id')::int) END FOR SHARE;
  IF c.state <> 'draft' THEN
    RAISE EXCEPTION 'campaign % is %; take it back to draft to change it', c.id, replace(c.state, '_', ' ') USING ERRCODE = 'CS409';
  END IF;
  RETURN coalesce(NEW, OLD);
END $$;
CREATE OR REPLACE TRIGGER lanes_are_fixed BEFORE INSERT OR DELETE ON lane FOR EACH ROW EXECUTE FUNCTION lanes_are_fixed();
CREATE OR REPLACE TRIGGER lanes_are_fixed BEFORE INSERT OR UPDATE OR DELETE ON lane_channel
  FOR EACH ROW EXECUTE FUNCTION lanes_are_fixed();

GRANT EXECUTE ON FUNCTION create_campaign(jsonb), edit_campaign(int, jsonb) TO countersign_portal;
