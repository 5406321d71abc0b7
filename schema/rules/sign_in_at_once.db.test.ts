/** Everything of signing in at once, of few people from few networks: each ends in its own words, never in a deadlock. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient, type SqlError, serverField, sqlMessage, sqlState } from "#schema/Database.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"

const ROUNDS = 1_000

layer(TestDatabase.layer, { excludeTestServices: true })("signing in", (it) => {
  it.effect("never deadlocks, whatever the same people do at once, a thousand times over", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { asAccess } = yield* TestDatabase
      yield* sql`INSERT INTO person (email, name) SELECT 'p' || i || '@sample.example', 'P' FROM generate_series(1, 3) AS i`
      const people = yield* sql<{ id: number; email: string }>`SELECT id, email FROM person ORDER BY id`
      yield* sql`INSERT INTO password (person_id, hash) SELECT id, '$argon2id$' FROM person`
      const token = people.map(({ id }) => `token of ${id}`)
      yield* restored
      const outcomes = new Map<string, number>()
      const noted = (outcome: string) => Effect.sync(() => outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1))
      let step = 0
      const act = (i: number) => {
        const { email, id } = people[i % 3]!
        const request = `'{"address": "192.0.2.${i % 2}"}'`
        const hash = `sha256('${i}')`
        // a link is used by the ninth after; recovery codes by the 30th and the 33rd
        const statements = [
          `SELECT * FROM password_to_check('${email}', ${request})`,
          `SELECT password_was_wrong('${email}', ${request})`,
          `SELECT * FROM open_session(${id}, ${hash}, 'password', true, '192.0.2.${i % 2}', '')`,
          `SELECT * FROM code_to_check('${token[i % 3]}', ${request})`,
          `SELECT give_second_factor('${token[i % 3]}', ${++step}, NULL, ${request})`,
          `SELECT give_second_factor('${token[i % 3]}', NULL, ${hash}, ${request})`,
          `SELECT drop_totp('${token[i % 3]}', NULL, ${hash}, ${request})`,
          `SELECT renew_recovery_codes('${token[i % 3]}', ARRAY[sha256('${i + 30}'), sha256('${i + 33}')], ${request})`,
          `SELECT * FROM ask_password_reset('${email}', ${hash}, ${request})`,
          `SELECT change_password('${token[i % 3]}', '$argon2id$', '$argon2id$', ${request})`,
          `SELECT * FROM password_to_change('${token[i % 3]}', ${request})`,
          `SELECT reset_password(sha256('${i - 9}'), '$argon2id$', ${request})`
        ]
        return statements[Math.floor(i / 3) % statements.length]!
      }
      yield* asAccess(
        Effect.forEach(
          Array.from({ length: ROUNDS }, (_, i) => i),
          (i) =>
            Effect.flatMap(SqlClient, (access) => access.unsafe(act(i))).pipe(
              Effect.andThen(noted("done")),
              Effect.catchTag("SqlError", (error: SqlError) =>
                noted(
                  /^CS/.test(sqlState(error) ?? "")
                    ? "refused"
                    : `${sqlMessage(error)}: ${serverField(error, "detail")} ${serverField(error, "where")}`
                )
              )
            ),
          { concurrency: 10 }
        )
      ).pipe(Effect.raceFirst(Effect.forever(restored)))
      assert.deepStrictEqual([...outcomes.keys()].toSorted(), ["done", "refused"])
      assert.isAbove(outcomes.get("done")!, ROUNDS / 2)
    })
  )
})

/** What the sample has in its way again and again, each by itself: all sessions and devices are there, and what is counted is forgotten. */
const restored = Effect.gen(function* () {
  const sql = yield* SqlClient
  yield* sql`
    INSERT INTO session (token_hash, person_id, opened_by, second_factor_due, expires_at)
    SELECT sha256(convert_to('token of ' || id, 'UTF8')), id, 'password', false, now() + interval '30 days' FROM person ON CONFLICT DO NOTHING`
  yield* sql`
    UPDATE session SET revoked_at = NULL, second_factor_due = false, second_factor_at = now()
     WHERE id IN (SELECT id FROM session WHERE token_hash IN (SELECT sha256(convert_to('token of ' || id, 'UTF8')) FROM person) FOR UPDATE SKIP LOCKED)`
  yield* sql`INSERT INTO totp (person_id, secret, confirmed_at) SELECT id, 'x', now() FROM person ON CONFLICT DO NOTHING`
  yield* sql`
    UPDATE sign_in_throttle SET locked_until = NULL, forgotten_at = now() - interval '1 day'
     WHERE subject_hash IN (SELECT subject_hash FROM sign_in_throttle FOR UPDATE SKIP LOCKED)`
})
