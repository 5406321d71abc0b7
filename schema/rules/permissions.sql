-- Who may do what: the matrix, as rows, and `must`, by which every act asks it.

DELETE FROM permission;
DELETE FROM permitted_act;
INSERT INTO permitted_act (action, doing) VALUES
  ('campaign.view',       'look at campaigns'),
  ('campaign.edit',       'make, change or submit a campaign'),
  ('campaign.decide',     'approve, reject or send back a campaign'),
  ('campaign.run',        'start, pause or resume this campaign'),
  ('campaign.feed',       'feed this campaign'),
  ('campaign.stop',       'stop, archive or restore this campaign'),
  ('campaign.delete',     'delete a draft'),
  ('sender.manage',       'create or archive a sender name'),
  ('sender.revise',       'propose a revision of a sender name'),
  ('sender.decide',       'approve or reject a revision of a sender name'),
  ('audit.view',          'look at the audit'),
  ('number.reveal',       'reveal or export numbers'),
  ('workspace.manage',    'manage members, settings and keys of the workspace'),
  ('operations.view',     'look at operations'),
  ('installation.manage', 'manage workspaces, people, channels and presets');

INSERT INTO permission (action, role, whose)
SELECT m.action, r.role, r.whose
  FROM (VALUES
    --                       author  flag    moderator  admin  super admin
    ('campaign.view',        'any',  NULL,   'any',     'any', 'any'),
    ('campaign.edit',        'any',  NULL,   NULL,      'any', 'any'),
    ('campaign.decide',      NULL,   'any',  'any',     'any', 'any'),
    ('campaign.run',         'own',  NULL,   'any',     'any', 'any'),
    ('campaign.feed',        'own',  NULL,   NULL,      'any', 'any'),
    ('campaign.stop',        'own',  NULL,   'any',     'any', 'any'),
    ('campaign.delete',      NULL,   NULL,   NULL,      NULL,  'any'),
    ('sender.manage',        NULL,   NULL,   NULL,      'any', 'any'),
    ('sender.revise',        'any',  NULL,   'any',     'any', 'any'),
    ('sender.decide',        NULL,   'any',  'any',     'any', 'any'),
    ('audit.view',           'own',  NULL,   'any',     'any', 'any'),
    ('number.reveal',        NULL,   NULL,   'any',     'any', 'any'),
    ('workspace.manage',     NULL,   NULL,   NULL,      'any', 'any'),
    ('operations.view',      NULL,   NULL,   NULL,      'any', 'any'),
    ('installation.manage',  NULL,   NULL,   NULL,      NULL,  'any')
  ) AS m (action, author, flag, moderator, admin, super_admin)
 CROSS JOIN LATERAL (VALUES ('author', m.author), ('flag', m.flag), ('moderator', m.moderator), ('admin', m.admin),
                            ('super_admin', m.super_admin)) AS r (role, whose)
 WHERE r.whose IS NOT NULL;

-- Whether an identity may; p_maker: who made the thing, for what one may do with one's own.
CREATE OR REPLACE FUNCTION may(me identity, p_action text, p_maker int DEFAULT NULL) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM permission g
                  WHERE g.action = p_action AND (g.role = me.role OR g.role = 'flag' AND me.flagged)
                    AND (g.whose = 'any' OR p_maker = me.person_id))
$$;

-- Who is signed in, in whatever workspace or none: for what somebody does with what is theirs.
CREATE OR REPLACE FUNCTION myself() RETURNS identity
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
DECLARE
  me identity := acting();
BEGIN
  IF me.person_id IS NULL THEN
    RAISE EXCEPTION 'nobody is signed in for this; sign in and try again' USING ERRCODE = 'CS401';
  END IF;
  RETURN me;
END $$;

-- The first line of every act: gives who acts, or raises CS401 (nobody) or CS403 (not they), in words.
CREATE OR REPLACE FUNCTION must(p_action text, p_maker int DEFAULT NULL) RETURNS identity
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me identity := myself();
BEGIN
  PERFORM must_still_be(me);
  IF me.workspace_id IS NULL AND p_action <> 'installation.manage' THEN
    RAISE EXCEPTION 'choose a workspace to act in; all of them together can only be looked at' USING ERRCODE = 'CS403';
  END IF;
  IF NOT may(me, p_action, p_maker) THEN
    RAISE EXCEPTION '% may %; you are %', who_may(p_action), (SELECT doing FROM permitted_act WHERE action = p_action),
      role_in_words(me.role, me.flagged) USING ERRCODE = 'CS403';
  END IF;
  RETURN me;
END $$;

CREATE OR REPLACE FUNCTION role_in_words(p_role text, p_flagged boolean) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE p_role WHEN 'author' THEN CASE WHEN p_flagged THEN 'an author with the moderator flag' ELSE 'an author' END
    WHEN 'moderator' THEN 'a moderator' WHEN 'admin' THEN 'an admin' WHEN 'super_admin' THEN 'a super admin' ELSE 'in no workspace' END
$$;

-- "only a moderator, an admin or an author with the moderator flag": those of a workspace; without them, the super admin.
CREATE OR REPLACE FUNCTION who_may(p_action text) RETURNS text
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT 'only ' || coalesce(array_to_string(names[:cardinality(names) - 1], ', ') || CASE WHEN cardinality(names) > 1 THEN ' or ' ELSE '' END
                             || names[cardinality(names)], 'a super admin')
    FROM (SELECT array_agg(CASE WHEN g.role = 'flag' THEN role_in_words('author', true) WHEN g.whose = 'own' THEN 'its author'
                                ELSE role_in_words(g.role, false) END ORDER BY array_position(ARRAY['author', 'moderator', 'admin', 'flag'], g.role)) AS names
            FROM permission g WHERE g.action = p_action AND g.role <> 'super_admin') AS n
$$;

-- Asked by a policy, once a statement.
CREATE OR REPLACE FUNCTION may_view_audit() RETURNS boolean
LANGUAGE sql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT may(acting(), 'audit.view')
$$;

GRANT EXECUTE ON FUNCTION may_view_audit() TO countersign_portal;
