/** Asking to join a workspace that says it can be asked, and its admins' answers (rules/join_requests.sql). */
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { refused } from "#schema/Refused.ts"
import type { Role } from "./Members.ts"

/** By its name or id, acting in no workspace. `NotFound` alike for those that can't be asked and those that aren't there. */
export const ask = Effect.fn("JoinRequests.ask")(function* (workspace: string, note: string) {
  const sql = yield* SqlClient
  const [row] = yield* sql<{ id: number }>`SELECT ask_to_join(${withoutNul(workspace)}, ${withoutNul(note)}) AS id`
  return row!.id
}, Effect.mapError(refused))

/** Which no text of the database holds; how long it may be, the rule says. */
const withoutNul = (text: string) => text.replaceAll("\0", "")

export interface MyJoinRequest {
  readonly id: number
  readonly workspace: string
  readonly note: string
  readonly created_at: Date
  readonly decided_at: Date | null
  /** null: it waits */
  readonly accepted: boolean | null
}

/** One's own, the newest first. */
export const mine = Effect.fn("JoinRequests.mine")(function* () {
  const sql = yield* SqlClient
  return yield* sql<MyJoinRequest>`SELECT id, workspace, note, created_at, decided_at, accepted FROM my_join_requests()`
}, Effect.mapError(refused))

export interface JoinRequest {
  readonly id: number
  readonly workspace_id: number
  readonly person_id: number
  readonly name: string
  readonly email: string
  readonly note: string
  readonly created_at: Date
}

/** Those that wait, the oldest first, for who manages the workspace (in Master: of all); nobody else sees any. */
export const waiting = Effect.fn("JoinRequests.waiting")(function* () {
  const sql = yield* SqlClient
  return yield* sql<JoinRequest>`SELECT id, workspace_id, person_id, name, email, note, created_at FROM join_requests()`
}, Effect.mapError(refused))

export const accept = Effect.fn("JoinRequests.accept")(function* (requestId: number, role: Role, moderator = false) {
  const sql = yield* SqlClient
  yield* sql`SELECT accept_join_request(${requestId}, ${role}, ${moderator})`
}, Effect.mapError(refused))

export const decline = Effect.fn("JoinRequests.decline")(function* (requestId: number) {
  const sql = yield* SqlClient
  yield* sql`SELECT decline_join_request(${requestId})`
}, Effect.mapError(refused))
