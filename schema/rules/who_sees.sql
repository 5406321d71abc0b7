-- Who sees what: the policies by which rows are read. No identity, no rows.
--
-- The portal reads the workspaces that `visible_workspaces` names, asked once a statement, and writes nothing by hand. The engine
-- reads, of what it is granted (roles.sql), the rows of every workspace: it serves them all.

-- what the portal reads by its workspace
DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['membership', 'sender', 'sender_revision', 'channel_grant', 'campaign', 'campaign_maker', 'approval',
                           'campaign_transition', 'campaign_forecast', 'lane', 'lane_channel', 'block', 'progress'] LOOP
    EXECUTE format('CREATE POLICY own_workspace ON %I FOR SELECT TO countersign_portal
                      USING (workspace_id = ANY ((SELECT visible_workspaces())::int[]))', t);
  END LOOP;
  -- what the engine reads of everybody
  FOREACH t IN ARRAY ARRAY['workspace', 'campaign', 'sender_revision', 'channel', 'lane', 'lane_channel', 'block', 'progress'] LOOP
    EXECUTE format('CREATE POLICY served ON %I FOR SELECT TO countersign_engine USING (true)', t);
  END LOOP;
END $$;
-- how this operator dresses its message ids, once learnt (roles.sql grants that column alone)
CREATE POLICY learnt ON channel FOR UPDATE TO countersign_engine USING (true);

CREATE POLICY own_workspace ON workspace FOR SELECT TO countersign_portal USING (id = ANY ((SELECT visible_workspaces())::int[]));

-- oneself, whom one works or worked with, and the super admins, whose names stand under what they did here
CREATE POLICY known ON person FOR SELECT TO countersign_portal
  USING (id = (SELECT acting_person()) OR id IN (SELECT person_id FROM membership)
         OR (SELECT acting_person()) IS NOT NULL AND super_admin OR (SELECT (acting()).role) = 'super_admin' AND (SELECT acting_workspace()) IS NULL);

-- a channel is seen where it is granted
CREATE POLICY granted ON channel FOR SELECT TO countersign_portal
  USING (id IN (SELECT channel_id FROM channel_grant) OR (SELECT (acting()).role) = 'super_admin');

-- a preset likewise
CREATE POLICY granted ON preset FOR SELECT TO countersign_portal
  USING (id IN (SELECT preset_id FROM sender) OR (SELECT (acting()).role) = 'super_admin');

-- the matrix and the moves are the same for everybody who is somebody
CREATE POLICY anybody ON permission FOR SELECT TO countersign_portal USING ((SELECT acting_person()) IS NOT NULL);
CREATE POLICY anybody ON permitted_act FOR SELECT TO countersign_portal USING ((SELECT acting_person()) IS NOT NULL);
CREATE POLICY anybody ON campaign_move FOR SELECT TO countersign_portal USING ((SELECT acting_person()) IS NOT NULL);

-- the audit: of everything, or of one's own campaigns, but for what shows numbers to who may not reveal one
CREATE POLICY may_view ON audit FOR SELECT TO countersign_portal
  USING (workspace_id = ANY ((SELECT visible_workspaces())::int[])
         AND ((SELECT may_view_audit()) OR object = 'campaign' AND action <> ALL ('{number.reveal, number.prove}') AND object_id IN (SELECT c.id FROM campaign c WHERE c.created_by = (SELECT acting_person()))));
CREATE POLICY own_workspace ON audit_chain FOR SELECT TO countersign_portal USING (workspace_id = ANY ((SELECT visible_workspaces())::int[]));
CREATE POLICY own_workspace ON audit_checkpoint FOR SELECT TO countersign_portal USING (workspace_id = ANY ((SELECT visible_workspaces())::int[]));
