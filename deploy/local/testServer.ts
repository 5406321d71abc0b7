/**
 * What vitest starts before the tests that need Postgres, once a run: a server (DATABASE_URL, or a throw-away one) and
 * on it the template, a migrated and empty database of which every test file gets a copy (schema/TestDatabase.ts).
 */

import { Clock, Config, Effect, Exit, Option, Random, Redacted, Scope } from "effect"
import type { TestProject } from "vitest/node"
import { DatabaseUrl, layer, SqlClient, urlFor } from "#schema/Database.ts"
import { migrate } from "#schema/Migrations.ts"
import { databasesBegin, dropDatabase, type TestServer } from "#schema/TestDatabase.ts"
import { startThrowAway } from "./throwAwayPostgres.ts"

const setup = async (project: TestProject) => {
  const scope = Scope.makeUnsafe()
  const end = () => Effect.runPromise(Scope.close(scope, Exit.void))
  try {
    project.provide("testServer", await Effect.runPromise(Scope.provide(prepare, scope)))
  } catch (cause) {
    await end()
    throw cause
  }
  return end
}

export default setup

const prepare = Effect.gen(function* () {
  const given = yield* Config.option(DatabaseUrl)
  const ownerUrl = Option.isSome(given) ? given.value : (yield* startThrowAway()).url
  return yield* makeTemplate(ownerUrl).pipe(
    Effect.provide(layer(ownerUrl, { applicationName: "countersign test", maxConnections: 2 }))
  )
})

const makeTemplate = Effect.fnUntraced(function* (ownerUrl: Redacted.Redacted<string>) {
  const sql = yield* SqlClient
  const seconds = Math.floor((yield* Clock.currentTimeMillis) / 1000)
  const run = `${databasesBegin}${seconds}_${(yield* Random.nextIntBetween(0, 2 ** 31)).toString(36)}`
  const template = `${run}_template`
  yield* dropOlderThan(seconds - 6 * 3600)
  yield* Effect.acquireRelease(
    sql.unsafe(`CREATE DATABASE ${template} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'`),
    () => Effect.orDie(Effect.provide(dropDatabase(template), layer(ownerUrl, { applicationName: "countersign test" })))
  )
  yield* migrate(urlFor(ownerUrl, { database: template }))
  return { ownerUrl: Redacted.value(ownerUrl), run, template } satisfies TestServer
})

/** What a killed run left on a server that isn't thrown away. */
const dropOlderThan = Effect.fnUntraced(function* (seconds: number) {
  const sql = yield* SqlClient
  const left = yield* sql<{ name: string }>`
    SELECT datname AS name FROM pg_database
    WHERE datname ~ ${`^${databasesBegin}[0-9]+_`} AND split_part(datname, '_', 3)::bigint < ${seconds}`
  yield* Effect.forEach(left, ({ name }) => dropDatabase(name), { discard: true })
})
