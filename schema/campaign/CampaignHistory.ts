/**
 * What happened to a campaign, newest first: its moves, which everybody in the workspace sees, and what the audit says of it, which who
 * may view the audit sees. Asked while acting.
 *
 * A move that an audit row tells too is told once, by the audit row: it knows more. Both are written in one transaction, and moves of a
 * campaign come one after the other, so an audit row tells the last move before it.
 */
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { refused } from "#schema/Refused.ts"
import type { CampaignState } from "./Campaigns.ts"

/** At most so many; what is older is on the audit's own pages (audit/AuditList.ts). */
export const MOST = 500

export interface Event {
  readonly at: Date
  /** `submit`, `open` …; of audit rows `campaign.submit`, `campaign.edit`, `number.reveal` … */
  readonly action: string
  /** null: the system. */
  readonly person_id: number | null
  readonly person: string | null
  /** Of a move; null of anything else, and of a move that an audit row tells: it is in its facts. */
  readonly from_state: CampaignState | null
  readonly to_state: CampaignState | null
  readonly note: string | null
  /** Of the audit row; null of a move. */
  readonly seq: number | null
  /** Then, not now. */
  readonly role: string | null
  readonly facts: Readonly<Record<string, unknown>> | null
  /** null: there never was any, or its time of keeping is over. */
  readonly personal: Readonly<Record<string, unknown>> | null
}

/** workspaceId: the campaign's own. Nothing: there is no such campaign there, or it is not theirs to see. */
export const history = Effect.fn("CampaignHistory.history")(function* (workspaceId: number, campaignId: number) {
  const sql = yield* SqlClient
  return yield* sql<Event>`
    WITH said AS MATERIALIZED (
      SELECT a.at, a.action, a.person_id, a.seq, a.role, a.facts, a.personal FROM audit a
       WHERE a.workspace_id = ${workspaceId} AND a.object = 'campaign' AND a.object_id = ${campaignId} ORDER BY a.seq DESC LIMIT ${MOST}
    ), moved AS (
      SELECT t.*, lead(t.moved_at, 1, 'infinity') OVER (ORDER BY t.id) AS until
        FROM campaign_transition t WHERE t.workspace_id = ${workspaceId} AND t.campaign_id = ${campaignId}
    ), happened AS (
      SELECT s.at, s.action, s.person_id, NULL AS from_state, NULL AS to_state, s.personal::jsonb ->> 'note' AS note, s.seq, s.role,
             s.facts::jsonb AS facts, s.personal::jsonb AS personal
        FROM said s
      UNION ALL
      SELECT m.moved_at, m.action, m.person_id, m.from_state, m.to_state, m.note, NULL, NULL, NULL, NULL
        FROM moved m WHERE NOT EXISTS (SELECT FROM said s WHERE s.action = 'campaign.' || m.action AND s.at >= m.moved_at AND s.at < m.until)
    )
    SELECT h.*, p.name AS person FROM happened h LEFT JOIN person p ON p.id = h.person_id ORDER BY h.at DESC, h.seq DESC LIMIT ${MOST}`
}, Effect.mapError(refused))
