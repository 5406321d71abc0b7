/** What goes wrong around a spread campaign's pace, on a clock that the test sets: it begins late, comes back, or has few a day. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { byForce, sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import { claims, type Leaving, opened } from "#schema/testing/virtualDoor.ts"

const at = (iso: string) => Date.parse(iso)

const DAY_MS = 86_400_000

/** How many leave on each day. */
const perDay = (leaving: Leaving, from: number, days: number): ReadonlyArray<number> =>
  Array.from(
    { length: days },
    (_, day) => leaving.filter((one) => Math.floor((one.at - from + 1) / DAY_MS) === day).length
  )

layer(TestDatabase.layer, { excludeTestServices: true })("a spread campaign", (it) => {
  it.effect("of so many minutes has all of them, however long after its start it was opened", () =>
    Effect.gen(function* () {
      const workspace = yield* sampleWorkspace()
      const channel = yield* sampleChannel(workspace)
      const from = at("2027-03-01T18:00:00Z")
      const late = from + 10 * 60_000
      const columns = { mode: "spread", spread_minutes: 5, starts_at: new Date(from) }
      const { laneId } = yield* opened(workspace, channel, 3_000, late, columns)
      assert.strictEqual((yield* claims(channel, [laneId], late, late + 5 * 60_000, { patient: true })).length, 3_000)
    })
  )

  it.effect(
    "until an end, that is started just before it, goes twice as fast as when it was submitted, and no faster",
    () =>
      Effect.gen(function* () {
        const workspace = yield* sampleWorkspace()
        const channel = yield* sampleChannel(workspace)
        const until = at("2027-03-01T18:00:00Z")
        const columns = { mode: "spread", ends_at: new Date(until), starts_automatically: "false" }
        const { campaignId, laneId } = yield* opened(workspace, channel, 48_000, until - 10_000, columns)
        // it waited for eight hours for somebody to press Start
        yield* byForce(
          "campaign",
          `UPDATE campaign SET submitted_at = submitted_at - interval '8 hours' WHERE id = ${campaignId}`
        )
        const leaving = yield* claims(channel, [laneId], until - 10_000, until)
        assert.closeTo(leaving.length, (2 * 10 * 48_000) / (8 * 3_600 + 10), 2)
      })
  )

  it.effect("of few a day leaves on each of its days, in a window that is short", () =>
    Effect.gen(function* () {
      const workspace = yield* sampleWorkspace()
      const channel = yield* sampleChannel(workspace)
      const from = at("2027-03-01T09:00:00Z")
      const until = from + 29 * DAY_MS + 3_600_000
      const window = { window_from: "09:00", window_to: "10:00", time_zone: "UTC" }
      const columns = { mode: "spread", ends_at: new Date(until), ...window }
      for (const [recipients, fewest, most] of [
        [45, 1, 2],
        [10, 0, 1],
        [59, 1, 2]
      ] as const) {
        const { laneId } = yield* opened(workspace, channel, recipients, from, columns)
        const days = perDay(yield* claims(channel, [laneId], from, until), from, 30)
        assert.strictEqual(
          days.reduce((sum, n) => sum + n),
          recipients
        )
        assert.deepStrictEqual([Math.min(...days), Math.max(...days)], [fewest, most], `${recipients}: ${days}`)
      }
    })
  )

  it.effect("sends its last in time, though they were claimed once and came back", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const workspace = yield* sampleWorkspace()
      const channel = yield* sampleChannel(workspace)
      const from = at("2027-03-01T09:00:00Z")
      const until = from + 6 * 3_600_000
      const { laneId } = yield* opened(workspace, channel, 6, from, { mode: "spread", ends_at: new Date(until) })
      assert.strictEqual((yield* claims(channel, [laneId], from, from + 4.5 * 3_600_000)).length, 5)
      const moment = from + 5 * 3_600_000
      const { channelId, epoch } = channel
      const [last] = yield* sql<{ block_id: number; month: string; first_seq: number; recipients: number }>`
        SELECT block_id, month::text AS month, first_seq, recipients
          FROM claim_block_at(${channelId}, ${epoch}::bigint, ${laneId}, 1000, ${new Date(moment)})`
      assert.strictEqual(last!.recipients, 1)
      const back = `{[${last!.first_seq},${last!.first_seq + 1})}`
      yield* sql`SELECT return_recipients(${channelId}, ${epoch}, ${last!.month}::date, ${last!.block_id}, ${back}::int4multirange)`
      assert.strictEqual((yield* claims(channel, [laneId], moment + 60_000, until)).length, 1)
    })
  )
})
