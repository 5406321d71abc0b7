/** The programs by themselves: `npm run send` where nothing runs, `npm start` after it, and what they say without a database. */
import { existsSync, mkdirSync } from "node:fs"
import { createServer } from "node:net"
import { join } from "node:path"
import { assert, layer } from "@effect/vitest"
import { Effect, Redacted, Schedule } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { file, folder, noTrace, running } from "./TestProgram.ts"

const numbers = "+998901234567\n+998901234568\n"
const usual = ["--sender", "CorpIT", "--text", "Hello", "--yes"]

layer(TestDatabase.layer, { excludeTestServices: true })("npm run send alone, and npm start after it", (it) => {
  const here = Effect.gen(function* () {
    const { ownerUrl } = yield* TestDatabase
    return { cwd: yield* folder, env: { DATABASE_URL: Redacted.value(ownerUrl) } }
  })
  const ended = (...args: Parameters<typeof running>) =>
    Effect.flatMap(running(...args), (program) => Effect.promise(() => program.ended))

  it.effect("brings everything with it, also where the usual ports are taken or a dead process left its note", () =>
    Effect.gen(function* () {
      const { cwd, env } = yield* here
      for (const port of [2775, 2780]) {
        const other = createServer()
        other.on("error", () => {})
        yield* Effect.addFinalizer(() => Effect.sync(() => other.close()))
        other.listen(port, "127.0.0.1")
      }
      mkdirSync(join(cwd, "data"))
      file(
        cwd,
        "data/running.json",
        JSON.stringify({
          ...{ pid: process.pid, began: "1", by: "start", since: new Date(0).toISOString() },
          ...{
            ownerUrl: "postgres://nobody@127.0.0.1:1/x",
            portalUrl: "postgres://nobody@127.0.0.1:1/x",
            smppPort: 1,
            control: "http://127.0.0.1:1"
          }
        })
      )
      const { code, said } = yield* ended("send.ts", [...usual, "--numbers", file(cwd, "a.txt", numbers)], cwd, env)
      assert.strictEqual(code, 0, said)
      assert.isFalse(existsSync(join(cwd, "data/running.json")))
    })
  )

  it.effect("stops on Ctrl-C in the middle of a campaign, which the next start finishes with nothing unknown", () =>
    Effect.gen(function* () {
      const { cwd, env } = yield* here
      const sql = yield* SqlClient
      const many = Array.from({ length: 50_000 }, (_, i) => `+99890${1_000_000 + i}`).join("\n")
      const args = [...usual, "--numbers", file(cwd, "many.txt", many)]
      const send = yield* running("send.ts", args, cwd, env)
      yield* Effect.promise(() => send.says(/Signed by/))
      const accepted = Effect.map(
        sql<{ id: number; accepted: number; unknown: number; state: string; unclaimed: number; moving: number }>`
          SELECT campaign_id AS id, accepted, unknown, state, unclaimed, moving FROM campaign_progress ORDER BY campaign_id DESC LIMIT 1`,
        ([row]) => row!
      )
      yield* Effect.repeat(accepted, { until: (row) => row.accepted > 1_000, schedule: Schedule.spaced("20 millis") })
      send.child.kill("SIGINT")
      // npm sends its own after the terminal's
      send.child.kill("SIGINT")
      const { code, said } = yield* Effect.promise(() => send.ended)
      assert.strictEqual(code, 130, said)
      assert.match(said, /goes on where it was[\s\S]*The engine has drained[\s\S]*The simulator has closed/)
      const stopped = yield* accepted
      assert.deepInclude(stopped, { state: "sending", unknown: 0 })
      assert.isAbove(stopped.unclaimed, 0)

      const start = yield* running("start.ts", ["--no-history"], cwd, env)
      yield* Effect.promise(() => start.says(new RegExp(`campaign ${stopped.id} .*is done`)))
      // the receipts that the simulator owed when it was stopped come too
      yield* Effect.repeat(accepted, { until: (row) => row.moving === 0, schedule: Schedule.spaced("50 millis") })
      start.child.kill("SIGTERM")
      const end = yield* Effect.promise(() => start.ended)
      assert.strictEqual(end.code, 0, end.said)
      const wrong = yield* sql`SELECT * FROM check_ledger(${stopped.id})`
      assert.deepStrictEqual(wrong, [])
      assert.deepInclude(yield* accepted, { state: "done", unknown: 0, accepted: 50_000, unclaimed: 0 })
    })
  )

  for (const program of ["start.ts", "../../engine/main.ts", "../../schema/commands/migrate.ts"]) {
    it.effect(`says of ${program} what is wrong with DATABASE_URL`, () =>
      Effect.gen(function* () {
        const { cwd } = yield* here
        const nonsense = yield* ended(program, [], cwd, { DATABASE_URL: "nonsense" })
        assert.strictEqual(nonsense.code, 1)
        assert.match(nonsense.said, /DATABASE_URL is no URL; it should look like postgres:\/\/user:password@host/)
        assert.notMatch(nonsense.said, /fault of ours|ConfigError|SourceError/)
        noTrace(nonsense.said)
        if (program === "start.ts") return
        const without = yield* ended(program, [], cwd, { DATABASE_URL: undefined })
        assert.strictEqual(without.code, 1)
        assert.match(without.said, /No database is given: set DATABASE_URL/)
        noTrace(without.said)
      })
    )
  }

  it.effect("says that Postgres can't be reached, without its password", () =>
    Effect.gen(function* () {
      const { cwd } = yield* here
      const env = { DATABASE_URL: "postgres://somebody:secret@127.0.0.1:1/x" }
      const { code, said } = yield* ended("start.ts", ["--no-history"], cwd, env)
      assert.strictEqual(code, 1)
      assert.match(said, /Postgres can't be reached: .*ECONNREFUSED[\s\S]*DATABASE_URL/)
      assert.notInclude(said, "secret")
      noTrace(said)
    })
  )
})
