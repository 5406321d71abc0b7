/** People of the installation, by super admins who act in no workspace (rules/people.sql, sessions.sql). */
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { refused } from "#schema/Refused.ts"
import type { Role } from "./Members.ts"

export interface Person {
  readonly id: number
  readonly email: string
  readonly name: string
  readonly super_admin: boolean
  readonly disabled_at: Date | null
  readonly created_at: Date
}

/** Everybody, in Master; else oneself, whom one works or worked with, and the super admins. By name. */
export const people = Effect.fn("People.people")(function* () {
  const sql = yield* SqlClient
  return yield* sql<Person>`SELECT id, email, name, super_admin, disabled_at, created_at FROM person ORDER BY name, id`
}, Effect.mapError(refused))

export interface Place {
  readonly id: number
  readonly workspace: string
  readonly role: Role
  readonly moderator: boolean
}

/** Where somebody is a member, by name: of all workspaces in Master. */
export const placesOf = Effect.fn("People.placesOf")(function* (personId: number) {
  const sql = yield* SqlClient
  return yield* sql<Place>`
    SELECT w.id, w.name AS workspace, m.role, m.moderator FROM membership m JOIN workspace w ON w.id = m.workspace_id
     WHERE m.person_id = ${personId} AND m.left_at IS NULL ORDER BY w.name, w.id`
}, Effect.mapError(refused))

export interface Me {
  readonly id: number
  readonly name: string
  readonly email: string
  readonly super_admin: boolean
  /** ISO 639-1 */
  readonly language: string
}

/** Without a password, for which they ask for a link by mail. Gives the id. */
export const create = Effect.fn("People.create")(function* (email: string, name: string) {
  const sql = yield* SqlClient
  const [row] = yield* sql<{ id: number }>`SELECT create_person(${email}, ${name}) AS id`
  return row!.id
}, Effect.mapError(refused))

/** Their sessions end now. The reason is kept in the audit. */
export const disable = Effect.fn("People.disable")(function* (personId: number, reason: string) {
  const sql = yield* SqlClient
  yield* sql`SELECT disable_person(${personId}, ${reason})`
}, Effect.mapError(refused))

export const enable = Effect.fn("People.enable")(function* (personId: number) {
  const sql = yield* SqlClient
  yield* sql`SELECT enable_person(${personId})`
}, Effect.mapError(refused))

/** `Forbidden` for oneself. */
export const makeSuperAdmin = Effect.fn("People.makeSuperAdmin")(function* (personId: number) {
  const sql = yield* SqlClient
  yield* sql`SELECT make_super_admin(${personId})`
}, Effect.mapError(refused))

/** `Forbidden` for oneself, so that one is always left. */
export const unmakeSuperAdmin = Effect.fn("People.unmakeSuperAdmin")(function* (personId: number) {
  const sql = yield* SqlClient
  yield* sql`SELECT unmake_super_admin(${personId})`
}, Effect.mapError(refused))
