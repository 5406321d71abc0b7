import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { ALL, Live } from "./Live.ts"

const made = Effect.flatMap(TestDatabase, ({ asPortal }) => asPortal(Live.make))

const say = Effect.fnUntraced(function* (...changes: ReadonlyArray<string>) {
  const sql = yield* SqlClient
  yield* sql`SELECT pg_notify('countersign_live', said) FROM unnest(${changes}::text[]) AS said`
})

layer(TestDatabase.layer, { excludeTestServices: true })("what is told to windows", (it) => {
  it.effect("begins with all, once it is listened for, and is of their own workspace", () =>
    Effect.gen(function* () {
      const live = yield* made
      const window = yield* live.listen(7)
      assert.deepStrictEqual(yield* window.changes, [ALL])
      yield* say("8 campaign 1", "7 campaign 2", "7 sender", "7 campaign 2")
      assert.deepStrictEqual(yield* window.changes, ["live-campaign", "live-campaign-2", "live-sender"])
    })
  )

  it.effect("folds what nobody took yet, and where it is too much into one", () =>
    Effect.gen(function* () {
      const live = yield* made
      const slow = yield* live.listen(7)
      const quick = yield* live.listen(7)
      yield* quick.changes
      yield* slow.changes
      yield* say(...Array.from({ length: 500 }, (_, i) => `7 campaign ${i}`), "7 end")
      // until they have come: who takes them one by one hears the last, who takes them together that all has changed
      const heard: Array<string> = []
      while (!heard.includes("live-end") && !heard.includes(ALL)) heard.push(...(yield* quick.changes)!)
      const told = (yield* slow.changes)!
      assert.include(told, ALL)
      assert.isAtMost(told.length, 51)
    })
  )

  it.effect("comes by one connection for all of them, and by none while nobody looks", () =>
    Effect.gen(function* () {
      const live = yield* made
      const { asPortal } = yield* TestDatabase
      // whoever connected sees what is theirs
      const listening = asPortal(
        Effect.gen(function* () {
          const sql = yield* SqlClient
          return yield* sql`SELECT FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'`
        })
      )
      yield* Effect.scoped(
        Effect.gen(function* () {
          for (const workspace of [7, 7, 8]) yield* (yield* live.listen(workspace)).changes
          assert.lengthOf(yield* listening, 1)
        })
      )
      assert.lengthOf(yield* listening, 0)
    })
  )

  it.effect("ends for everybody when the portal does", () =>
    Effect.gen(function* () {
      const live = yield* made
      const window = yield* live.listen(7)
      yield* window.changes
      yield* live.end
      assert.isUndefined(yield* window.changes)
    })
  )
})
