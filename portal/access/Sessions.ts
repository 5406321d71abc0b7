/**
 * Sessions as the portal has them, in its own role (rules/sessions.sql). `current` and `signOut` take the cookie's token; all others are
 * said while acting (#schema/people/Acting.ts), in no workspace.
 */
import { Effect, type Redacted } from "effect"
import { SqlClient } from "#schema/Database.ts"
import type { Request } from "#schema/people/Acting.ts"
import type { Me } from "#schema/people/People.ts"
import { tokenShown } from "#schema/people/Tokens.ts"
import { refused } from "#schema/Refused.ts"

export interface Current {
  readonly session_id: number
  readonly person_id: number
  /** It can't act before its second factor is given. */
  readonly second_factor_due: boolean
  /** For the cookie, which lives as long. */
  readonly expires_at: Date
  /** Who they are and where they may act, by name; null while the second factor is due. */
  readonly me: Me | null
  readonly workspaces: ReadonlyArray<MyWorkspace> | null
}

/** Once a request, before anything else: the living session of this token, kept alive by the asking; undefined when there is none. One look. */
export const current = Effect.fn("Sessions.current")(function* (token: Redacted.Redacted<string>) {
  const sql = yield* SqlClient
  const rows = yield* sql<Current>`
    SELECT session_id, person_id, second_factor_due, expires_at, me, workspaces FROM renew_session(${tokenShown(token)})`
  return rows[0]
}, Effect.mapError(refused))

/** Ends it, also while it waits for its second factor. */
export const signOut = Effect.fn("Sessions.signOut")(function* (
  token: Redacted.Redacted<string>,
  request: Request = {}
) {
  const sql = yield* SqlClient
  yield* sql`SELECT sign_out(${tokenShown(token)}, ${JSON.stringify(request)}::text::jsonb)`
}, Effect.mapError(refused))

export interface Session {
  readonly id: number
  readonly opened_by: "password" | "passkey" | "single_sign_on" | "command_line"
  readonly address: string
  readonly agent: string
  readonly created_at: Date
  readonly expires_at: Date
  readonly second_factor_due: boolean
  /** The one that asks. */
  readonly current: boolean
}

/** One's own living ones, the newest first. */
export const mine = Effect.flatMap(
  SqlClient,
  (sql) => sql<Session>`
    SELECT id, opened_by, address, agent, created_at, expires_at, second_factor_due, current FROM my_sessions()`
)

/** Ends one of one's own. */
export const revoke = (sessionId: number) =>
  Effect.asVoid(Effect.flatMap(SqlClient, (sql) => sql`SELECT revoke_session(${sessionId})`))

/** Ends all of one's own but this; gives how many. */
export const revokeOthers = Effect.flatMap(SqlClient, (sql) =>
  Effect.map(sql<{ ended: number }>`SELECT revoke_other_sessions() AS ended`, ([row]) => row!.ended)
)

export interface MyWorkspace {
  readonly id: number
  readonly name: string
  readonly time_zone: string
  /** super_admin: entered in this session */
  readonly role: "author" | "moderator" | "admin" | "super_admin"
  /** an author who may also decide */
  readonly flagged: boolean
  readonly require_second_factor: boolean
  /** Of its band: chosen, or one by its id. */
  readonly colour: Colour
}

/** As styles/portal.css has them. */
export const COLOURS = ["blue", "teal", "green", "olive", "brown", "rose", "violet", "slate"] as const
export type Colour = (typeof COLOURS)[number]

/** A super admin acts there for the rest of the session. */
export const enter = (workspaceId: number) =>
  Effect.asVoid(Effect.flatMap(SqlClient, (sql) => sql`SELECT enter_workspace(${workspaceId})`))
