/**
 * A new and migrated database for one benchmark, for as long as the scope lives: on a throw-away server as durable as a kept
 * one, or on the server of DATABASE_URL, where it is dropped at the end.
 */
import { Config, Effect, Option } from "effect"
import { startThrowAway } from "#deploy/local/throwAwayPostgres.ts"
import { DatabaseUrl, layer, SqlClient, urlFor } from "#schema/Database.ts"
import { migrate } from "#schema/Migrations.ts"

/** What a throw-away server leaves out, and a measured one must not. */
const durable = { fsync: "on", synchronous_commit: "on", full_page_writes: "on", autovacuum: "on" }

/** Gives the owner's URL. sizes: settings of the throw-away server, such as shared_buffers. */
export const ownDatabase = Effect.fn("bench.ownDatabase")(function* (
  name: string,
  sizes: Readonly<Record<string, string>>
) {
  const owner = yield* place(name, sizes)
  yield* migrate(owner)
  return owner
})

const place = Effect.fnUntraced(function* (name: string, sizes: Readonly<Record<string, string>>) {
  const given = yield* Config.option(DatabaseUrl)
  if (Option.isNone(given)) return (yield* startThrowAway({ ...durable, ...sizes })).url
  const database = `countersign_bench_${name}_${process.pid}`
  const server = layer(given.value, { applicationName: "countersign bench", maxConnections: 1 })
  const run = (statement: string) =>
    Effect.flatMap(SqlClient, (sql) => sql.unsafe(statement)).pipe(Effect.provide(server))
  yield* Effect.acquireRelease(run(`CREATE DATABASE ${database} TEMPLATE template0 ENCODING 'UTF8'`), () =>
    Effect.orDie(run(`DROP DATABASE ${database} WITH (FORCE)`))
  )
  return urlFor(given.value, { database })
})
