/** That transactions which lock several rows never wait for each other in a circle (the order: record.sql). */
import { assert, layer } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { SqlClient } from "#schema/Database.ts"
import { giveBack } from "#schema/ledger/Door.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { PretendEngine } from "#schema/testing/PretendEngine.ts"
import { sampleCampaign, sampleChannel, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"

/** Done when so many connections of this database wait for a lock. Asked outside of a transaction, which would see it once. */
const waiting = (n: number) =>
  Effect.flatMap(SqlClient, (sql) =>
    Effect.repeat(
      sql<{ n: number }>`SELECT count(DISTINCT l.pid) AS n FROM pg_locks l JOIN pg_stat_activity a USING (pid)
                          WHERE NOT l.granted AND a.datname = current_database()`,
      { until: ([row]) => row!.n === n }
    )
  )

layer(TestDatabase.layer, { excludeTestServices: true })("no deadlock", (it) => {
  it.effect("comes of a lane's first flush, which has the blocks, beside a return, which has the lane", () =>
    Effect.gen(function* () {
      const { asEngine } = yield* TestDatabase
      const sql = yield* SqlClient
      const workspace = yield* sampleWorkspace()
      const channel = yield* sampleChannel(workspace)
      const { campaignId, laneId } = yield* sampleCampaign({ workspace, channels: [channel] })
      const engine = new PretendEngine(channel)
      const first = (yield* asEngine(engine.claim(laneId, 5)))!
      const second = (yield* asEngine(engine.claim(laneId, 5)))!
      const answers = [{ nth: 0, part: 1, verdict: "a" as const }]
      const [flushing, returning] = yield* sql.withTransaction(
        Effect.gen(function* () {
          yield* sql`SELECT FROM block WHERE id = ${second.claimed.id} FOR UPDATE`
          const flushing = yield* Effect.forkScoped(
            asEngine(engine.flush([first, second].map((block) => ({ block, answers }))))
          )
          yield* asEngine(waiting(1))
          const back = giveBack(channel.channelId, channel.epoch, first.claimed, [{ from: 3, to: 5 }])
          const returning = yield* Effect.forkScoped(asEngine(back))
          yield* asEngine(waiting(2))
          return [flushing, returning] as const
        })
      )
      yield* Fiber.join(flushing)
      yield* Fiber.join(returning)
      assert.deepStrictEqual(yield* sql`SELECT returned::text FROM lane WHERE id = ${laneId}`, [
        { returned: "{[3,5)}" }
      ])
      assert.deepStrictEqual(yield* Campaigns.checkLedger(campaignId), [])
    })
  )
})
