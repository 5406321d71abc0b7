/**
 * Whom the command line acts for. Whoever has the owner's URL may open a session in anybody's name, and the audit says so;
 * everything after that goes the way of a browser: the portal's role, with a token.
 */
import { randomBytes } from "node:crypto"
import { Effect, Redacted } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { type Acting, act } from "#schema/people/Acting.ts"

/** Longer than any campaign that somebody watches; ended with the command. */
const LIVES = "30 days"

/** Opens a session for as long as the scope lives, as the owner; what is done in it is done as whoever is connected then. */
export const signedIn = Effect.fnUntraced(function* (personId: number, workspaceId: number, agent = "npm run send") {
  const sql = yield* SqlClient
  const token = Redacted.make(randomBytes(32).toString("base64url"))
  yield* Effect.acquireRelease(
    sql`WITH opened AS (
          INSERT INTO session (token_hash, person_id, opened_by, second_factor_due, second_factor_at, expires_at)
          VALUES (sha256(convert_to(${Redacted.value(token)}, 'UTF8')), ${personId}, 'command_line', false, now(), now() + ${LIVES}::interval)
          RETURNING id)
        SELECT audit_installation('session.open', 'session', id, '{"opened_by": "command_line"}', '{}', ${personId}) FROM opened`,
    () =>
      Effect.ignore(
        sql`UPDATE session SET revoked_at = now() WHERE token_hash = sha256(convert_to(${Redacted.value(token)}, 'UTF8'))`
      )
  )
  return act(token, workspaceId, { agent }) satisfies Acting
})
