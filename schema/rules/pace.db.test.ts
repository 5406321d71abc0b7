/** When the door lets what out: schedules, windows, ceilings and quotas on a clock that the test sets. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { as, feed, type Message } from "#schema/testing/feeding.ts"
import { sampleCampaign, sampleChannel, sampleTrigger, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import { claims, type Leaving, opened } from "#schema/testing/virtualDoor.ts"

const at = (iso: string) => Date.parse(iso)

/** How many leave in each stretch of so many ms. */
const counted = (leaving: Leaving, from: number, ms: number): ReadonlyArray<number> => {
  const counts: Array<number> = []
  // slots are computed in fractions of a microsecond
  for (const one of leaving) {
    const nth = Math.floor((one.at - from + 1e-3) / ms)
    counts[nth] = (counts[nth] ?? 0) + 1
  }
  return Array.from(counts, (n) => n ?? 0)
}

/** The most that leave in any stretch of so many ms. */
const most = (leaving: Leaving, ms: number): number => {
  let [first, max] = [0, 0]
  leaving.forEach((one, i) => {
    while (leaving[first]!.at <= one.at - ms + 1e-3) first++
    max = Math.max(max, i - first + 1)
  })
  return max
}

const numbers = (n: number) => Array.from({ length: n }, (_, i) => 998_900_000_000 + i)

layer(TestDatabase.layer, { excludeTestServices: true })("a spread campaign", (it) => {
  it.effect("leaves evenly: each minute its part within one message, and all of it by its end", () =>
    Effect.gen(function* () {
      const workspace = yield* sampleWorkspace()
      const channel = yield* sampleChannel(workspace)
      const from = at("2027-03-01T18:00:00Z")
      const until = from + 30 * 60_000
      const { laneId } = yield* opened(workspace, channel, 48_000, from, { mode: "spread", ends_at: new Date(until) })
      const leaving = yield* claims(channel, [laneId], from, until, { patient: true })
      assert.strictEqual(leaving.length, 48_000)
      const minutes = counted(leaving, from, 60_000)
      assert.strictEqual(minutes.length, 30)
      for (const n of minutes) assert.closeTo(n, 1_600, 1)
    })
  )

  it.effect("keeps to its window, day by day, across a change of the clocks", () =>
    Effect.gen(function* () {
      const workspace = yield* sampleWorkspace()
      const channel = yield* sampleChannel(workspace)
      // nine days, in the middle of which Berlin's clocks go forward
      const [from, until] = [at("2027-03-24T09:00:00+01:00"), at("2027-04-01T18:00:00+02:00")]
      const window = { window_from: "09:00", window_to: "18:00", time_zone: "Europe/Berlin" }
      const { laneId } = yield* opened(workspace, channel, 2_003, from, {
        mode: "spread",
        ends_at: new Date(until),
        ...window
      })
      const leaving = yield* claims(channel, [laneId], from, until)
      assert.strictEqual(leaving.length, 2_003)
      const days = new Map<string, number>()
      for (const one of leaving) {
        const [day, time] = new Date(one.at).toLocaleString("sv-SE", { timeZone: "Europe/Berlin" }).split(" ") as [
          string,
          string
        ]
        assert.isTrue(time >= "09:00:00" && time < "18:00:00", time)
        days.set(day, (days.get(day) ?? 0) + 1)
      }
      assert.strictEqual(days.size, 9)
      for (const [day, n] of days) assert.closeTo(n, 2_003 / 9, 1, day)
    })
  )

  it.effect("that fell behind is a little faster for the rest of its time, and never bursts", () =>
    Effect.gen(function* () {
      const workspace = yield* sampleWorkspace()
      const channel = yield* sampleChannel(workspace)
      const from = at("2027-03-01T18:00:00Z")
      const until = from + 20 * 60_000
      const { laneId } = yield* opened(workspace, channel, 6_000, from, { mode: "spread", ends_at: new Date(until) })
      const before = yield* claims(channel, [laneId], from, from + 5 * 60_000)
      const after = yield* claims(channel, [laneId], from + 10 * 60_000, until)
      assert.strictEqual(before.length + after.length, 6_000)
      // 4,500 in the ten minutes that remain, instead of 300 a minute
      for (const n of counted(after, from + 10 * 60_000, 60_000)) assert.closeTo(n, 450, 1)
      assert.isAtMost(most(after, 1_000), 8)
    })
  )

  it.effect("that is nearly out of time goes twice as fast as was approved, and leaves the rest to expire", () =>
    Effect.gen(function* () {
      const workspace = yield* sampleWorkspace()
      const channel = yield* sampleChannel(workspace)
      const from = at("2027-03-01T18:00:00Z")
      const until = from + 20 * 60_000
      const { laneId } = yield* opened(workspace, channel, 6_000, from, { mode: "spread", ends_at: new Date(until) })
      const late = yield* claims(channel, [laneId], until - 10_000, until)
      assert.closeTo(late.length, 100, 1)
      assert.isAtMost(most(late, 1_000), 11)
    })
  )
})

