-- What each login role may touch directly. None owns anything; what must be checked goes through functions of the owner, granted
-- where they are defined; which rows are seen is said in who_sees.sql.
--
-- The engine reads what it needs to work and writes nothing but through the functions it is granted; above all it has no
-- way to an audience but the door. The portal reads, and writes nothing by hand: every act of a person is a function that asks who
-- acts. The access role, which checks what people prove themselves by, touches no table at all.

REVOKE ALL ON ALL TABLES IN SCHEMA public FROM countersign_engine, countersign_portal, countersign_access;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM countersign_engine, countersign_portal, countersign_access;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
-- nor may anybody put a temporary table in the way of a function that runs as the owner
DO $$ BEGIN
  EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
EXCEPTION WHEN insufficient_privilege THEN NULL;
END $$;
GRANT USAGE ON SCHEMA public TO countersign_engine, countersign_portal, countersign_access;

GRANT SELECT ON workspace, campaign, sender_revision, channel, lane, lane_channel, block, progress, campaign_progress
  TO countersign_engine;
GRANT UPDATE (message_id_dress) ON channel TO countersign_engine;

GRANT SELECT ON workspace, membership, permission, permitted_act, preset, sender, sender_revision, campaign, campaign_maker, campaign_move, approval,
  campaign_transition, campaign_forecast, lane, lane_channel, channel_grant, block, progress, campaign_progress, audit, audit_chain, audit_checkpoint
  TO countersign_portal;
GRANT SELECT (id, email, name, super_admin, language, disabled_at, created_at) ON person TO countersign_portal;
GRANT SELECT (id, workspace_id, email, role, moderator, invited_by, created_at, expires_at, accepted_at, accepted_by, revoked_at)
  ON invitation TO countersign_portal;
GRANT SELECT (id, name, host, port, tls, system_id, bind_mode, binds, window_size, per_second, burst, charset, enabled, epoch)
  ON channel TO countersign_portal;
