-- What a workspace's admins set, by column; its name is the super admins'. What is set is told to the audit before and after.

CREATE OR REPLACE FUNCTION setting_columns() RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT ARRAY['name', 'country', 'time_zone', 'approvals_needed', 'large_from_recipients', 'large_approvals_needed', 'require_second_factor',
               'require_signed_approvals', 'keep_content_months', 'keep_audit_months', 'open_to_requests', 'per_second', 'per_day', 'colour']
$$;

CREATE OR REPLACE FUNCTION setting_facts(w workspace) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT jsonb_object_agg(key, value) FROM jsonb_each(to_jsonb(w)) WHERE key = ANY (setting_columns())
$$;

-- A row with what is wanted over it: unknown names and what can't be read are CS422, said of p_what.
CREATE OR REPLACE FUNCTION must_be_known(p_what text, p_wanted jsonb, p_columns text[]) RETURNS void LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  strange text;
BEGIN
  IF jsonb_typeof(p_wanted) IS DISTINCT FROM 'object' THEN
    RAISE EXCEPTION '% is changed by naming what to change', p_what USING ERRCODE = 'CS422';
  END IF;
  SELECT string_agg(k, ', ') INTO strange FROM jsonb_object_keys(p_wanted) AS k WHERE k <> ALL (p_columns);
  IF strange IS NOT NULL THEN
    RAISE EXCEPTION '% has no %', p_what, strange USING ERRCODE = 'CS422';
  END IF;
END $$;

-- CS422 unless every bound holds.
CREATE OR REPLACE FUNCTION must_be_settings(w workspace) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
DECLARE
  wrong text := CASE
    WHEN coalesce(trim(w.name), '') = '' OR length(w.name) > 100 THEN 'a workspace needs a name, of up to 100 characters'
    WHEN coalesce(w.country !~ '^[A-Z]{2}$', true) THEN 'a country is two capital letters, as UZ (ISO 3166)'
    WHEN NOT EXISTS (SELECT FROM pg_timezone_names z WHERE z.name = w.time_zone) THEN
      format('there is no time zone “%s”; it is written as Asia/Tashkent or UTC', coalesce(w.time_zone, ''))
    WHEN coalesce(w.approvals_needed NOT BETWEEN 1 AND 3, true) THEN 'a campaign needs 1 to 3 approvals'
    WHEN (w.large_from_recipients IS NULL) <> (w.large_approvals_needed IS NULL) THEN
      'say both: from how many recipients on a campaign is large, and how many approvals it then needs'
    WHEN w.large_from_recipients < 1 THEN 'a campaign is large from at least 1 recipient on'
    WHEN w.large_approvals_needed NOT BETWEEN w.approvals_needed AND 3 THEN
      'a large campaign needs at least as many approvals as any other, and at most 3'
    WHEN w.per_second < 1 THEN 'a ceiling is at least 1 message a second, or none'
    WHEN w.per_day < 1 THEN 'a ceiling is at least 1 message a day, or none'
    WHEN w.keep_content_months < 1 THEN 'numbers and texts are kept for at least 1 month, or for ever'
    WHEN w.keep_audit_months < 12 THEN 'the audit is kept for at least 12 months, or for ever'
    WHEN w.colour <> ALL ('{blue, teal, green, olive, brown, rose, violet, slate}') THEN
      'a workspace''s colour is blue, teal, green, olive, brown, rose, violet or slate, or none of its own'
    WHEN w.require_second_factor IS NULL OR w.require_signed_approvals IS NULL OR w.open_to_requests IS NULL THEN
      'what a workspace asks for is true or false'
  END;
BEGIN
  IF wrong IS NOT NULL THEN RAISE EXCEPTION '%', wrong USING ERRCODE = 'CS422'; END IF;
END $$;

CREATE OR REPLACE FUNCTION settings_over(w workspace, p_settings jsonb) RETURNS workspace
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM must_be_known('a workspace', p_settings, setting_columns());
  BEGIN
    w := jsonb_populate_record(w, p_settings);
  EXCEPTION WHEN data_exception THEN
    RAISE EXCEPTION 'this can''t be read: %', SQLERRM USING ERRCODE = 'CS422';
  END;
  PERFORM must_be_settings(w);
  w.name := trim(w.name);
  RETURN w;
END $$;

