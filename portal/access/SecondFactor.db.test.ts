/** The second factor: what a session can't do without it, how it is shown, and that nobody guesses it. */
import { assert, layer } from "@effect/vitest"
import { decodeBase32IgnorePadding } from "@oslojs/encoding"
import { generateHOTP } from "@oslojs/otp"
import { Clock, Effect, Redacted } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { act } from "#schema/people/Acting.ts"
import { Secrets } from "#schema/Secrets.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { sampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import * as SecondFactor from "./SecondFactor.ts"
import { account, audited, auditedOf, HOME, signIn, TestAccess, waited } from "./testing/accounts.ts"

/** The step in which all of this takes place, so that none begins between a code and its check. */
const NOW = 60_000_000
const atNow = Effect.provideServiceEffect(
  Clock.Clock,
  Effect.map(
    Clock.Clock,
    (clock): Clock.Clock =>
      Object.assign(Object.create(clock), {
        currentTimeMillis: Effect.succeed(NOW * 30_000),
        currentTimeMillisUnsafe: () => NOW * 30_000
      })
  )
)

/** A device with this secret, as an authenticator app is one. */
const codeOf = (secret: Uint8Array, stepsFromNow = 0) =>
  Redacted.make(generateHOTP(secret, BigInt(NOW + stepsFromNow), 6))

/** Somebody whose device is set up, and who is not signed in. */
const withDevice = Effect.gen(function* () {
  const sql = yield* SqlClient
  const { asAccess } = yield* TestDatabase
  const who = yield* account()
  const { token } = yield* signIn(who)
  const enrolment = yield* asAccess(SecondFactor.begin(token, HOME))
  const secret = decodeBase32IgnorePadding(Redacted.value(enrolment.secret))
  const recoveryCodes = yield* asAccess(atNow(SecondFactor.confirm(token, codeOf(secret), HOME)))
  // as if set up some steps ago
  const later = sql`UPDATE totp SET last_step = last_step - 10 WHERE person_id = ${who.personId}`
  yield* later
  return { who, token, secret, recoveryCodes, later, enrolment }
})

const give = (token: Redacted.Redacted<string>, code: Redacted.Redacted<string>, request = HOME) =>
  Effect.flatMap(TestDatabase, ({ asAccess }) => asAccess(atNow(SecondFactor.give(token, code, request))))

const reasonOf = <A, R>(effect: Effect.Effect<A, { readonly reason: string; readonly message: string }, R>) =>
  Effect.match(effect, { onSuccess: () => "done", onFailure: ({ reason }) => reason })

const acts = (token: Redacted.Redacted<string>, workspaceId: number | null = null) =>
  Effect.flatMap(TestDatabase, ({ asPortal }) => reasonOf(asPortal(act(token, workspaceId)(Effect.void))))

