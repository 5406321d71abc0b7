import { assert, layer } from "@effect/vitest"
import { Effect, Fiber, Latch, Queue, Redacted, Stream } from "effect"
import {
  layer as at,
  Postgres,
  SqlClient,
  type SqlError,
  sqlMessage,
  sqlState,
  transaction,
  urlFor,
  wakeups
} from "./Database.ts"
import { TestDatabase } from "./TestDatabase.ts"

layer(TestDatabase.layer, { excludeTestServices: true })("the database layer", (it) => {
  const refusal = (statement: string) => Effect.flatMap(SqlClient, (sql) => sql.unsafe(statement)).pipe(Effect.flip)

  it.effect("tells our own refusals by their SQLSTATE and sentence", () =>
    Effect.gen(function* () {
      const error = yield* refusal("DO $$ BEGIN RAISE 'not approved' USING ERRCODE = 'CS001'; END $$")
      assert.strictEqual(sqlState(error), "CS001")
      assert.strictEqual(sqlMessage(error), "not approved")
    })
  )

  it.effect("tells a constraint of the server by its SQLSTATE", () =>
    Effect.gen(function* () {
      assert.strictEqual(sqlState(yield* refusal("SELECT 1/0")), "22012")
      assert.strictEqual(sqlState(yield* refusal("SELECT * FROM nowhere")), "42P01")
    })
  )

  it.effect("has no SQLSTATE for a server that isn't there", () =>
    Effect.gen(function* () {
      const nobody = at(Redacted.make("postgres://u:p@127.0.0.1:1/d"), { applicationName: "test" })
      const error: SqlError = yield* refusal("SELECT 1").pipe(Effect.provide(nobody))
      assert.strictEqual(sqlState(error), undefined)
      assert.strictEqual(error.reason._tag, "ConnectionError")
      assert.match(sqlMessage(error), /ECONNREFUSED/)
    })
  )

  it.effect(
    "gives the error of the statement when the connection dies in a transaction, so that it can be caught",
    () =>
      Effect.gen(function* () {
        const killed = transaction(
          Effect.flatMap(SqlClient, (sql) => sql`SELECT pg_terminate_backend(pg_backend_pid())`)
        )
        const answer = yield* Effect.catch(killed, (error) => Effect.succeed(sqlState(error)))
        // the server's parting word, or, where that was too late, that nobody spoke
        assert.include(["57P01", undefined], answer)
        assert.deepStrictEqual(yield* Effect.flatMap(SqlClient, (sql) => sql`SELECT 1 AS one`), [{ one: 1 }])
      })
  )

  it.effect("logs the roles in as themselves, without power over row-level security", () =>
    Effect.gen(function* () {
      const { asEngine, asPortal } = yield* TestDatabase
      const who = Effect.flatMap(
        SqlClient,
        (sql) => sql<{ name: string; mighty: boolean }>`
        SELECT current_user AS name, rolsuper OR rolbypassrls AS mighty FROM pg_roles WHERE rolname = current_user`
      )
      assert.deepStrictEqual(yield* asEngine(who), [{ name: "countersign_engine", mighty: false }])
      assert.deepStrictEqual(yield* asPortal(who), [{ name: "countersign_portal", mighty: false }])
    })
  )

  it.effect("does not let a role in with a wrong password", () =>
    Effect.gen(function* () {
      const { engineUrl } = yield* TestDatabase
      const wrong = at(urlFor(engineUrl, { password: "wrong" }), { applicationName: "test" })
      assert.strictEqual(sqlState(yield* refusal("SELECT 1").pipe(Effect.provide(wrong))), "28P01")
    })
  )

  it.effect("wakes on NOTIFY, and again after the listener's backend was ended", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const postgres = yield* Postgres
      const hints = yield* Queue.unbounded<void>()
      yield* Effect.forkScoped(Stream.runForEach(wakeups("hint", "1 hour"), (hint) => Queue.offer(hints, hint)))
      yield* Queue.take(hints) // the first tick, or the listener's own: it may take both
      const wake = Effect.andThen(postgres.notify("hint", ""), Queue.take(hints))
      yield* wake
      const [ended] = yield* sql<{ n: number }>`SELECT count(pg_terminate_backend(pid))::int AS n FROM pg_stat_activity
        WHERE datname = current_database() AND query ILIKE 'LISTEN%'`
      assert.strictEqual(ended!.n, 1)
      yield* Queue.clear(hints)
      yield* Queue.take(hints) // it listens again, and says so
      yield* wake
    })
  )

  it.effect("folds hints that nobody took into one", () =>
    Effect.gen(function* () {
      const postgres = yield* Postgres
      const gate = yield* Latch.make()
      const seen = yield* Queue.unbounded<void>()
      const consumer = Stream.runForEach(wakeups("many", "1 hour"), (hint) =>
        Effect.andThen(Queue.offer(seen, hint), gate.await)
      )
      const fiber = yield* Effect.forkScoped(consumer)
      yield* Queue.take(seen)
      for (let i = 0; i < 100; i++) yield* postgres.notify("many", `${i}`)
      yield* gate.open
      yield* Queue.take(seen)
      yield* postgres.notify("many", "last")
      yield* Queue.take(seen)
      assert.isBelow(yield* Queue.size(seen), 5)
      yield* Fiber.interrupt(fiber)
    })
  )
})
