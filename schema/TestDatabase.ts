/**
 * A database of its own for each test file: a copy (0.1 s) of the template that the run made, migrated and empty,
 * dropped afterwards. Four identities: the owner, and the roles that engine, portal and access log in with, since what a role
 * may not do is half of what we test.
 *
 *     layer(TestDatabase.layer, { excludeTestServices: true })("the door", (it) => {
 *       it.effect("refuses …", () => Effect.gen(function* () {
 *         const { asEngine } = yield* TestDatabase
 *         yield* sql`…`                       // the owner, by the SqlClient that comes with the layer
 *         yield* asEngine(claim(…))           // the engine's role
 *       }))
 *     })
 */
import { Context, Effect, Layer, Redacted, Schedule } from "effect"
import { inject } from "vitest"
import { layer, type Postgres, SqlClient, type SqlError, sqlState, urlFor } from "./Database.ts"
import { accessUrl, engineUrl, portalUrl } from "./LoginRole.ts"

/** Given by the run's setup (deploy/local/testServer.ts) to each file. */
export interface TestServer {
  readonly ownerUrl: string
  /** What the names of this run's databases begin with. */
  readonly run: string
  readonly template: string
}

declare module "vitest" {
  interface ProvidedContext {
    testServer: TestServer
  }
}

/** What the names of all test databases begin with; then comes the second of the run's start. */
export const databasesBegin = "countersign_test_"

/** Runs an effect as one of the roles, each with a pool of its own. */
export type As = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, Exclude<R, SqlClient | Postgres>>

/** @effect-expect-leaking Exclude<R, PgClient | SqlClient> */
export class TestDatabase extends Context.Service<
  TestDatabase,
  {
    readonly name: string
    readonly ownerUrl: Redacted.Redacted<string>
    readonly engineUrl: Redacted.Redacted<string>
    readonly portalUrl: Redacted.Redacted<string>
    readonly accessUrl: Redacted.Redacted<string>
    readonly asOwner: As
    readonly asEngine: As
    readonly asPortal: As
    readonly asAccess: As
  }
>()("schema/TestDatabase") {
  /** One database; with it the owner's `SqlClient`. */
  static readonly layer = Layer.effectContext(
    Effect.gen(function* () {
      const server = inject("testServer")
      const onServer = Redacted.make(server.ownerUrl)
      const name = yield* copyOf(server.template)
      const at = (url: Redacted.Redacted<string>) => urlFor(url, { database: name })
      const urls = {
        ownerUrl: at(onServer),
        engineUrl: at(yield* engineUrl(onServer)),
        portalUrl: at(yield* portalUrl(onServer)),
        accessUrl: at(yield* accessUrl(onServer))
      }
      const owner = yield* Layer.build(layer(urls.ownerUrl, { applicationName: "countersign test owner" }))
      const engine = yield* Layer.build(layer(urls.engineUrl, { applicationName: "countersign test engine" }))
      const portal = yield* Layer.build(layer(urls.portalUrl, { applicationName: "countersign test portal" }))
      const access = yield* Layer.build(layer(urls.accessUrl, { applicationName: "countersign test access" }))
      const service = TestDatabase.of({
        name,
        ...urls,
        asOwner: Effect.provide(owner),
        asEngine: Effect.provide(engine),
        asPortal: Effect.provide(portal),
        asAccess: Effect.provide(access)
      })
      return Context.add(owner, TestDatabase, service)
    })
  )
}

/** The owner's URL of a database with nothing in it, for as long as the scope lives: for tests of the migrations. */
export const emptyDatabase = Effect.suspend(() =>
  Effect.map(copyOf("template0"), (database) => urlFor(Redacted.make(inject("testServer").ownerUrl), { database }))
)

let made = 0

const copyOf = (template: string) => {
  const { ownerUrl, run } = inject("testServer")
  const name = `${run}_${process.pid}_${++made}`
  const onServer = layer(Redacted.make(ownerUrl), { applicationName: "countersign test", maxConnections: 1 })
  const create = Effect.flatMap(SqlClient, (sql) => sql.unsafe(`CREATE DATABASE ${name} TEMPLATE ${template}`)).pipe(
    // 55006: somebody is still leaving the template.
    Effect.retry({ times: 50, schedule: Schedule.spaced("20 millis"), while: (error) => sqlState(error) === "55006" })
  )
  return Effect.acquireRelease(Effect.as(Effect.provide(create, onServer), name), () =>
    Effect.orDie(Effect.provide(dropDatabase(name), onServer))
  )
}

/** Whoever is still connected is cut off. */
export const dropDatabase = (name: string): Effect.Effect<void, SqlError, SqlClient> =>
  Effect.flatMap(SqlClient, (sql) => Effect.asVoid(sql.unsafe(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)))
