-- What the portal's lists are read by (schema/campaign/CampaignList.ts, ReviewQueue.ts, schema/audit/AuditList.ts). Each begins with the
-- workspace, which every list names, and ends with what it is sorted by, newest first; `npm run db:big -- --measure` measures them.

-- the tabs with their counts, and the review queue, in which few are among many; archived ones are in neither
CREATE INDEX campaign_by_state ON campaign (workspace_id, state, id DESC) WHERE archived_at IS NULL;
-- the archive, and how much is in it
CREATE INDEX campaign_archived ON campaign (workspace_id, id DESC) WHERE archived_at IS NOT NULL;
-- one's own: a filter, and asked for every page of the audit that an author reads
CREATE INDEX campaign_by_author ON campaign (workspace_id, created_by, id DESC);
-- by sender; also whether a name is still in use (rules/sender_names.sql), which every claim of one asks
CREATE INDEX campaign_by_sender ON campaign (workspace_id, sender_revision_id, id DESC);
-- "on 3 March": when it was sent, or will be, or, if neither is known, was made. CASE and not coalesce: below a policy the planner trusts
-- only what it knows to leak nothing, and it does not know that of coalesce, so it would not look for it in an index
CREATE INDEX campaign_by_day ON campaign
  (workspace_id, (CASE WHEN opened_at IS NOT NULL THEN opened_at WHEN starts_at IS NOT NULL THEN starts_at ELSE created_at END));

-- one action, and one kind of object, among all that was said
CREATE INDEX audit_by_action ON audit (workspace_id, action, seq);
CREATE INDEX audit_by_kind ON audit (workspace_id, object, seq);
