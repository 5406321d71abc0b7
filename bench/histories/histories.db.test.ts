/** Histories in their short form; `npm run proof:histories` lives ten thousand of them. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { prepare } from "./database.ts"
import { type Counts, liveThrough, search } from "./histories.ts"
import { onceBroken } from "./onceBroken.ts"

/** Those of the proof's seed 1, so that what fails here fails there. */
const SEED = 1
const HISTORIES = 80

layer(TestDatabase.layer, { excludeTestServices: true })("random histories in virtual time", (it) => {
  it.effect("send to nobody twice, forget nobody, exceed no limit, and leave ledgers that add up", () =>
    Effect.gen(function* () {
      yield* prepare
      const counts: Counts = {}
      const found = yield* search(HISTORIES, SEED, counts)
      assert.isUndefined(found, found && `${found.broken}\n${JSON.stringify(found.plan)}`)
      for (const kind of [
        "close: done",
        "expire: expired",
        "rest: paused",
        "crash",
        "settled as unknown",
        "given back"
      ])
        assert.isAbove(counts[kind] ?? 0, 0, kind)
    })
  )

  it.effect("keep their promises where they once didn't", () =>
    Effect.gen(function* () {
      yield* prepare
      for (const { plan, why } of onceBroken) assert.deepStrictEqual(yield* liveThrough(plan, {}), [], why)
    })
  )
})
