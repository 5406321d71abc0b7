/**
 * Postgres for a benchmark: DATABASE_URL, or a server of our own that is thrown away but is as durable as one that is kept.
 * Each run gets a database of its own, copied from a migrated template, so that no run finds the leavings of another.
 */
import { Config, Effect, Option, Redacted } from "effect"
import { dispatchSettings } from "#deploy/local/embedded/settings.ts"
import { startThrowAway } from "#deploy/local/throwAwayPostgres.ts"
import * as Database from "#schema/Database.ts"
import { engineUrl } from "#schema/LoginRole.ts"
import { migrate } from "#schema/Migrations.ts"
import { BenchError } from "./Child.ts"

export interface Server {
  /** The owner's, to a database to make others from. */
  readonly url: Redacted.Redacted<string>
  readonly template: string
  /** Of the postmaster, where the server is ours. */
  readonly pid: number | undefined
  /** For the record: version and what durability it runs with. */
  readonly description: string
}

/** What a throw-away server leaves out, and a measured one must not. */
const durable = { fsync: "on", synchronous_commit: "on", full_page_writes: "on", autovacuum: "on" }

const templateBegins = "countersign_bench_"

export const server = Effect.gen(function* () {
  const given = yield* Config.option(Database.DatabaseUrl)
  const { pid, url } = Option.isSome(given)
    ? { pid: undefined, url: given.value }
    : yield* startThrowAway({ ...dispatchSettings, ...durable })
  return yield* Effect.gen(function* () {
    const sql = yield* Database.SqlClient
    const template = `${templateBegins}${process.pid}_template`
    yield* Effect.acquireRelease(
      sql.unsafe(`CREATE DATABASE ${template} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'`),
      () => dropDatabase(url, template)
    )
    yield* migrate(Database.urlFor(url, { database: template }))
    return { url, template, pid, description: yield* describe } satisfies Server
  }).pipe(Effect.provide(Database.layer(url, { applicationName: "countersign bench", maxConnections: 1 })))
})

const describe = Effect.gen(function* () {
  const sql = yield* Database.SqlClient
  const [s] = yield* sql<{ version: string; fsync: string; synchronous_commit: string }>`
    SELECT current_setting('server_version') AS version, current_setting('fsync') AS fsync,
           current_setting('synchronous_commit') AS synchronous_commit`
  if (s!.synchronous_commit === "off" || s!.fsync === "off")
    return yield* new BenchError({
      message: "this server forgets commits when the power goes; set synchronous_commit and fsync to on"
    })
  return `Postgres ${s!.version}, synchronous_commit ${s!.synchronous_commit}, fsync ${s!.fsync}`
})

let made = 0

/** A migrated and empty database for the scope's length: the owner's URL to it, and the engine's. */
export const freshDatabase = Effect.fn("bench.freshDatabase")(function* (on: Server) {
  const name = `${templateBegins}${process.pid}_${++made}`
  yield* Effect.acquireRelease(statement(on.url, `CREATE DATABASE ${name} TEMPLATE ${on.template}`), () =>
    dropDatabase(on.url, name)
  )
  const owner = Database.urlFor(on.url, { database: name })
  const engine = Database.urlFor(yield* engineUrl(on.url), { database: name })
  return { owner, engine: Redacted.value(engine) }
})

const dropDatabase = (url: Redacted.Redacted<string>, name: string) =>
  Effect.orDie(statement(url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`))

const statement = (url: Redacted.Redacted<string>, text: string) =>
  Effect.flatMap(Database.SqlClient, (sql) => Effect.asVoid(sql.unsafe(text).unprepared)).pipe(
    Effect.provide(Database.layer(url, { applicationName: "countersign bench", maxConnections: 1 }))
  )
