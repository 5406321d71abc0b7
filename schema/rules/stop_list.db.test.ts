/** The filter beside the stop list never knows too little, however entries come and go. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { sampleWorkspace } from "#schema/testing/sampleCampaign.ts"

layer(TestDatabase.layer, { excludeTestServices: true })("the stop list", (it) => {
  /** What the door is told, and what the list says by itself. */
  const ask = Effect.fnUntraced(function* (workspaceId: number, from: number, count: number) {
    const sql = yield* SqlClient
    const numbers = `{${Array.from({ length: count }, (_, i) => from + i).join(",")}}`
    const [told] = yield* sql<{ places: Array<number> | null; causes: Array<string> | null }>`
      SELECT places, causes FROM stopped(${workspaceId}, ${numbers}::bigint[])`
    const truth = yield* sql<{ place: number; cause: string }>`
      SELECT (msisdn - ${from} + 1)::int AS place, cause FROM stop_list
       WHERE workspace_id = ${workspaceId} AND msisdn BETWEEN ${from} AND ${from + count - 1} ORDER BY msisdn`
    assert.deepStrictEqual(
      told?.places ?? [],
      truth.map(({ place }) => place)
    )
    assert.deepStrictEqual(
      told?.causes ?? [],
      truth.map(({ cause }) => cause)
    )
    return truth.length
  })

  it.effect("finds each entry whether it came alone, among many, or grew the filter", () =>
    Effect.gen(function* () {
      const { asOwner } = yield* TestDatabase
      const { workspaceId } = yield* sampleWorkspace()
      const stop = (from: number, to: number, step: number) =>
        asOwner(
          Effect.flatMap(
            SqlClient,
            (sql) => sql`
          INSERT INTO stop_list (workspace_id, msisdn, cause) SELECT ${workspaceId}, n, 'asked ' || n FROM generate_series(${from}::bigint, ${to}, ${step}) AS n
          ON CONFLICT DO NOTHING`
          )
        )
      assert.strictEqual(yield* ask(workspaceId, 1, 1_000), 0)
      for (let n = 7; n <= 700; n += 7) yield* stop(n, n, 1)
      assert.strictEqual(yield* ask(workspaceId, 1, 1_000), 100)
      yield* stop(701, 790, 1)
      // more than one statement's worth by hand, and more than the first filter's size
      for (const [from, to, step] of [
        [10_000, 13_000, 3],
        [10_000, 10_400, 1],
        [20_000, 24_000, 1]
      ] as const) {
        yield* stop(from, to, step)
        yield* ask(workspaceId, from, 4_000)
      }
      assert.strictEqual(yield* ask(workspaceId, 1, 30_000), 190 + 1_001 + 267 + 4_001)
      const other = yield* sampleWorkspace()
      assert.strictEqual(yield* ask(other.workspaceId, 1, 30_000), 0)
    })
  )

  it.effect("finds each place of a number that an audience holds twice", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { workspaceId } = yield* sampleWorkspace()
      yield* sql`INSERT INTO stop_list (workspace_id, msisdn, cause) VALUES (${workspaceId}, 5, 'asked')`
      assert.deepStrictEqual(yield* sql`SELECT places, causes FROM stopped(${workspaceId}, '{5,6,5}')`, [
        { places: [1, 3], causes: ["asked", "asked"] }
      ])
    })
  )

  it.effect("forgets what was taken off, and follows what an owner changes by hand", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { workspaceId } = yield* sampleWorkspace()
      yield* sql`INSERT INTO stop_list (workspace_id, msisdn, cause) SELECT ${workspaceId}, n, 'asked' FROM generate_series(1, 50) AS n`
      yield* sql`DELETE FROM stop_list WHERE workspace_id = ${workspaceId} AND msisdn > 40`
      yield* sql`UPDATE stop_list SET msisdn = msisdn + 5000 WHERE workspace_id = ${workspaceId} AND msisdn <= 10`
      assert.strictEqual(yield* ask(workspaceId, 1, 6_000), 40)
    })
  )

  it.effect("loses no entry of those that two connections write at once", () =>
    Effect.gen(function* () {
      const { asOwner } = yield* TestDatabase
      const { workspaceId } = yield* sampleWorkspace()
      const some = (from: number) =>
        Effect.forEach(
          Array.from({ length: 60 }, (_, i) => i),
          (i) =>
            asOwner(
              Effect.flatMap(
                SqlClient,
                (sql) => sql`
            INSERT INTO stop_list (workspace_id, msisdn, cause) SELECT ${workspaceId}, n, 'asked'
              FROM generate_series(${from + i * 1_000}::bigint, ${from + i * 1_000 + (i % 4 === 0 ? 150 : i % 4)}) AS n`
              )
            )
        )
      yield* Effect.all([some(1), some(501), some(100_001), some(100_501)], { concurrency: "unbounded" })
      assert.strictEqual(yield* ask(workspaceId, 1, 200_000), 4 * 15 * (151 + 2 + 3 + 4))
    })
  )
})
