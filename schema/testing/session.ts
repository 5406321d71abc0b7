/** Living sessions for tests: what is tried in the portal's role goes the way of a browser, with a token. */
import { randomBytes } from "node:crypto"
import { Effect, Redacted } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { act } from "#schema/people/Acting.ts"

/** A session of this person, put in by the owner; gives its token. A second factor was shown unless told otherwise. */
export const tokenOf = Effect.fnUntraced(function* (
  personId: number,
  secondFactor: "shown" | "none" | "due" = "shown"
) {
  const sql = yield* SqlClient
  const token = randomBytes(32).toString("base64url")
  yield* sql`INSERT INTO session (token_hash, person_id, opened_by, second_factor_due, second_factor_at, expires_at)
             VALUES (sha256(convert_to(${token}, 'UTF8')), ${personId}, 'password', ${secondFactor === "due"},
                     CASE WHEN ${secondFactor === "shown"} THEN now() END, now() + interval '30 days')`
  return Redacted.make(token)
})

/** Acts with a session of this person: `asPortal((yield* actor(person, workspace))(effect))`. */
export const actor = (personId: number, workspaceId: number | null) =>
  Effect.map(tokenOf(personId), (token) => act(token, workspaceId))
