import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { Effect, type Redacted } from "effect"
import { layer, SqlClient } from "./Database.ts"
import { engineUrl } from "./LoginRole.ts"
import { migrate } from "./Migrations.ts"
import { emptyDatabase } from "./TestDatabase.ts"

type Files = Record<string, string>

/** A folder like ours with these files; each `write` replaces all of it. */
const folder = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "countersign-schema-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true }))
  ),
  (path) => ({
    url: pathToFileURL(`${path}/`),
    write: (migrations: Files, rules: Files = {}) => {
      for (const [room, files] of Object.entries({ migrations, rules })) {
        rmSync(join(path, room), { recursive: true, force: true })
        mkdirSync(join(path, room))
        for (const [name, text] of Object.entries(files)) writeFileSync(join(path, room, name), text)
      }
    }
  })
)

const ask = (url: Redacted.Redacted<string>, statement: string) =>
  Effect.flatMap(SqlClient, (sql) => sql.unsafe<Record<string, unknown>>(statement)).pipe(
    Effect.provide(layer(url, { applicationName: "test", maxConnections: 1 }))
  )

const first = "CREATE TABLE thing (id int);\nINSERT INTO thing VALUES (1);\n"
const rule = (n: number) =>
  `CREATE OR REPLACE FUNCTION answer() RETURNS int LANGUAGE plpgsql AS $$ BEGIN; RETURN ${n}; END $$;`.replace(
    "BEGIN;",
    "BEGIN"
  )

describe("migrate", () => {
  const fresh = Effect.all([emptyDatabase, folder])

  it.live("applies what is new in order, once, and the rules after it", () =>
    Effect.gen(function* () {
      const [url, files] = yield* fresh
      files.write({ "0001_first.sql": first }, { "answer.sql": rule(1) })
      assert.deepStrictEqual(yield* migrate(url, files.url), { migrations: ["0001_first.sql"], rules: true })
      assert.deepStrictEqual(yield* migrate(url, files.url), { migrations: [], rules: false })
      files.write(
        {
          "0001_first.sql": first,
          "0003_third.sql": "UPDATE thing SET id = id + 1",
          "0002_second.sql": "UPDATE thing SET id = id * 5"
        },
        { "answer.sql": rule(1) }
      )
      const again = { migrations: ["0002_second.sql", "0003_third.sql"], rules: true }
      assert.deepStrictEqual(yield* migrate(url, files.url), again, "a migration may have dropped what a rule made")
      assert.deepStrictEqual(yield* ask(url, "SELECT id, answer() FROM thing"), [{ id: 6, answer: 1 }])
    })
  )

  it.live("applies all rules again when one of them changed", () =>
    Effect.gen(function* () {
      const [url, files] = yield* fresh
      const view = "DROP VIEW IF EXISTS shown; CREATE VIEW shown AS SELECT answer() AS it"
      files.write({ "0001_first.sql": first }, { "a.sql": rule(1), "b.sql": view })
      yield* migrate(url, files.url)
      files.write({ "0001_first.sql": first }, { "a.sql": rule(2), "b.sql": view })
      assert.deepStrictEqual(yield* migrate(url, files.url), { migrations: [], rules: true })
      assert.deepStrictEqual(yield* ask(url, "SELECT it FROM shown"), [{ it: 2 }])
    })
  )

  it.live("takes line ends of Windows for the same text", () =>
    Effect.gen(function* () {
      const [url, files] = yield* fresh
      files.write({ "0001_first.sql": first })
      yield* migrate(url, files.url)
      files.write({ "0001_first.sql": first.replaceAll("\n", "\r\n") })
      assert.deepStrictEqual(yield* migrate(url, files.url), { migrations: [], rules: false })
    })
  )

  it.live("refuses an edited migration, a late one and one of a newer version, and changes nothing", () =>
    Effect.gen(function* () {
      const [url, files] = yield* fresh
      files.write({ "0001_first.sql": first, "0005_fifth.sql": "SELECT 1" })
      yield* migrate(url, files.url)
      const refusal = (migrations: Files) =>
        Effect.suspend(() => {
          files.write(migrations, { "a.sql": rule(1) })
          return Effect.map(Effect.flip(migrate(url, files.url)), (error) => error.message)
        })
      assert.strictEqual(
        yield* refusal({ "0001_first.sql": `${first} `, "0005_fifth.sql": "SELECT 1", "0006_new.sql": "SELECT 1" }),
        "0001_first.sql: edited after it was applied; restore it and put the change in a new migration"
      )
      assert.strictEqual(
        yield* refusal({ "0001_first.sql": first, "0004_late.sql": "SELECT 1", "0005_fifth.sql": "SELECT 1" }),
        "0004_late.sql: comes after 0005_fifth.sql was applied; give it a number above 5"
      )
      assert.strictEqual(
        yield* refusal({ "0001_first.sql": first }),
        "0005_fifth.sql: this database has it, this version doesn't know it: start the newer version"
      )
      assert.deepStrictEqual(yield* ask(url, "SELECT count(*)::int AS n FROM schema_rule"), [{ n: 0 }])
    })
  )

  it.live("refuses a name out of order and a number given twice", () =>
    Effect.gen(function* () {
      const [url, files] = yield* fresh
      for (const names of [["1_short.sql"], ["0001_Upper.sql"], ["0001_a.sql", "0001_b.sql"]]) {
        files.write(Object.fromEntries(names.map((name) => [name, "SELECT 1"])))
        const error = yield* Effect.flip(migrate(url, files.url))
        assert.strictEqual(error._tag, "SchemaFileError")
      }
    })
  )

  it.live("takes back a migration that fails half-way, and says where it failed", () =>
    Effect.gen(function* () {
      const [url, files] = yield* fresh
      files.write({ "0001_first.sql": `${first}\n\nSELECT\n  nothing;\n` })
      const error = yield* Effect.flip(migrate(url, files.url))
      assert.strictEqual(error.message, '0001_first.sql line 6: column "nothing" does not exist (SQLSTATE 42703)')
      assert.deepStrictEqual(yield* ask(url, "SELECT to_regclass('thing') AS it"), [{ it: null }])
      files.write({ "0001_first.sql": first })
      assert.deepStrictEqual((yield* migrate(url, files.url)).migrations, ["0001_first.sql"])
    })
  )

  it.live("lets several starters run at once: each migration is applied by one of them", () =>
    Effect.gen(function* () {
      const [url, files] = yield* fresh
      const many = Array.from({ length: 8 }, (_, i) => [`000${i + 1}_step.sql`, `CREATE TABLE t${i} (id int)`])
      files.write(Object.fromEntries(many), { "a.sql": rule(1) })
      const done = yield* Effect.forEach([1, 2, 3, 4], () => migrate(url, files.url), { concurrency: "unbounded" })
      assert.deepStrictEqual(
        done.flatMap(({ migrations }) => migrations).sort(),
        many.map(([name]) => name)
      )
      assert.strictEqual(done.filter(({ rules }) => rules).length, 1)
    })
  )

  it.live("brings ours to an empty database, and the engine's role logs in", () =>
    Effect.gen(function* () {
      const url = yield* emptyDatabase
      assert.isTrue((yield* migrate(url)).rules)
      assert.deepStrictEqual(yield* migrate(url), { migrations: [], rules: false })
      assert.deepStrictEqual(yield* ask(yield* engineUrl(url), "SELECT current_user AS me"), [
        { me: "countersign_engine" }
      ])
    })
  )
})
