/** Signing in by password, as the access role: what it opens, what it says, and what it costs. */
import { assert, layer } from "@effect/vitest"
import { Effect, Layer, Metric, Redacted } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { act } from "#schema/people/Acting.ts"
import { tokenHash } from "#schema/people/Tokens.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { OWASP, Passwords, passwordChecks } from "./Passwords.ts"
import * as SignIn from "./SignIn.ts"
import { account, audited, auditedOf, guess, HOME, signIn, TestAccess, WRONG } from "./testing/accounts.ts"
import { CHEAP } from "./testing/cheap.ts"

const whoActs = Effect.flatMap(SqlClient, (sql) => sql<{ id: number | null }>`SELECT acting_person() AS id`)

layer(TestAccess, { excludeTestServices: true })("signing in", (it) => {
  it.effect("opens a session of thirty days whose token acts, and of which only the hash is kept", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { asPortal } = yield* TestDatabase
      const who = yield* account()
      const { secondFactorDue, token } = yield* signIn({ ...who, email: ` ${who.email.toUpperCase()} ` })
      assert.isFalse(secondFactorDue)
      assert.deepStrictEqual(yield* asPortal(act(token, null)(whoActs)), [{ id: who.personId }])
      const [session] = yield* sql`
        SELECT encode(token_hash, 'hex') AS hash, opened_by, address, agent, second_factor_at,
               round(extract(epoch FROM expires_at - created_at) / 86400)::int AS days
          FROM session WHERE person_id = ${who.personId}`
      assert.deepStrictEqual(session, {
        hash: tokenHash(token),
        opened_by: "password",
        ...HOME,
        second_factor_at: null,
        days: 30
      })
      const [event] = (yield* audited("session.open")).filter(({ person_id }) => person_id === who.personId)
      assert.deepInclude(event!.facts, { person_id: who.personId, opened_by: "password", second_factor_due: false })
      assert.deepStrictEqual(event!.personal.request, HOME)
      assert.deepStrictEqual(yield* auditedOf(who.personId), ["session.open"])
    })
  )

  it.effect(
    "says the same, and does the same work, for a wrong password, no account, a disabled one, and one without password",
    () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient
        const { email } = yield* account()
        const disabled = yield* account()
        yield* sql`UPDATE person SET disabled_at = now() WHERE id = ${disabled.personId}`
        yield* sql`INSERT INTO person (email, name) VALUES ('nopassword@sample.example', 'No Password')`
        const outcomes: Array<unknown> = []
        for (const tried of [email, "nobody@sample.example", disabled.email, "nopassword@sample.example"]) {
          yield* sql`DELETE FROM sign_in_throttle`
          const before = yield* Metric.value(passwordChecks)
          const { message, reason, waitSeconds } = yield* guess(tried, HOME)
          const checks = (yield* Metric.value(passwordChecks)).count - before.count
          const counted = yield* sql`SELECT kind, failures, told, locked_until FROM sign_in_throttle ORDER BY kind`
          outcomes.push({ message, reason, waitSeconds, checks, counted })
        }
        const row = { failures: 1, told: true, locked_until: null }
        const first = {
          message:
            "this e-mail address and password don't go together; try again, or have a link mailed to set a new password",
          reason: "WrongPassword",
          waitSeconds: undefined,
          checks: 1,
          counted: [
            { kind: "account", ...row },
            { kind: "network", ...row }
          ]
        }
        assert.deepStrictEqual(outcomes, [first, first, first, first])
      })
  )

  it.effect("takes whatever is typed for an address, and is no error for it", () =>
    Effect.gen(function* () {
      for (const typed of ["", "a\0b@sample.example", "x".repeat(100_000), "'; DROP TABLE person; --", "\ud800"]) {
        assert.strictEqual((yield* guess(typed, { address: "192.0.2.99" })).reason, "WrongPassword")
      }
    })
  )

  it.effect("does not open for the right password of an account that is disabled", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const who = yield* account()
      yield* sql`UPDATE person SET disabled_at = now() WHERE id = ${who.personId}`
      assert.strictEqual((yield* Effect.flip(signIn(who))).reason, "WrongPassword")
    })
  )

  it.effect("hashes the password anew when the parameters have changed, and not again", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { asAccess } = yield* TestDatabase
      const who = yield* account()
      const hash = Effect.map(
        sql<{ hash: string }>`SELECT hash FROM password WHERE person_id = ${who.personId}`,
        ([row]) => row!.hash
      )
      const before = yield* hash
      yield* signIn(who)
      assert.strictEqual(yield* hash, before)
      const dearer = Passwords.layer({ cost: { ...CHEAP, passes: 2 } })
      yield* asAccess(Effect.provide(SignIn.withPassword(who), dearer))
      const after = yield* hash
      assert.match(after, /^\$argon2id\$v=19\$m=8,t=2,p=1\$/)
      yield* asAccess(Effect.provide(SignIn.withPassword(who), dearer))
      assert.strictEqual(yield* hash, after)
      assert.deepStrictEqual(yield* auditedOf(who.personId), ["session.open", "session.open", "session.open"])
    })
  )

  it.effect("with the parameters of OWASP unless told otherwise", () =>
    Effect.gen(function* () {
      const hash = yield* Effect.flatMap(Passwords, (passwords) => passwords.hash(WRONG)).pipe(
        Effect.provide(Layer.fresh(Passwords.layer()))
      )
      assert.match(hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
      assert.deepStrictEqual(OWASP, { memoryKiB: 19_456, passes: 2, lanes: 1 })
    })
  )

  it.effect("changes a password by the old one, and ends one's other sessions", () =>
    Effect.gen(function* () {
      const { asAccess, asPortal } = yield* TestDatabase
      const who = yield* account()
      const here = (yield* signIn(who)).token
      const there = (yield* signIn(who, { address: "198.51.100.9" })).token
      const to = Redacted.make("umbrella over quiet lake")
      const change = (from: Redacted.Redacted<string>, to: Redacted.Redacted<string>) =>
        asAccess(SignIn.changePassword(here, { from, to }, HOME))
      assert.strictEqual((yield* Effect.flip(change(WRONG, to))).reason, "WrongPassword")
      assert.strictEqual((yield* Effect.flip(change(who.password, Redacted.make("short")))).reason, "WeakPassword")
      yield* change(who.password, to)
      assert.deepStrictEqual(yield* asPortal(act(here, null)(whoActs)), [{ id: who.personId }])
      assert.strictEqual((yield* Effect.flip(asPortal(act(there, null)(whoActs)))).reason, "NotSignedIn")
      assert.strictEqual((yield* Effect.flip(signIn(who))).reason, "WrongPassword")
      yield* signIn({ ...who, password: to })
      assert.deepStrictEqual(yield* auditedOf(who.personId), [
        "session.open",
        "session.open",
        "password.change",
        "session.open"
      ])
    })
  )

  it.effect(
    "lets nobody guess the old password from a session left open: three wrong ones lock, and the audit says so once",
    () =>
      Effect.gen(function* () {
        const { asAccess } = yield* TestDatabase
        const who = yield* account()
        const { token } = yield* signIn(who)
        const to = Redacted.make("umbrella over quiet lake")
        const reasons: Array<string> = []
        for (let i = 0; i < 5; i++) {
          const { reason } = yield* Effect.flip(asAccess(SignIn.changePassword(token, { from: WRONG, to }, HOME)))
          reasons.push(reason)
        }
        assert.deepStrictEqual(reasons, ["WrongPassword", "WrongPassword", "WrongPassword", "Locked", "Locked"])
        assert.deepStrictEqual(yield* auditedOf(who.personId), ["session.open", "session.lock_out"])
        // signing in is not what was locked
        yield* signIn(who)
      })
  )
})
