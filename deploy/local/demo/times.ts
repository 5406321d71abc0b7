/** When the demo's month was: of each campaign, its moments, and how they come into rows that know only the clock. */
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import type { Planned } from "./plan.ts"

const MINUTE_MS = 60_000

export interface Times {
  readonly campaignId: number
  readonly createdAt: Date
  readonly submittedAt: Date
  readonly decidedAt: Date
  readonly openedAt: Date
  readonly closedAt: Date
}

/** Never later than now, and each after the one before. */
export const timesOf = (planned: Planned, now: Date): Omit<Times, "campaignId"> => {
  const began = planned.createdAt.getTime()
  const most = now.getTime() - MINUTE_MS
  const after = (minutes: number) => new Date(Math.min(began + minutes * MINUTE_MS, most))
  const quick = now.getTime() - began < 60 * MINUTE_MS
  const seconds = 20 + Math.ceil(planned.numbers.length / 20)
  const opened = quick ? 12 : 55
  return {
    createdAt: planned.createdAt,
    submittedAt: after(quick ? 5 : 14),
    decidedAt: after(opened),
    openedAt: after(opened + 1 / 60),
    closedAt: after(opened + seconds / 60)
  }
}

/** In a transaction's end: what the audit and the histories of campaigns say of it was then. */
export const stamp = Effect.fnUntraced(function* (when: Date) {
  const sql = yield* SqlClient
  yield* sql`UPDATE audit_pending SET at = ${when}`
  yield* sql`UPDATE campaign_transition SET moved_at = ${when} WHERE moved_at >= now()`
})

/** In the tables whose triggers would refuse it. */
const FORCED = ["campaign", "approval", "workspace", "sender_revision", "membership"] as const

const STATEMENTS = [
  `UPDATE campaign c SET created_at = t.created, edited_at = t.created, submitted_at = CASE WHEN c.submitted_at IS NOT NULL THEN t.submitted END,
          opened_at = CASE WHEN c.opened_at IS NOT NULL THEN t.opened END, closed_at = CASE WHEN c.closed_at IS NOT NULL THEN t.closed END,
          ledger_sealed_at = CASE WHEN c.ledger_sealed_at IS NOT NULL THEN t.closed END,
          ends_at = CASE WHEN c.state = 'expired' THEN t.closed ELSE c.ends_at END
     FROM demo_time t WHERE t.id = c.id`,
  `UPDATE approval a SET approved_at = t.decided FROM demo_time t WHERE t.id = a.campaign_id`,
  `UPDATE campaign_maker m SET made_at = t.created FROM demo_time t WHERE t.id = m.campaign_id`,
  `UPDATE block b SET opened_at = t.opened, closed_at = t.opened + (b.closed_at - b.opened_at),
          finished_at = t.opened + (b.finished_at - b.opened_at)
     FROM lane l JOIN demo_time t ON t.id = l.campaign_id WHERE l.id = b.lane_id AND l.month = b.month`,
  `UPDATE workspace SET created_at = now() - interval '60 days'`,
  `UPDATE person SET created_at = now() - interval '60 days'`,
  `UPDATE membership SET given_at = now() - interval '59 days'`,
  `UPDATE sender SET created_at = now() - interval '45 days'`,
  `UPDATE sender_revision SET made_at = now() - interval '45 days', decided_at = now() - interval '44 days' WHERE status = 'approved'`,
  `UPDATE sender_revision SET made_at = now() - interval '2 minutes' WHERE status = 'pending'`
]

/** Once everything is made. */
export const putTimes = Effect.fnUntraced(function* (made: ReadonlyArray<Times>) {
  const sql = yield* SqlClient
  const rows = made.map(({ campaignId, closedAt, createdAt, decidedAt, openedAt, submittedAt }) => ({
    ...{
      id: campaignId,
      created: createdAt,
      submitted: submittedAt,
      decided: decidedAt,
      opened: openedAt,
      closed: closedAt
    }
  }))
  yield* sql.withTransaction(
    Effect.gen(function* () {
      yield* sql`CREATE TEMP TABLE demo_time ON COMMIT DROP AS
        SELECT * FROM jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb)
          AS t (id int, created timestamptz, submitted timestamptz, decided timestamptz, opened timestamptz, closed timestamptz)`
      for (const table of FORCED) yield* sql.unsafe(`ALTER TABLE ${table} DISABLE TRIGGER USER`)
      for (const statement of STATEMENTS) yield* sql.unsafe(statement)
      for (const table of FORCED) yield* sql.unsafe(`ALTER TABLE ${table} ENABLE TRIGGER USER`)
    })
  )
})
