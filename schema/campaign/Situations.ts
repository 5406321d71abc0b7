/** Where a campaign stands and what it waits for. Read as whoever acts, or as the owner. */
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { refused } from "#schema/Refused.ts"
import type { CampaignState } from "./Campaigns.ts"
import { type Forecast, forecast } from "./Forecasts.ts"

interface Row {
  readonly id: number
  readonly name: string
  readonly workspace: string
  readonly state: CampaignState
  readonly mode: string
  readonly starts_automatically: boolean
  readonly waits_for_window: boolean
  readonly zone: string
  readonly now: Date
  readonly starts_at: Date | null
  readonly ends_at: Date | null
  /** Of its daily window: "09:00"; and of one that sends or waits for it, since when it is open, or when it opens next. */
  readonly window_from: string | null
  readonly window_to: string | null
  readonly opens_at: Date | null
  /** Messages a second, as it was approved or slowed down to. */
  readonly ceiling: number | null
  /** Who moved it last, and when; null: the system, by itself. */
  readonly moved_by: string | null
  readonly moved_at: Date | null
  /** What they said to it. */
  readonly note: string | null
  readonly failure: string | null
}

/** With its forecast while it waits or sends. */
export interface Situation extends Row {
  readonly forecast: Forecast | undefined
}

const FORESEEN: ReadonlySet<CampaignState> = new Set(["scheduled", "sending", "paused"])

/** Of each campaign given, newest first. */
export const situations = Effect.fnUntraced(function* (campaignIds: ReadonlyArray<number>) {
  const sql = yield* SqlClient
  const rows = yield* sql<Row>`
    SELECT c.id, c.name, w.name AS workspace, c.state, c.mode, c.starts_automatically, c.waits_for_window, c.time_zone AS zone, now() AS now,
           c.starts_at, coalesce(sending_ends(c), c.ends_at) AS ends_at, to_char(c.window_from, 'HH24:MI') AS window_from,
           to_char(c.window_to, 'HH24:MI') AS window_to, least(c.per_second, c.slowed_to) AS ceiling, p.name AS moved_by, t.moved_at, t.note, c.failure,
           (SELECT to_timestamp(d.opens_ms[1] / 1000)
              FROM window_days(now(), ARRAY[c.window_from], ARRAY[c.window_to], ARRAY[c.time_zone], 1) d
             WHERE c.waits_for_window OR c.state = 'sending') AS opens_at
      FROM campaign c
      JOIN workspace w ON w.id = c.workspace_id
      LEFT JOIN LATERAL (SELECT * FROM campaign_transition m WHERE m.campaign_id = c.id ORDER BY m.id DESC LIMIT 1) t ON true
      LEFT JOIN person p ON p.id = t.person_id
     WHERE c.id = ANY (${campaignIds}::int[]) ORDER BY c.id DESC`.pipe(Effect.mapError(refused))
  return yield* Effect.forEach(rows, (row) =>
    Effect.map(
      FORESEEN.has(row.state) ? forecast(row.id) : Effect.undefined,
      (foreseen): Situation => ({ ...row, forecast: foreseen })
    )
  )
})
