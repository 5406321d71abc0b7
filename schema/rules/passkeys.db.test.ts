/** Passkeys, as far as the database decides on them by itself, whatever the access role has asked before. */
import { randomBytes } from "node:crypto"
import { assert, layer } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { refused } from "#schema/Refused.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import { tokenOf } from "#schema/testing/session.ts"

/** Keeps a key, as the access role after a registration that was checked. */
const enrol = Effect.fnUntraced(function* (token: Redacted.Redacted<string>) {
  const { asAccess } = yield* TestDatabase
  const kept = Effect.flatMap(
    SqlClient,
    (sql) =>
      sql`SELECT enrol_passkey(${Redacted.value(token)}, ${randomBytes(16).toString("base64url")}, '\\x00', 0, '{}', 'Phone')`
  )
  return yield* Effect.match(asAccess(kept), { onSuccess: () => "kept", onFailure: (error) => refused(error).reason })
})

layer(TestDatabase.layer, { excludeTestServices: true })("a passkey", (it) => {
  it.effect("is kept for who has just signed in, also where that was so when it was begun and is no more", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { authorId } = yield* sampleWorkspace()
      const token = yield* tokenOf(authorId, "none")
      yield* sql`UPDATE session SET created_at = now() - interval '16 minutes' WHERE person_id = ${authorId}`
      assert.strictEqual(yield* enrol(token), "Forbidden")
      yield* sql`UPDATE session SET created_at = now() - interval '14 minutes' WHERE person_id = ${authorId}`
      assert.strictEqual(yield* enrol(token), "kept")
    })
  )

  it.effect("is not kept for who has one and came in without it", () =>
    Effect.gen(function* () {
      const { moderatorId } = yield* sampleWorkspace()
      assert.strictEqual(yield* enrol(yield* tokenOf(moderatorId)), "kept")
      assert.strictEqual(yield* enrol(yield* tokenOf(moderatorId, "none")), "Forbidden")
      assert.strictEqual(yield* enrol(yield* tokenOf(moderatorId)), "kept")
    })
  )
})
