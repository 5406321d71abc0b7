/**
 * What a workspace sent on a day, and what it usually sends: messages by the day on which their campaign opened, days being the
 * workspace's own. Asked while acting.
 */
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { refused } from "#schema/Refused.ts"

/** Days before today that show what is usual: four of each weekday. */
const DAYS = 28

export interface DailyTraffic {
  /** Messages of campaigns that opened today. */
  readonly today: {
    readonly campaigns: number
    readonly accepted: number
    readonly delivered: number
    readonly failed: number
  }
  /** accepted, the median of the days on which anything was sent; null: on none. */
  readonly usual: number | null
}

export const dailyTraffic = Effect.fn("DailyTraffic")(function* (workspaceId: number) {
  const sql = yield* SqlClient
  const [row] = yield* sql<{
    campaigns: number
    accepted: number
    delivered: number
    failed: number
    usual: number | null
  }>`
    WITH here AS (
      SELECT w.id, w.time_zone, (now() AT TIME ZONE w.time_zone)::date AS today FROM workspace w WHERE w.id = ${workspaceId}
    ), opened AS (
      SELECT c.id, (c.opened_at AT TIME ZONE h.time_zone)::date AS day, h.today
        FROM here h JOIN campaign c ON c.workspace_id = h.id
       WHERE c.opened_at IS NOT NULL
         -- as the index campaign_by_day has it
         AND CASE WHEN c.opened_at IS NOT NULL THEN c.opened_at WHEN c.starts_at IS NOT NULL THEN c.starts_at ELSE c.created_at END
             >= (h.today - ${DAYS}::int)::timestamp AT TIME ZONE h.time_zone
    ), day AS (
      SELECT o.day, o.day = o.today AS is_today, count(*)::int AS campaigns, sum(f.accepted)::int AS accepted,
             sum(f.delivered)::int AS delivered, sum(f.undelivered + f.rejected + f.unknown)::int AS failed
        FROM opened o JOIN campaign_progress f ON f.campaign_id = o.id GROUP BY o.day, o.today
    )
    SELECT coalesce(max(campaigns) FILTER (WHERE is_today), 0) AS campaigns, coalesce(max(accepted) FILTER (WHERE is_today), 0) AS accepted,
           coalesce(max(delivered) FILTER (WHERE is_today), 0) AS delivered, coalesce(max(failed) FILTER (WHERE is_today), 0) AS failed,
           (percentile_disc(0.5) WITHIN GROUP (ORDER BY accepted) FILTER (WHERE NOT is_today AND accepted > 0))::int AS usual
      FROM day`
  const { usual, ...today } = row!
  return { today, usual } satisfies DailyTraffic
}, Effect.mapError(refused))