-- What would lock out who asks for it, or everybody.
CREATE OR REPLACE FUNCTION must_stay_workable(me identity, old workspace, new workspace) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
BEGIN
  IF new.require_second_factor AND NOT old.require_second_factor
     AND NOT (me.session_id IS NULL AND has_second_factor(me.person_id)
              OR EXISTS (SELECT FROM session s WHERE s.id = me.session_id AND s.second_factor_at IS NOT NULL)) THEN
    RAISE EXCEPTION 'you signed in without a second factor, and would be locked out; set one up on your own page, then sign in with it'
      USING ERRCODE = 'CS409';
  END IF;
  IF new.require_signed_approvals AND NOT old.require_signed_approvals AND NOT EXISTS (
       SELECT FROM membership m JOIN person p ON p.id = m.person_id AND p.disabled_at IS NULL JOIN passkey k ON k.person_id = p.id AND k.revoked_at IS NULL
        WHERE m.workspace_id = new.id AND m.left_at IS NULL AND may((p.id, new.id, m.role, m.moderator, NULL)::identity, 'campaign.decide')) THEN
    RAISE EXCEPTION 'nobody who may approve here has a passkey, so nothing could be approved; add one first, each on their own page'
      USING ERRCODE = 'CS409';
  END IF;
END $$;

-- Changes what is named and nothing else ({"time_zone": "Asia/Tashkent", …}); null means none, or for ever. Nothing is said to the audit
-- when all of it was so before.
CREATE OR REPLACE FUNCTION change_settings(p_settings jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me     identity := manage_members();
  old    workspace;
  new    workspace;
  before jsonb;
  after  jsonb;
  shorter boolean;
BEGIN
  SELECT * INTO old FROM workspace WHERE id = me.workspace_id;
  new := settings_over(old, p_settings);
  shorter := coalesce(new.keep_content_months < coalesce(old.keep_content_months, 2147483647), false)
          OR coalesce(new.keep_audit_months < coalesce(old.keep_audit_months, 2147483647), false);
  IF new.name <> old.name AND me.role <> 'super_admin' THEN
    RAISE EXCEPTION 'only a super admin may rename a workspace' USING ERRCODE = 'CS403';
  END IF;
  PERFORM must_stay_workable(me, old, new);
  before := setting_facts(old);
  SELECT jsonb_object_agg(key, value), jsonb_object_agg(key, before -> key) INTO after, before
    FROM jsonb_each(setting_facts(new)) WHERE value <> before -> key;
  IF after IS NULL THEN RETURN; END IF;
  UPDATE workspace SET name = new.name, country = new.country, time_zone = new.time_zone, approvals_needed = new.approvals_needed,
         large_from_recipients = new.large_from_recipients, large_approvals_needed = new.large_approvals_needed,
         require_second_factor = new.require_second_factor, require_signed_approvals = new.require_signed_approvals,
         keep_content_months = new.keep_content_months, keep_audit_months = new.keep_audit_months, open_to_requests = new.open_to_requests,
         per_second = new.per_second, per_day = new.per_day, colour = new.colour,
         keeping_shortened_at = CASE WHEN shorter THEN clock_timestamp() ELSE old.keeping_shortened_at END,
         keep_content_months_before = CASE WHEN shorter THEN (keeps(old)).content_months ELSE old.keep_content_months_before END,
         keep_audit_months_before = CASE WHEN shorter THEN (keeps(old)).audit_months ELSE old.keep_audit_months_before END
   WHERE id = old.id;
  PERFORM audit('workspace.settings', 'workspace', old.id, jsonb_build_object('before', before, 'after', after));
EXCEPTION WHEN unique_violation THEN
  RAISE EXCEPTION 'there is a workspace of this name already' USING ERRCODE = 'CS409';
END $$;

-- The messages that count against today's ceiling of the workspace acted in; no row where nobody counts, for there is no ceiling.
CREATE OR REPLACE FUNCTION messages_today() RETURNS TABLE (messages int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT messages_of(w, p, now()) FROM workspace w JOIN pace p ON p.workspace_id = w.id AND p.campaign_id = 0
   WHERE w.id = (SELECT acting_workspace()) AND w.per_day IS NOT NULL
$$;

GRANT EXECUTE ON FUNCTION change_settings(jsonb), messages_today() TO countersign_portal;
