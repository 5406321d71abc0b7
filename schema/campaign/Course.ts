/** How far a campaign is and how long it took, from what is on record of its blocks: true also for what happened unseen. */
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { refused } from "#schema/Refused.ts"
import type { Progress } from "./Campaigns.ts"

export interface Course extends Progress {
  /** Recipients that have left: answered by the operator, kept back, or lost in a crash. */
  readonly left: number
}

/** Of an open block that counts as left which was accepted; what was refused joins it when the block closes. */
export const course = Effect.fnUntraced(function* (campaignId: number) {
  const sql = yield* SqlClient
  // one statement: figures of two moments would go backwards now and then
  const rows = yield* sql<Progress & { unanswered: number }>`
    SELECT p.*, c.id, c.name, o.unanswered
      FROM campaign_progress p
      JOIN campaign c ON c.id = p.campaign_id
     CROSS JOIN LATERAL (
       SELECT coalesce(sum(b.last_seq - b.first_seq + 1 - multirange_size(b.returned) - cardinality(b.suppressed_nth) - b.accepted), 0)::int
                AS unanswered
         FROM lane l JOIN block b ON b.month = l.month AND b.lane_id = l.id
        WHERE l.campaign_id = p.campaign_id AND b.closed_at IS NULL) o
     WHERE p.campaign_id = ${campaignId}`.pipe(Effect.mapError(refused))
  const { unanswered, ...p } = rows[0]!
  return { ...p, left: Math.max(0, p.audience - p.unclaimed - unanswered) } satisfies Course
})

/** Seconds from the first block that was claimed to the last answer and to the last outcome; null where nothing was sent. */
export const times = Effect.fnUntraced(function* (campaignId: number) {
  const sql = yield* SqlClient
  const rows = yield* sql<{ answered: number | null; settled: number | null }>`
    SELECT extract(epoch FROM max(b.closed_at) - min(b.opened_at))::float8 AS answered,
           extract(epoch FROM max(b.finished_at) - min(b.opened_at))::float8 AS settled
      FROM lane l JOIN block b ON b.month = l.month AND b.lane_id = l.id
     WHERE l.campaign_id = ${campaignId}`.pipe(Effect.mapError(refused))
  return rows[0]!
})

/** Whether anything of the workspace is being sent. Asked while acting. */
export const anySends = Effect.fnUntraced(function* (workspaceId: number) {
  const sql = yield* SqlClient
  const rows = yield* sql<{ sends: boolean }>`
    SELECT EXISTS (SELECT FROM campaign WHERE workspace_id = ${workspaceId} AND state = 'sending') AS sends`.pipe(
    Effect.mapError(refused)
  )
  return rows[0]!.sends
})
