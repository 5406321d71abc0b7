/** The passkeys of who acts, on their own page: as the portal, while acting (rules/passkeys.sql). */
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { refused } from "#schema/Refused.ts"

export interface OwnPasskey {
  readonly id: number
  readonly name: string
  readonly created_at: Date
  /** null: never since */
  readonly used_at: Date | null
}

/** Those that count, oldest first. */
export const list = Effect.fn("OwnPasskeys.list")(function* () {
  const sql = yield* SqlClient
  return yield* sql<OwnPasskey>`SELECT id, name, created_at, used_at FROM my_passkeys()`
}, Effect.mapError(refused))

/** name: 1 to 100 characters. */
export const rename = Effect.fn("OwnPasskeys.rename")(function* (passkeyId: number, name: string) {
  const sql = yield* SqlClient
  yield* sql`SELECT rename_passkey(${passkeyId}, ${name})`
}, Effect.mapError(refused))

/**
 * It signs nothing any more. Asks for a session with a second factor, and for another way in where it is the last; a super admin
 * removes anybody's, which ends that person's sessions.
 */
export const revoke = Effect.fn("OwnPasskeys.revoke")(function* (passkeyId: number) {
  const sql = yield* SqlClient
  yield* sql`SELECT revoke_passkey(${passkeyId})`
}, Effect.mapError(refused))
