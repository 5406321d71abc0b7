-- What each login role may touch directly. Neither owns anything; what must be checked goes through functions of the
-- owner, granted where they are defined.
--
-- The engine reads what it needs to work and writes nothing but through the functions it is granted; above all it has no
-- way to an audience but the door. The portal writes what people make; it can't write an outcome or move a state by hand.

REVOKE ALL ON ALL TABLES IN SCHEMA public FROM countersign_engine, countersign_portal;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM countersign_engine, countersign_portal;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
-- nor may anybody put a temporary table in the way of a function that runs as the owner
DO $$ BEGIN
  EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
EXCEPTION WHEN insufficient_privilege THEN NULL;
END $$;
GRANT USAGE ON SCHEMA public TO countersign_engine, countersign_portal;

GRANT SELECT ON workspace, campaign, sender_revision, channel, lane, lane_channel, block, progress, campaign_progress
  TO countersign_engine;
GRANT UPDATE (message_id_dress) ON channel TO countersign_engine;

GRANT SELECT ON workspace, person, membership, sender, sender_revision, stop_list, campaign, campaign_maker, campaign_move, approval,
  campaign_transition, lane, lane_channel, channel_grant, audience, rejected_line, block, attempt, receipt, progress, campaign_progress, ledger
  TO countersign_portal;
GRANT SELECT (id, name, host, port, tls, system_id, bind_mode, binds, window_size, per_second, burst, charset, enabled, epoch)
  ON channel TO countersign_portal;
GRANT INSERT (workspace_id, name, mode, sender_revision_id, text, segments, on_lost_answer, validity_minutes, starts_at, ends_at, created_by, edited_by)
  ON campaign TO countersign_portal;
-- No UPDATE of a campaign: an edit must name its editor, and a plain UPDATE could leave out who that is. For the same reason no
-- INSERT of its lanes and their channels (lanes.sql).
GRANT INSERT (campaign_id, workspace_id, person_id, fingerprint) ON approval TO countersign_portal;
GRANT INSERT ON stop_list TO countersign_portal;
GRANT DELETE ON stop_list TO countersign_portal;
