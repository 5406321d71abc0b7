/**
 * Members of the workspace acted in: their roles, the moderator flag, who goes. Every rule is in the database
 * (rules/members.sql, approvers.sql); here are the calls, made while acting.
 */
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { refused } from "#schema/Refused.ts"

export type Role = "author" | "moderator" | "admin"

export interface Listed {
  readonly id: number
  readonly name: string
  readonly email: string
  readonly role: Role
  /** An author who may also decide. */
  readonly moderator: boolean
  /** They have been in the workspace since; who came back, since the first time. */
  readonly created_at: Date
  /** Who gave the role or the flag that they have; null: whoever installed it. */
  readonly given_by: number | null
  readonly given_at: Date
  /** They sign in no more. */
  readonly disabled: boolean
  /** null, like what follows: not to be seen by who asks. */
  readonly second_factor: boolean | null
  readonly passkey: boolean | null
  /** Signed in, or went on with a session, at that moment or within two weeks of it. */
  readonly last_seen: Date | null
}

/** Who is in the workspace acted in, admins first, then by name. How they sign in is told to who manages it alone. */
export const list = Effect.fn("Members.list")(function* () {
  const sql = yield* SqlClient
  return yield* sql<Listed>`
    SELECT p.id, p.name, p.email, m.role, m.moderator, m.created_at, m.given_by, m.given_at, p.disabled_at IS NOT NULL AS disabled,
           s.second_factor, s.passkey, s.last_seen
      FROM membership m JOIN person p ON p.id = m.person_id LEFT JOIN member_sign_ins() s ON s.person_id = m.person_id
     WHERE m.workspace_id = (SELECT acting_workspace()) AND m.left_at IS NULL
     ORDER BY array_position('{admin,moderator,author}', m.role), p.name, p.id`
}, Effect.mapError(refused))

/** What of theirs in the workspace acted in is neither a draft nor at its end. */
export const unfinishedOf = Effect.fn("Members.unfinishedOf")(function* (personId: number) {
  const sql = yield* SqlClient
  const [row] = yield* sql<{ campaigns: number }>`
    SELECT count(*)::int AS campaigns FROM campaign
     WHERE workspace_id = (SELECT acting_workspace()) AND created_by = ${personId} AND state IN ('in_review', 'scheduled', 'sending', 'paused')`
  return row!.campaigns
}, Effect.mapError(refused))

/** `Conflict` for the last admin, `Forbidden` for oneself. The moderator flag goes with the author's role. */
export const changeRole = Effect.fn("Members.changeRole")(function* (personId: number, role: Role) {
  const sql = yield* SqlClient
  yield* sql`SELECT change_role(${personId}, ${role})`
}, Effect.mapError(refused))

/** Whether an author may also decide on what others wrote. */
export const setModeratorFlag = Effect.fn("Members.setModeratorFlag")(function* (personId: number, moderator: boolean) {
  const sql = yield* SqlClient
  yield* sql`SELECT set_moderator_flag(${personId}, ${moderator})`
}, Effect.mapError(refused))

/** They are in it no more; what they did stays. Invited or accepted again, they are back. */
export const remove = Effect.fn("Members.remove")(function* (personId: number) {
  const sql = yield* SqlClient
  yield* sql`SELECT remove_member(${personId})`
}, Effect.mapError(refused))

/** By oneself, whatever one acts in just now. `Conflict` for the last admin. */
export const leave = Effect.fn("Members.leave")(function* (workspaceId: number) {
  const sql = yield* SqlClient
  yield* sql`SELECT leave_workspace(${workspaceId})`
}, Effect.mapError(refused))

/**
 * A sentence when what is written in the workspace (by that author alone, where one is given) has too few who could
 * approve it; undefined when all is well. It begins in lower case and has no full stop.
 */
export const approversWarning = Effect.fn("Members.approversWarning")(function* (
  workspaceId: number,
  authorId: number | null = null
) {
  const sql = yield* SqlClient
  const [row] = yield* sql<{ warning: string | null }>`
    SELECT approvers_warning(${workspaceId}, ${authorId}) AS warning`
  return row?.warning ?? undefined
}, Effect.mapError(refused))
