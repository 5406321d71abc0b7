/**
 * All that a campaign's page shows of what was written and approved: its text, as whom and by which channels it is sent, who made and who
 * approved it, and which of its buttons whoever looks may press. Asked while acting.
 */
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { refused } from "#schema/Refused.ts"

export interface Approval {
  readonly name: string
  readonly at: Date
  /** by a passkey's signature */
  readonly signed: boolean
}

/** Of rules/transitions.sql, from the state that it is in. */
export interface Button {
  readonly action: string
  readonly may: boolean
}

export interface CampaignView {
  readonly id: number
  readonly text: string
  /** parts a recipient gets at most */
  readonly segments: number
  /** null: a draft that has none yet */
  readonly saddr: string | null
  readonly author_id: number
  readonly author: string
  readonly created_at: Date
  readonly archived_at: Date | null
  readonly channels: ReadonlyArray<string>
  /** Those that stand for what it is now. */
  readonly approvals: ReadonlyArray<Approval>
  readonly approvals_needed: number
  readonly buttons: ReadonlyArray<Button>
}

interface Row extends Omit<CampaignView, "approvals"> {
  readonly approvals: ReadonlyArray<{ readonly name: string; readonly at: string; readonly signed: boolean }>
}

/** undefined: there is none in the workspace acted in. */
export const view = Effect.fn("CampaignView.view")(function* (campaignId: number) {
  const sql = yield* SqlClient
  const [row] = yield* sql<Row>`
    SELECT c.id, c.text, c.segments::int AS segments, r.saddr, p.id AS author_id, p.name AS author, c.created_at, c.archived_at, a.needed AS approvals_needed,
           ARRAY(SELECT DISTINCT n.name FROM lane l JOIN lane_channel x ON x.lane_id = l.id JOIN channel n ON n.id = x.channel_id
                  WHERE l.campaign_id = c.id ORDER BY n.name) AS channels,
           coalesce((SELECT jsonb_agg(jsonb_build_object('name', q.name, 'at', v.approved_at, 'signed', v.assertion_id IS NOT NULL) ORDER BY v.id)
                       FROM approval v JOIN person q ON q.id = v.person_id
                      WHERE v.campaign_id = c.id AND v.submission = c.submission AND v.fingerprint = fingerprint_of(c.id)), '[]') AS approvals,
           (SELECT coalesce(jsonb_agg(jsonb_build_object('action', m.action, 'may', EXISTS (
              SELECT FROM permission g
               WHERE g.action = m.permission AND (g.whose = 'any' OR c.created_by = me.person_id)
                 AND (g.role = me.role OR g.role = 'flag' AND me.flagged))) ORDER BY m.action), '[]')
              FROM campaign_move m WHERE m.from_state = c.state AND m.permission IS NOT NULL AND m.from_state <> m.to_state) AS buttons
      FROM campaign c
      LEFT JOIN sender_revision r ON r.id = c.sender_revision_id
      JOIN person p ON p.id = c.created_by
     CROSS JOIN LATERAL approvals_of(c.id) a
     CROSS JOIN (SELECT (acting()).*) me
     WHERE c.id = ${campaignId} AND c.workspace_id = (SELECT acting_workspace())`
  if (row === undefined) return undefined
  const approvals = row.approvals.map((one) => ({ ...one, at: new Date(one.at) }))
  return { ...row, approvals } satisfies CampaignView
}, Effect.mapError(refused))
