/** The races in their short form; `npm run proof:races` runs a thousand rounds of each. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { type AsPortal, races, runRace } from "./races.ts"

const ROUNDS = 30

layer(TestDatabase.layer, { excludeTestServices: true })("two who press at once", (it) => {
  for (const name of Object.keys(races)) {
    it.effect(`come one after the other, never both and never in a deadlock: ${name}`, () =>
      Effect.gen(function* () {
        const { asPortal } = yield* TestDatabase
        const orders = yield* runRace(name, ROUNDS, asPortal as AsPortal)
        assert.strictEqual(
          Object.values(orders).reduce((a, b) => a + b, 0),
          ROUNDS
        )
      })
    )
  }
})
