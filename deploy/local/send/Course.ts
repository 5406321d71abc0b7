/** How far a campaign is and how long it took, from what is on record of its blocks: true also for what happened unseen. */
import { Effect } from "effect"
import { type Progress, progress } from "#schema/campaign/Campaigns.ts"
import { SqlClient } from "#schema/Database.ts"
import { refused } from "#schema/Refused.ts"

export interface Course extends Progress {
  /** Recipients that have left: answered by the operator, kept back, or lost in a crash. */
  readonly left: number
}

/** Of an open block that counts as left which was accepted; what was refused joins it when the block closes. */
export const course = Effect.fnUntraced(function* (campaignId: number) {
  const sql = yield* SqlClient
  const p = yield* progress(campaignId)
  const [open] = yield* sql<{ unanswered: number }>`
    SELECT coalesce(sum(b.last_seq - b.first_seq + 1 - multirange_size(b.returned) - cardinality(b.suppressed_nth) - b.accepted), 0)::int
             AS unanswered
      FROM lane l JOIN block b ON b.month = l.month AND b.lane_id = l.id
     WHERE l.campaign_id = ${campaignId} AND b.closed_at IS NULL`.pipe(Effect.mapError(refused))
  return { ...p, left: Math.max(0, p.audience - p.unclaimed - open!.unanswered) } satisfies Course
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
