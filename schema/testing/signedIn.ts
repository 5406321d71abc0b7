/** Trying acts as people do: in the portal's role, with a living session, told in words what is refused. */
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
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
