/** Trying acts as people do: in the portal's role, with a living session, told in words what is refused. */
import { Deferred, Effect, Exit, Fiber, Layer, Schedule } from "effect"
import { layer as at, type Postgres, SqlClient } from "#schema/Database.ts"
import type { Refused } from "#schema/Refused.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { actor } from "./session.ts"

/** Runs effects in the portal's role with a session of this person; workspaceId null: in none. */
export const signedIn = Effect.fnUntraced(function* (personId: number, workspaceId: number | null) {
  const { asPortal } = yield* TestDatabase
  const acting = yield* Effect.orDie(actor(personId, workspaceId))
  return <A, E, R>(effect: Effect.Effect<A, E, R>) => asPortal(acting(effect))
})

/** How an effect is refused: `Conflict: this is the last admin …`. */
export const told = <A, R>(effect: Effect.Effect<A, Refused, R>) =>
  Effect.map(Effect.flip(effect), ({ message, reason }) => `${reason}: ${message}`)

let made = 0

/** Somebody with an account, in no workspace. */
export const somebody = Effect.fnUntraced(function* (superAdmin = false) {
  const sql = yield* SqlClient
  const email = `somebody${++made}@sample.example`
  const [row] = yield* sql<{ id: number }>`
    INSERT INTO person (email, name, super_admin) VALUES (${email}, ${superAdmin ? "Super" : "Somebody"}, ${superAdmin}) RETURNING id`
  return { id: row!.id, email, self: yield* signedIn(row!.id, null) }
})

/** A chain's actions, oldest first. Workspace 0: the installation's. */
export const actionsOf = (workspaceId: number) =>
  Effect.map(
    Effect.flatMap(
      SqlClient,
      (sql) => sql<{ action: string }>`SELECT action FROM audit WHERE workspace_id = ${workspaceId} ORDER BY seq`
    ),
    (rows) => rows.map(({ action }) => action)
  )

/** The newest line of a chain. */
export const newestOf = (workspaceId: number) =>
  Effect.map(
    Effect.flatMap(
      SqlClient,
      (sql) => sql`SELECT action, person_id, role, object_id, facts::jsonb AS facts FROM audit
                    WHERE workspace_id = ${workspaceId} ORDER BY seq DESC LIMIT 1`
    ),
    ([row]) => row
  )

/** Until somebody is seen waiting for a lock. */
const waitsForLock = Effect.flatMap(
  SqlClient,
  (sql) => sql<{ waits: boolean }>`
    SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_stat_activity a USING (pid)
                    WHERE NOT l.granted AND a.datname = current_database()) AS waits`
).pipe(
  Effect.repeat({ until: ([row]) => row!.waits, schedule: Schedule.spaced("10 millis") }),
  Effect.timeout("5 seconds")
)

/**
 * Two acts on connections of their own, each begun with act(…): the first is done but not committed when the second comes.
 * Gives how the second is refused; dies unless it waited for the first.
 */
export const atTheSameMoment = Effect.fnUntraced(function* (
  first: (held: Effect.Effect<void>) => Effect.Effect<void, Refused, SqlClient | Postgres>,
  second: Effect.Effect<void, Refused, SqlClient | Postgres>
) {
  const { portalUrl } = yield* TestDatabase
  const connected = (name: string) =>
    Layer.build(at(portalUrl, { applicationName: `countersign test ${name}`, maxConnections: 1 }))
  const [one, two] = [yield* connected("one"), yield* connected("two")]
  const done = yield* Deferred.make<void>()
  const goOn = yield* Deferred.make<void>()
  const held = Effect.andThen(Deferred.succeed(done, undefined), Deferred.await(goOn))
  const early = yield* Effect.forkChild(Effect.provide(first(held), one))
  yield* Deferred.await(done)
  const late = yield* Effect.forkChild(Effect.exit(Effect.provide(told(second), two)))
  const waited = yield* Effect.exit(waitsForLock)
  yield* Deferred.succeed(goOn, undefined)
  yield* Fiber.join(early)
  const words = yield* yield* Fiber.join(late)
  if (!Exit.isSuccess(waited)) return yield* Effect.die("the second did not wait for the first")
  return words
})
