import { assert, layer } from "@effect/vitest"
import { Effect, Logger } from "effect"
import { scopedSmsc } from "#bench/smsc/Smsc.ts"
import { eventually, isOver, makeCampaign, makeChannel } from "#engine/TestCampaigns.ts"
import { TestEngine } from "#engine/TestEngine.ts"
import * as Forecasts from "#schema/campaign/Forecasts.ts"
import { SqlClient } from "#schema/Database.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { forecastOnce } from "./Forecaster.ts"
import { ForecasterMemory } from "./ForecasterMemory.ts"

/** One round in the engine's role; gives what it said. */
const round = Effect.fnUntraced(function* (memory: ForecasterMemory) {
  const { asEngine } = yield* TestDatabase
  const log: Array<string> = []
  const logger = Logger.make<unknown, void>(({ logLevel, message }) => {
    log.push(`${logLevel} ${message}`)
  })
  yield* asEngine(forecastOnce(memory)).pipe(Effect.provide(Logger.layer([logger])))
  return log
})

const keptOf = (campaignId: number) => Effect.map(Forecasts.kept([campaignId]), (rows) => rows[0])

layer(TestEngine.layer, { excludeTestServices: true })("a forecast of the engine's", (it) => {
  it.effect("is there before the campaign begins, follows it, and is held against what came of it", () =>
    Effect.gen(function* () {
      const { house, start } = yield* TestEngine
      const sql = yield* SqlClient
      const smsc = yield* scopedSmsc({ port: 0 })
      const channel = yield* makeChannel(house, smsc.port, { per_second: 200 })
      const { campaignId } = yield* makeCampaign(house, { channels: [channel], numbers: 400, startsInSeconds: 2 })
      const memory = new ForecasterMemory()
      assert.deepStrictEqual(yield* round(memory), [])
      const first = (yield* keptOf(campaignId))!
      const [row] = yield* sql<{ starts_at: Date }>`SELECT starts_at FROM campaign WHERE id = ${campaignId}`
      // 400 at 200 a second, by the slightly slower pace that keeps every second
      assert.closeTo(first.finishes_at!.getTime(), row!.starts_at.getTime() + 2_010, 5)
      assert.strictEqual(first.limited_by, "channel")

      yield* Effect.scoped(
        Effect.gen(function* () {
          yield* start
          yield* Effect.promise(() => smsc.until(({ submits }) => submits >= 300))
          // a pause that nobody foresaw
          yield* sql`UPDATE campaign SET slowed_to = 100 WHERE id = ${campaignId}`
          yield* round(memory)
          const then = (yield* keptOf(campaignId))!
          assert.strictEqual(then.limited_by, "ceiling")
          assert.isAbove(then.finishes_at!.getTime(), first.finishes_at!.getTime())
          yield* eventually("the campaign is over", isOver(campaignId))
        })
      )
      const log = yield* round(memory)
      const settled = (yield* keptOf(campaignId))!
      const [end] = yield* sql<{ seconds: number; took: number }>`
        SELECT extract(epoch FROM closed_at - ${first.finishes_at!}::timestamptz)::float8 AS seconds,
               extract(epoch FROM closed_at - opened_at)::float8 AS took FROM campaign WHERE id = ${campaignId}`
      assert.closeTo(settled.error_seconds!, end!.seconds, 0.01)
      assert.closeTo(settled.error_share!, end!.seconds / end!.took, 0.01)
      // by then it was known that it is slower
      assert.isBelow(Math.abs(settled.half_error_share!), settled.error_share!)
      assert.isNotNull(settled.settled_at)
      assert.match(
        log.join(),
        new RegExp(`^Info campaign ${campaignId} ".*" was through \\d+\\.\\d s after its first forecast`)
      )
      assert.deepStrictEqual(yield* round(memory), [])
    })
  )

  it.effect("warns once that a campaign will not be through in time, and says once when it will after all", () =>
    Effect.gen(function* () {
      const { house } = yield* TestEngine
      const sql = yield* SqlClient
      const channel = yield* makeChannel(house, 1)
      const { campaignId } = yield* makeCampaign(house, {
        channels: [channel],
        numbers: 3_000,
        startsInSeconds: 3_600,
        endsInSeconds: 3_900,
        columns: { mode: "spread" }
      })
      const memory = new ForecasterMemory()
      assert.deepStrictEqual(yield* round(memory), [])
      yield* sql`UPDATE campaign SET slowed_to = 5 WHERE id = ${campaignId}`
      const [line, ...others] = yield* round(memory)
      assert.deepStrictEqual(others, [])
      assert.match(
        line!,
        new RegExp(
          `^Warn campaign ${campaignId} ".*" will not be through by .* UTC: about 1,50\\d of 3,000 numbers would be left; its ceiling is too low`
        )
      )
      assert.deepStrictEqual(yield* round(memory), [])
      // another engine, which has not said it
      yield* sql`UPDATE campaign SET slowed_to = 6 WHERE id = ${campaignId}`
      assert.deepStrictEqual(yield* round(new ForecasterMemory()), [])
      assert.isTrue((yield* keptOf(campaignId))!.warned)
      yield* sql`UPDATE campaign SET slowed_to = NULL WHERE id = ${campaignId}`
      assert.match((yield* round(memory)).join(), /^Info campaign \d+ ".*" will be through by .* UTC after all$/)
      const { left_over, warned } = (yield* keptOf(campaignId))!
      assert.deepStrictEqual([left_over, warned], [0, false])
      yield* sql`UPDATE campaign SET state = 'cancelled', closed_at = now() WHERE id = ${campaignId}`
    })
  )

  it.effect("is not made again while nothing is sent and nothing has changed", () =>
    Effect.gen(function* () {
      const { house } = yield* TestEngine
      const sql = yield* SqlClient
      const channel = yield* makeChannel(house, 1, { per_second: 10 })
      const { campaignId } = yield* makeCampaign(house, { channels: [channel], numbers: 100, startsInSeconds: 3_600 })
      const memory = new ForecasterMemory()
      yield* round(memory)
      // as if it had been lost: whoever looks anew puts it in
      yield* sql`DELETE FROM campaign_forecast WHERE campaign_id = ${campaignId}`
      yield* round(memory)
      assert.isUndefined(yield* keptOf(campaignId))
      yield* sql`UPDATE channel SET per_second = 20 WHERE id = ${channel}`
      yield* round(memory)
      assert.closeTo((yield* keptOf(campaignId))!.per_second!, 20 / 1.005, 0.01)
    })
  )
})
