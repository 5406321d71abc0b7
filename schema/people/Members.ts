/**
 * Members of the workspace acted in: their roles, the moderator flag, who goes. Every rule is in the database
 * (rules/members.sql, approvers.sql); here are the calls, made while acting.
 */
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { refused } from "#schema/Refused.ts"

export type Role = "author" | "moderator" | "admin"

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