layer(TestDatabase.layer, { excludeTestServices: true })("ceilings", (it) => {
  it.effect("hold together: of a campaign and of its workspace, in every second, and nothing is left unused", () =>
    Effect.gen(function* () {
      const workspace = yield* sampleWorkspace({ per_second: 150 })
      const channel = yield* sampleChannel(workspace)
      const from = at("2027-03-01T18:00:00Z")
      const slow = yield* opened(workspace, channel, 3_000, from, { per_second: 40 })
      const free = yield* opened(workspace, channel, 3_000, from, {})
      const leaving = yield* claims(channel, [slow.laneId, free.laneId], from, from + 10_000)
      const within = leaving.filter((one) => one.at < from + 10_000)
      const ofSlow = within.filter((one) => one.laneId === slow.laneId)
      // slots of two lanes, whose rates don't come out even in every second: a message more (the engine counts what leaves)
      assert.isAtMost(most(within, 1_000), 151)
      assert.isAtMost(most(ofSlow, 1_000), 40)
      assert.isAtLeast(within.length, 1_485)
      assert.isAtLeast(ofSlow.length, 396)
    })
  )

  it.effect("are first to be had again by who had them, and then by who holds more", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const from = at("2027-03-01T18:00:00Z")
      // lane 1 had 40 of 150 a second for 90 ms more, lane 2 110 of it for 300 ms
      const slots = { taken_lane: [1, 2], taken_rate: [40, 110], taken_channel: [1, 1] }
      const times = { taken_from: [0, 0], taken_until: [90, 300] }
      const pace = Object.fromEntries(
        Object.entries(times).map(([name, ms]) => [name, ms.map((later) => new Date(from + later))])
      )
      const roomFor = Effect.fnUntraced(function* (lane: number) {
        const [row] = yield* sql<{ ms: number; rate: number }>`
          SELECT (extract(epoch FROM f.at) * 1000 - ${from})::float8 AS ms, f.rate
            FROM free_of(jsonb_populate_record(NULL::pace, ${JSON.stringify({ ...slots, ...pace })}::jsonb), 150, ${new Date(from)}, 1,
                         ${lane}, ${new Date(from)}) AS f`
        return [Math.round(row!.ms), row!.rate]
      })
      assert.deepStrictEqual(yield* roomFor(1), [90, 40])
      assert.deepStrictEqual(yield* roomFor(2), [165, 40])
      assert.deepStrictEqual(yield* roomFor(3), [90, 40])
    })
  )

  it.effect("hold between spreads, whose slots are handed out early, and what takes all that is left", () =>
    Effect.gen(function* () {
      const workspace = yield* sampleWorkspace({ per_second: 1_000 })
      const channel = yield* sampleChannel(workspace)
      const from = at("2027-03-01T18:00:00Z")
      const spread = { mode: "spread", ends_at: new Date(from + 20_000) }
      const lanes: Array<number> = []
      for (let n = 0; n < 6; n++) lanes.push((yield* opened(workspace, channel, 400, from, spread)).laneId)
      for (let n = 0; n < 3; n++) lanes.push((yield* opened(workspace, channel, 2_000, from, {})).laneId)
      const leaving = yield* claims(channel, lanes, from, from + 4_000)
      // a little below itself, and where the rates of several lanes don't come out even, a message of each more
      assert.isAtMost(most(leaving, 1_000), 1_000 / 1.005 + lanes.length)
      assert.isAbove(leaving.length, 3_900)
    })
  )

  it.effect("are taken in turns by channels that could each use all of it", () =>
    Effect.gen(function* () {
      const workspace = yield* sampleWorkspace({ per_second: 100 })
      const from = at("2027-03-01T18:00:00Z")
      const lanes: Array<number> = []
      const channels: Array<Effect.Success<ReturnType<typeof sampleChannel>>> = []
      for (let n = 0; n < 3; n++) {
        channels.push(yield* sampleChannel(workspace))
        lanes.push((yield* opened(workspace, channels[n]!, 2_000, from, {})).laneId)
      }
      const leaving = yield* claims(channels, lanes, from, from + 20_000)
      assert.isAtLeast(leaving.length, 1_980)
      for (const lane of lanes)
        assert.closeTo(leaving.filter((one) => one.laneId === lane).length / leaving.length, 1 / 3, 0.03)
    })
  )

  it.effect("leave room for what is triggered, at once, while others would take all of it", () =>
    Effect.gen(function* () {
      const workspace = yield* sampleWorkspace({ per_second: 100 })
      const channel = yield* sampleChannel(workspace)
      // what is fed now can't be sent before
      const from = Date.now() + 60_000
      const bulk: Array<number> = []
      for (let n = 0; n < 2; n++) bulk.push((yield* opened(workspace, channel, 2_000, from, {})).laneId)
      const fed = yield* sampleTrigger({ workspace, channels: [channel] })
      yield* as(workspace)(feed(fed.campaignId, ...numbers(10).map((n): Message => [String(n), n])))
      yield* claims(channel, bulk, from, from + 1_000)
      const [first] = yield* claims(channel, [fed.laneId], from + 1_000, from + 1_001)
      assert.strictEqual(first?.at, from + 1_000)
      const together = yield* claims(channel, [...bulk, fed.laneId], from + 2_000, from + 6_000)
      assert.isAtMost(most(together, 1_000), 100)
    })
  )

  it.effect("hold also where many begin at the same moment", () =>
    Effect.gen(function* () {
      const workspace = yield* sampleWorkspace({ per_second: 10 })
      const channel = yield* sampleChannel(workspace)
      const from = at("2027-03-01T18:00:00Z")
      const spread = { mode: "spread", ends_at: new Date(from + 60_000) }
      const lanes: Array<number> = []
      for (let n = 0; n < 30; n++) lanes.push((yield* opened(workspace, channel, 2, from, spread)).laneId)
      const leaving = yield* claims(channel, lanes, from, from + 20_000)
      assert.isAtMost(
        most(
          [...leaving].toSorted((a, b) => a.at - b.at),
          1_000
        ),
        10
      )
      assert.isAtLeast(leaving.length, 30)
    })
  )

  it.effect("of a day get back what goes back to its lane", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const workspace = yield* sampleWorkspace({ per_day: 100 })
      const channel = yield* sampleChannel(workspace)
      const { laneId } = yield* sampleCampaign({ workspace, channels: [channel], numbers: 300 })
      for (const expected of [60, 60, 60]) {
        const [block] = yield* sql<{ block_id: number; month: string; recipients: number }>`
          SELECT block_id, month::text AS month, recipients FROM claim_block(${channel.channelId}, ${channel.epoch}, ${laneId}, 60)`
        assert.strictEqual(block?.recipients, expected)
        yield* sql`SELECT return_recipients(${channel.channelId}, ${channel.epoch}, ${block!.month}::date, ${block!.block_id}, '{[1,61)}')`
      }
    })
  )

  it.effect("count every part of a message, and the slower one that somebody sets holds from the next claim on", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const workspace = yield* sampleWorkspace()
      const channel = yield* sampleChannel(workspace)
      const from = at("2027-03-01T18:00:00Z")
      const { campaignId, laneId } = yield* opened(workspace, channel, 2_000, from, { per_second: 90, segments: 3 })
      const first = yield* claims(channel, [laneId], from, from + 5_000)
      assert.isAtMost(most(first, 1_000), 30)
      assert.closeTo(first.length, 150, 10)
      yield* sql`UPDATE campaign SET slowed_to = 30 WHERE id = ${campaignId}`
      const then = (yield* claims(channel, [laneId], from + 5_000, from + 10_000)).filter((o) => o.at > from + 5_500)
      assert.isAtMost(most(then, 1_000), 10)
    })
  )

  it.effect("of a day are a workspace's own days: what is used up goes on at its midnight", () =>
    Effect.gen(function* () {
      const workspace = yield* sampleWorkspace({ per_day: 250, time_zone: "Asia/Tashkent" })
      const channel = yield* sampleChannel(workspace)
      const from = at("2027-03-01T23:00:00+05:00")
      const { laneId } = yield* opened(workspace, channel, 700, from, {})
      const leaving = yield* claims(channel, [laneId], from, from + 49 * 3_600_000)
      const midnight = at("2027-03-02T00:00:00+05:00")
      const day = (one: { readonly at: number }) => Math.floor((one.at - midnight) / 86_400_000)
      assert.deepStrictEqual(
        [-1, 0, 1].map((n) => leaving.filter((one) => day(one) === n).length),
        [250, 250, 200]
      )
    })
  )

  it.effect("that are free only after the window has closed are waited for until it opens again", () =>
    Effect.gen(function* () {
      const workspace = yield* sampleWorkspace({ per_second: 2 })
      const channel = yield* sampleChannel(workspace)
      const evening = at("2027-03-01T17:59:57Z")
      const window = { window_from: "09:00", window_to: "18:00" }
      const one = yield* opened(workspace, channel, 8, evening, window)
      const other = yield* opened(workspace, channel, 8, evening, window)
      const leaving = yield* claims(channel, [one.laneId, other.laneId], evening, at("2027-03-02T10:00:00Z"))
      assert.strictEqual(leaving.length, 16)
      for (const { at } of leaving) {
        const time = new Date(at).toISOString().slice(11)
        assert.isTrue(time >= "09:00:00" && time < "18:00:00", time)
      }
    })
  )

  it.effect("of a day that are less than one message leave it where it is, and the door answers", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const workspace = yield* sampleWorkspace({ per_day: 2, time_zone: "UTC" })
      const channel = yield* sampleChannel(workspace)
      const noon = at("2027-03-01T12:00:00Z")
      const { laneId } = yield* opened(workspace, channel, 10, noon, { segments: 3 })
      const [row] = yield* sql<{ rest_ms: number; block_id: number | null }>`
        SELECT rest_ms, block_id FROM claim_block_at(${channel.channelId}, ${channel.epoch}::bigint, ${laneId}, 1000, to_timestamp(${noon / 1000}::float8))`
      assert.deepStrictEqual(row, { rest_ms: 12 * 3_600_000, block_id: null })
    })
  )

  it.effect("and a window say when it is worth asking again", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const workspace = yield* sampleWorkspace()
      const channel = yield* sampleChannel(workspace)
      const night = at("2027-03-01T22:00:00Z")
      const { laneId } = yield* opened(workspace, channel, 10, night, { window_from: "09:00", window_to: "18:00" })
      const [row] = yield* sql<{ rest_ms: number; block_id: number | null }>`
        SELECT rest_ms, block_id FROM claim_block_at(${channel.channelId}, ${channel.epoch}::bigint, ${laneId}, 1000, to_timestamp(${night / 1000}::float8))`
      // a moment before nine, so that it is in the engine's hands then
      assert.deepStrictEqual(row, { rest_ms: 11 * 3_600_000 - 150, block_id: null })
      assert.deepStrictEqual(
        (yield* claims(channel, [laneId], night, night + 24 * 3_600_000)).map((one) => one.at),
        Array<number>(10).fill(at("2027-03-02T09:00:00Z"))
      )
    })
  )
})
