/** How fast a campaign was sent, step by step, beside what was planned and what its channels' contracts allow. Asked while acting. */
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { refused } from "#schema/Refused.ts"

export type Span = "recent" | "whole"

export interface Pace {
  /** Since 1970: where the first step begins. */
  readonly from_ms: number
  readonly step_s: number
  /** Messages of each step, up to 200 of them. */
  readonly messages: ReadonlyArray<number>
  /** Messages a second: its ceiling or what its spread asks for; null: as fast as it goes. */
  readonly planned: number | null
  /** What its channels may send a second by contract; null: one of them has none. */
  readonly contract: number | null
}

/** undefined: nothing of it was sent yet. */
export const pace = Effect.fn("Pace.pace")(function* (campaignId: number, span: Span) {
  const sql = yield* SqlClient
  const steps = yield* sql<{ at_ms: number; step_s: number; messages: number }>`
    SELECT at_ms, step_s, messages FROM campaign_pace(${campaignId}, ${span === "recent"}) ORDER BY at_ms`
  const [first] = steps
  if (first === undefined) return undefined
  const rows = yield* sql<Pick<Pace, "planned" | "contract">>`
    SELECT least(c.per_second, c.slowed_to, CASE WHEN c.mode = 'spread' AND c.window_from IS NULL AND c.ends_at > c.opened_at
             THEN (SELECT sum(l.recipients) FROM lane l WHERE l.campaign_id = c.id) * c.segments / extract(epoch FROM c.ends_at - c.opened_at) END)::float8 AS planned,
           (SELECT CASE WHEN bool_and(n.per_second IS NOT NULL) THEN sum(n.per_second) END FROM channel n WHERE n.id IN
             (SELECT x.channel_id FROM lane l JOIN lane_channel x ON x.lane_id = l.id WHERE l.campaign_id = c.id))::float8 AS contract
      FROM campaign c WHERE c.id = ${campaignId}`
  const { contract, planned } = rows[0]!
  const messages = steps.map((step) => step.messages)
  return { from_ms: first.at_ms, step_s: first.step_s, messages, planned, contract } satisfies Pace
}, Effect.mapError(refused))
