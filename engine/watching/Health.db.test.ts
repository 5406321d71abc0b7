/** What health says of a real engine when it is kept from its work. Only the clock of the report is ours. */
import { assert, layer } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { scopedSmsc } from "#bench/smsc/Smsc.ts"
import { monotonicClock } from "#engine/dispatch/MonotonicClock.ts"
import { engine } from "#engine/Engine.ts"
import { eventually, isOver, makeCampaign, makeChannel } from "#engine/TestCampaigns.ts"
import { TestEngine } from "#engine/TestEngine.ts"
import { SqlClient } from "#schema/Database.ts"
import { Health, STATEMENT_MS, UNBOUND_MS } from "./Health.ts"
import { Watched, Watching } from "./Watched.ts"

/** An engine, and what its report would say so many ms from now, if all stays as it is and the database goes on answering. */
const watched = () => {
  const watching = new Watching()
  const health = new Health(watching)
  const problemsIn = (ms: number) =>
    Effect.sync(() => {
      const now = monotonicClock.now()
      health.look(now)
      return health
        .report(now + ms)
        .problems.filter(({ where }) => where !== "database")
        .map(({ problem, where }) => `${where}: ${problem}`)
    })
  const ready = Effect.sync(() => {
    const now = monotonicClock.now()
    health.look(now)
    return health.report(now).ready
  })
  return { problemsIn, ready, life: Effect.provideService(engine, Watched, watching) }
}

layer(TestEngine.layer, { excludeTestServices: true })("the health of an engine", (it) => {
  it.effect(
    "bears with an operator that refuses every bind for a while, then names the channel, until it is bound",
    () =>
      Effect.gen(function* () {
        const { house, startLife } = yield* TestEngine
        const { life, problemsIn, ready } = watched()
        const smsc = yield* scopedSmsc({ port: 0, bindStatus: "ESME_RBINDFAIL" })
        yield* makeChannel(house, smsc.port, { name: "Refusing" })
        yield* startLife(life)
        yield* eventually("ready while it tries", ready)
        assert.deepStrictEqual(yield* problemsIn(UNBOUND_MS - 5_000), [])
        // it is driven a moment after the engine is ready
        yield* eventually(
          "it is named",
          Effect.map(problemsIn(UNBOUND_MS + 1), ([problem]) =>
            /^Refusing: no bind both sends and hears, for 6\d s$/.test(problem ?? "")
          )
        )
        smsc.control({ bindStatus: "ESME_ROK" })
        yield* eventually(
          "it is bound",
          Effect.map(problemsIn(UNBOUND_MS + 1), (problems) => problems.length === 0)
        )
      })
  )

  it.effect("names a flush that waits for a lock in the database, until it is through", () =>
    Effect.gen(function* () {
      const { house, startLife } = yield* TestEngine
      const sql = yield* SqlClient
      const { life, problemsIn } = watched()
      const smsc = yield* scopedSmsc({ port: 0 })
      const channel = yield* makeChannel(house, smsc.port, { name: "Blocked" })
      yield* startLife(life)
      yield* eventually(
        "bound",
        Effect.map(problemsIn(UNBOUND_MS + 1), (problems) => problems.length === 0)
      )
      const campaign = yield* makeCampaign(house, { channels: [channel], numbers: 50 })
      const blocked = eventually(
        "the flush is named",
        Effect.map(problemsIn(STATEMENT_MS + 1), (problems) =>
          problems.some((problem) => /^Blocked: a flush has been under way for \d\d s$/.test(problem))
        )
      )
      const lock = sql.withTransaction(Effect.andThen(sql`LOCK TABLE attempt IN EXCLUSIVE MODE`, blocked))
      yield* Fiber.join(yield* Effect.forkChild(lock))
      yield* eventually("all is through", isOver(campaign.campaignId))
      assert.deepStrictEqual(yield* problemsIn(STATEMENT_MS + 1), [])
    })
  )
})