layer(TestAccess, { excludeTestServices: true })("a second factor", (it) => {
  it.effect("is a device set up by a first code of it, kept encrypted, and in the audit without its secret", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { enrolment, recoveryCodes, secret, who } = yield* withDevice
      const uri = new URL(Redacted.value(enrolment.uri))
      assert.strictEqual(`${uri.protocol}//${uri.host}`, "otpauth://totp")
      assert.strictEqual(decodeURIComponent(uri.pathname), `/Countersign:${who.email}`)
      assert.strictEqual(uri.searchParams.get("period"), "30")
      assert.lengthOf(secret, 20)
      assert.lengthOf(new Set(recoveryCodes.map(Redacted.value)), 10)
      const [kept] = yield* sql<{ secret: Uint8Array; all: string }>`
        SELECT secret, (SELECT string_agg(hash::text, ' ') FROM recovery_code c WHERE c.person_id = t.person_id) AS all FROM totp t WHERE person_id = ${who.personId}`
      assert.notInclude(Buffer.from(kept!.secret).toString("hex"), Buffer.from(secret).toString("hex"))
      const opened = yield* (yield* Secrets).open({ table: "totp", row: who.personId }, kept!.secret)
      assert.deepStrictEqual(new Uint8Array(opened), secret)
      assert.deepStrictEqual(yield* auditedOf(who.personId), ["session.open", "totp.enrol"])
      assert.deepStrictEqual((yield* audited("totp.enrol")).at(-1)!.facts, { recovery_codes: 10 })
    })
  )

  it.effect("is not asked for before a code of it has come back, and a wrong one does not set it up", () =>
    Effect.gen(function* () {
      const { asAccess } = yield* TestDatabase
      const who = yield* account()
      const { token } = yield* signIn(who)
      yield* asAccess(SecondFactor.begin(token))
      assert.strictEqual(
        yield* reasonOf(asAccess(atNow(SecondFactor.confirm(token, Redacted.make("000000"))))),
        "WrongCode"
      )
      assert.isFalse((yield* signIn(who)).secondFactorDue)
    })
  )

  it.effect("is due after the password: until its code is given the session can't act, and has ten minutes", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { secret, who } = yield* withDevice
      const { secondFactorDue, token } = yield* signIn(who)
      assert.isTrue(secondFactorDue)
      assert.strictEqual(yield* acts(token), "NotSignedIn")
      const minutes = sql`SELECT round(extract(epoch FROM expires_at - clock_timestamp()) / 60)::int AS left FROM session
                           WHERE person_id = ${who.personId} ORDER BY id DESC LIMIT 1`
      assert.deepStrictEqual(yield* minutes, [{ left: 10 }])
      yield* give(token, codeOf(secret))
      assert.strictEqual(yield* acts(token), "done")
      assert.deepStrictEqual(yield* minutes, [{ left: 30 * 24 * 60 }])
      assert.deepStrictEqual(yield* auditedOf(who.personId), [
        "session.open",
        "totp.enrol",
        "session.open",
        "session.second_factor"
      ])
    })
  )

  it.effect("takes the code of a step before or after, and each step's only once, in whichever session", () =>
    Effect.gen(function* () {
      const { later, secret, who } = yield* withDevice
      for (const [steps, expected] of [
        [-1, "done"],
        [0, "done"],
        [1, "done"]
      ] as const) {
        yield* later
        const { token } = yield* signIn(who)
        assert.strictEqual(yield* reasonOf(give(token, codeOf(secret, steps))), expected)
      }
      const { token } = yield* signIn(who)
      assert.strictEqual(yield* reasonOf(give(token, codeOf(secret, 1))), "WrongCode", "once")
      assert.strictEqual(yield* reasonOf(give(token, codeOf(secret, 0))), "WrongCode", "nor one before it")
      yield* later
      assert.strictEqual(yield* reasonOf(give(token, codeOf(secret, 40))), "WrongCode", "of another time")
    })
  )

  it.effect("takes no code of two steps before or after", () =>
    Effect.gen(function* () {
      const { secret, who } = yield* withDevice
      const { token } = yield* signIn(who)
      for (const steps of [-2, 2]) {
        assert.strictEqual(yield* reasonOf(give(token, codeOf(secret, steps))), "WrongCode", `${steps}`)
      }
      yield* give(token, codeOf(secret))
    })
  )

  it.effect("of two who give the same code at once lets one in", () =>
    Effect.gen(function* () {
      const { secret, who } = yield* withDevice
      const [one, other] = [yield* signIn(who), yield* signIn(who)]
      const code = codeOf(secret)
      const outcomes = yield* Effect.all([reasonOf(give(one.token, code)), reasonOf(give(other.token, code))], {
        concurrency: 2
      })
      assert.deepStrictEqual(outcomes.toSorted(), ["WrongCode", "done"])
    })
  )

  it.effect(
    "is not guessed: three wrong codes lock for a minute, in all sessions, once in the audit, and not at a known network",
    () =>
      Effect.gen(function* () {
        const { later, secret, who } = yield* withDevice
        const away = { address: "203.0.113.80" }
        const [one, other] = [yield* signIn(who, away), yield* signIn(who, away)]
        const wrong = Redacted.make("not-a-code")
        const tried: Array<string> = []
        for (const { token } of [one, other, one, other, one]) tried.push(yield* reasonOf(give(token, wrong, away)))
        assert.deepStrictEqual(tried, ["WrongCode", "WrongCode", "WrongCode", "Locked", "Locked"])
        assert.strictEqual(yield* reasonOf(give(one.token, codeOf(secret), away)), "Locked", "nor the right one")
        yield* later
        const home = yield* signIn(who, HOME)
        assert.strictEqual(yield* reasonOf(give(home.token, codeOf(secret), HOME)), "done")
        yield* waited(60)
        yield* later
        assert.strictEqual(yield* reasonOf(give(one.token, codeOf(secret), away)), "done")
        const lockOuts = (yield* audited("session.lock_out")).filter(({ object_id }) => object_id === who.personId)
        assert.deepStrictEqual(
          lockOuts.map(({ facts }) => facts.of),
          ["second_factor"]
        )
      })
  )

  it.effect("is a recovery code when the device is lost: each once, however it is typed", () =>
    Effect.gen(function* () {
      const { recoveryCodes, who } = yield* withDevice
      const [first, second] = recoveryCodes.map(Redacted.value) as [string, string]
      const one = yield* signIn(who)
      yield* give(one.token, Redacted.make(` ${first.toUpperCase().replaceAll("-", " ")} `))
      assert.strictEqual(yield* acts(one.token), "done")
      const other = yield* signIn(who)
      assert.strictEqual(yield* reasonOf(give(other.token, Redacted.make(first))), "WrongCode")
      yield* give(other.token, Redacted.make(second))
      const events = (yield* audited("session.second_factor")).filter(({ person_id }) => person_id === who.personId)
      assert.deepStrictEqual(
        events.map(({ facts }) => [facts.by, facts.recovery_codes_left]),
        [
          ["recovery_code", 9],
          ["recovery_code", 8]
        ]
      )
    })
  )

  it.effect("is asked of one's other sessions too once it is set up", () =>
    Effect.gen(function* () {
      const { asAccess } = yield* TestDatabase
      const who = yield* account()
      const [here, there] = [yield* signIn(who), yield* signIn(who)]
      const { secret } = yield* asAccess(SecondFactor.begin(here.token))
      yield* asAccess(
        atNow(SecondFactor.confirm(here.token, codeOf(decodeBase32IgnorePadding(Redacted.value(secret)))))
      )
      assert.deepStrictEqual([yield* acts(here.token), yield* acts(there.token)], ["done", "NotSignedIn"])
    })
  )

  it.effect("opens workspaces that ask for one; turned off by a code of it, it opens them no more", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { asAccess } = yield* TestDatabase
      const { later, secret, token, who } = yield* withDevice
      const { workspaceId } = yield* sampleWorkspace({ require_second_factor: "true" })
      yield* sql`INSERT INTO membership (workspace_id, person_id, role) VALUES (${workspaceId}, ${who.personId}, 'author')`
      assert.strictEqual(yield* acts(token, workspaceId), "done")
      const off = (code: Redacted.Redacted<string>) =>
        reasonOf(asAccess(atNow(SecondFactor.turnOff(token, code, HOME))))
      assert.strictEqual(yield* off(Redacted.make("nothing")), "WrongCode")
      yield* later
      assert.strictEqual(yield* off(codeOf(secret)), "done")
      assert.deepStrictEqual([yield* acts(token), yield* acts(token, workspaceId)], ["done", "NotSignedIn"])
      assert.isFalse((yield* signIn(who)).secondFactorDue)
      assert.deepStrictEqual(yield* sql`SELECT id FROM recovery_code WHERE person_id = ${who.personId}`, [])
      assert.deepStrictEqual((yield* auditedOf(who.personId)).slice(1, 3), ["totp.enrol", "totp.drop"])
    })
  )

  it.effect("is not put in place of the one there is, nor by a session that has been open for a while", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { asAccess } = yield* TestDatabase
      const { token } = yield* withDevice
      assert.strictEqual(yield* reasonOf(asAccess(SecondFactor.begin(token))), "Conflict")
      const left = yield* account()
      const open = yield* signIn(left)
      yield* sql`UPDATE session SET created_at = now() - interval '16 minutes' WHERE person_id = ${left.personId}`
      assert.strictEqual(yield* reasonOf(asAccess(SecondFactor.begin(open.token))), "Forbidden")
    })
  )

  it.effect("has new recovery codes instead of the old ones, for who has just shown it", () =>
    Effect.gen(function* () {
      const { asAccess } = yield* TestDatabase
      const { recoveryCodes, token, who } = yield* withDevice
      const renewed = yield* asAccess(SecondFactor.renewRecoveryCodes(token))
      const next = yield* signIn(who)
      assert.strictEqual(yield* reasonOf(give(next.token, recoveryCodes[0]!)), "WrongCode")
      assert.strictEqual(yield* reasonOf(give(next.token, renewed[0]!)), "done")
      const none = yield* signIn(yield* account())
      assert.strictEqual(yield* reasonOf(asAccess(SecondFactor.renewRecoveryCodes(none.token))), "Conflict")
    })
  )

  it.effect(
    "that is lost with all its codes is taken off somebody by a super admin, not by themselves, and ends their sessions",
    () =>
      Effect.gen(function* () {
        const { asPortal } = yield* TestDatabase
        const { token, who } = yield* withDevice
        const boss = yield* account({ super_admin: true })
        const drop = (by: Redacted.Redacted<string>, personId: number) =>
          reasonOf(
            asPortal(act(by, null)(Effect.flatMap(SqlClient, (portal) => portal`SELECT drop_totp_of(${personId})`)))
          )
        const { token: bosss } = yield* signIn(boss)
        assert.strictEqual(yield* drop(token, boss.personId), "Forbidden")
        assert.strictEqual(yield* drop(bosss, boss.personId), "Conflict")
        assert.strictEqual(yield* drop(bosss, who.personId), "done")
        assert.strictEqual(yield* drop(bosss, who.personId), "NotFound")
        assert.strictEqual(yield* acts(token), "NotSignedIn")
        assert.isFalse((yield* signIn(who)).secondFactorDue)
      })
  )
})
