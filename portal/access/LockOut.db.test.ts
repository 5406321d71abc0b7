/**
 * That guessing slows to a crawl, at one account and across a thousand, and that honest people notice nothing of it. Waiting is done by
 * making what is counted older (accounts.ts): what is asserted is what the database makes a guesser wait.
 */
import { assert, layer } from "@effect/vitest"
import { Effect, Fiber, Metric } from "effect"
import { SqlClient, type SqlError, sqlState } from "#schema/Database.ts"
import { act, type Request } from "#schema/people/Acting.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { type Passwords, passwordChecks } from "./Passwords.ts"
import type * as SignIn from "./SignIn.ts"
import { type Account, account, audited, guess, signIn, TestAccess, waited } from "./testing/accounts.ts"

const DAY = 86_400

const checks = Effect.map(Metric.value(passwordChecks), ({ count }) => Number(count))

/** So that each test begins with nothing counted. */
const nothingCounted = Effect.flatMap(SqlClient, (sql) => sql`DELETE FROM sign_in_throttle`)

/** What is left of the one account's lock, as it would be told at this moment. */
const secondsLocked = Effect.map(
  Effect.flatMap(
    SqlClient,
    (sql) => sql<{ left: number }>`
      SELECT ceil(extract(epoch FROM locked_until - clock_timestamp()))::int AS left FROM sign_in_throttle WHERE kind = 'account'`
  ),
  ([row]) => row!.left
)

/** Guesses, waiting whenever that is asked and no longer; gives how long the wait before each guess was, in seconds. */
const guessAll = Effect.fnUntraced(function* (
  tries: ReadonlyArray<readonly [email: string, from: Request]>,
  between: (nth: number) => Effect.Effect<unknown, unknown, SqlClient | TestDatabase | Passwords> = () => Effect.void
) {
  const waits: Array<number> = []
  for (const [nth, [email, from]] of tries.entries()) {
    let wait = 0
    let refusal = yield* guess(email, from)
    while (refusal.reason === "Locked") {
      wait += refusal.waitSeconds!
      yield* waited(refusal.waitSeconds!)
      refusal = yield* guess(email, from)
    }
    assert.strictEqual(refusal.reason, "WrongPassword")
    waits.push(wait)
    yield* Effect.orDie(between(nth))
  }
  return waits
})

const sum = (waits: ReadonlyArray<number>) => waits.reduce((a, b) => a + b, 0)

const times = <A>(n: number, make: (i: number) => A) => Array.from({ length: n }, (_, i) => make(i))

/** That somebody's session acts, and is kept alive, as if nothing was. */
const works = Effect.fnUntraced(function* (who: Account, token: SignIn.SignedIn["token"]) {
  const { asPortal } = yield* TestDatabase
  const rows = yield* asPortal(
    act(token, null)(Effect.flatMap(SqlClient, (sql) => sql<{ id: number }>`SELECT acting_person() AS id`))
  )
  assert.deepStrictEqual(rows, [{ id: who.personId }])
})

layer(TestAccess, { excludeTestServices: true })("lock-out", (it) => {
  it.effect("makes 1,000 wrong passwords against one account take years, and its owner notices nothing", () =>
    Effect.gen(function* () {
      yield* nothingCounted
      const who = yield* account()
      const home = { address: "192.0.2.10" }
      const { token } = yield* signIn(who, home)
      const before = yield* checks
      const waits = yield* guessAll(
        times(1_000, () => [who.email, { address: "203.0.113.66" }] as const),
        (nth) => (nth % 50 === 0 ? Effect.andThen(works(who, token), signIn(who, home)) : Effect.void)
      )
      const minutes = waits.map((seconds) => Math.round(seconds / 60))
      assert.deepStrictEqual(
        minutes.slice(0, 16),
        [0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 1_440, 1_440]
      )
      assert.isTrue(minutes.slice(14).every((wait) => wait === 1_440))
      assert.isAbove(sum(waits), 980 * DAY)
      // one check for each guess and each honest sign-in, none for what was refused
      assert.strictEqual((yield* checks) - before, 1_020)
      yield* works(who, token)
    })
  )

  it.effect(
    "makes one wrong password against each of 1,000 accounts take years from one network, of whatever address within it",
    () =>
      Effect.gen(function* () {
        const who = yield* account()
        const { token } = yield* signIn(who, { address: "203.0.113.7" })
        const grown = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 1_440]
        for (const [name, guesses, from, free] of [
          ["an IPv4 address", 1_000, () => "203.0.113.7", 10],
          ["as a socket that listens on both says it", 25, (i) => ["203.0.113.8", "::ffff:203.0.113.8"][i % 2]!, 10],
          ["a /64", 25, (i) => `2001:db8:1:1::${i.toString(16)}`, 10],
          ["a /48, each from another /64", 115, (i) => `2001:db8:2:${i.toString(16)}::1`, 100],
          ["whatever the portal could not tell", 25, (i) => ["", "unknown", "10.0.0"][i % 3]!, 10]
        ] satisfies ReadonlyArray<[string, number, (i: number) => string, number]>) {
          yield* nothingCounted
          const waits = yield* guessAll(
            times(guesses, (i) => [`nobody${i}@sample.example`, { address: from(i) }] as const)
          )
          const minutes = waits.map((seconds) => Math.round(seconds / 60))
          const days = Array(guesses - free - grown.length).fill(1_440)
          assert.deepStrictEqual(minutes, [...Array(free).fill(0), ...grown, ...days], name)
          yield* works(who, token)
        }
      })
  )

  it.effect(
    "of a network leaves those in who have signed in from there, until there are too many of those as well",
    () =>
      Effect.gen(function* () {
        yield* nothingCounted
        const office = { address: "192.0.2.20" }
        const colleague = yield* account()
        const { token } = yield* signIn(colleague, office)
        yield* guessAll(times(10, (i) => [`nobody${i}@sample.example`, office] as const))
        const stranger = yield* account()
        assert.strictEqual((yield* Effect.flip(signIn(stranger, office))).reason, "Locked")
        yield* signIn(colleague, office)
        yield* works(colleague, token)
        // from elsewhere nothing is locked
        yield* signIn(stranger, { address: "192.0.2.21" })
        // one of them turns on the others
        const others = yield* Effect.all(times(30, () => account()))
        for (const other of others) yield* signIn(other, { address: "192.0.2.22" })
        const refused: Array<string> = []
        for (const other of others) refused.push((yield* guess(other.email, { address: "192.0.2.22" })).reason)
        assert.deepStrictEqual(refused, Array(30).fill("WrongPassword"))
        assert.strictEqual((yield* Effect.flip(signIn(others[0]!, { address: "192.0.2.22" }))).reason, "Locked")
      })
  )

  it.effect(
    "is of an account for strangers, and of a stranger's network; it ends for who has waited, and a right password clears it",
    () =>
      Effect.gen(function* () {
        yield* nothingCounted
        const who = yield* account()
        const cafe = { address: "198.51.100.4" }
        yield* guessAll(times(3, () => [who.email, { address: "203.0.113.66" }] as const))
        const before = yield* secondsLocked
        const refusal = yield* Effect.flip(signIn(who, cafe))
        const after = yield* secondsLocked
        assert.strictEqual(refusal.reason, "Locked")
        assert.strictEqual(refusal.message, "too many attempts; try again in a minute")
        assert.isTrue(
          before >= refusal.waitSeconds! && refusal.waitSeconds! >= after,
          "what is left of the lock just then"
        )
        yield* waited(60)
        yield* signIn(who, cafe)
        // known there now, and from the beginning again
        assert.deepStrictEqual(yield* guessAll(times(3, () => [who.email, cafe] as const)), [0, 0, 0])
        assert.strictEqual((yield* Effect.flip(signIn(who, cafe))).reason, "Locked")
      })
  )

  it.effect("counts before it checks: of 200 guesses at once three are answered", () =>
    Effect.gen(function* () {
      yield* nothingCounted
      const { asAccess } = yield* TestDatabase
      const { email } = yield* account()
      const ask = Effect.flatMap(
        SqlClient,
        (sql) => sql`SELECT hash FROM password_to_check(${email}, '{"address": "203.0.113.9"}')`
      )
      const answers = yield* asAccess(
        Effect.forEach(
          times(200, (i) => i),
          () =>
            Effect.as(ask, "answered").pipe(
              Effect.catchTag("SqlError", (error: SqlError) => Effect.succeed(sqlState(error)))
            ),
          { concurrency: 10 }
        )
      )
      assert.lengthOf(
        answers.filter((answer) => answer === "answered"),
        3
      )
      assert.lengthOf(
        answers.filter((answer) => answer === "CS429"),
        197
      )
    })
  )

  it.effect("is in the audit once each, with whom it was tried on and from where; single failures are not", () =>
    Effect.gen(function* () {
      yield* nothingCounted
      const sql = yield* SqlClient
      const who = yield* account()
      const { count } = (yield* sql<{ count: number }>`SELECT count(*)::int AS count FROM audit`)[0]!
      const from = { address: "203.0.113.99", agent: "curl" }
      yield* guessAll(times(2, () => [who.email, from] as const))
      assert.deepStrictEqual(yield* sql`SELECT count(*)::int AS count FROM audit`, [{ count }])
      yield* guess(who.email, from)
      for (let i = 0; i < 5; i++) assert.strictEqual((yield* guess(who.email, from)).reason, "Locked")
      yield* guessAll([[who.email, from]])
      yield* guessAll([["nobody@sample.example", { address: "203.0.113.98" }]])
      const events = (yield* audited("session.lock_out")).slice(-2)
      assert.deepStrictEqual(yield* sql`SELECT count(*)::int AS count FROM audit`, [{ count: count + 2 }])
      for (const [i, event] of events.entries()) {
        assert.deepInclude(event, { person_id: null, role: "nobody", object_id: who.personId })
        assert.deepInclude(event.facts, { of: "account", failures: 3 + i })
        assert.deepStrictEqual(event.personal, { tried: who.email, request: from })
      }
    })
  )

  it.effect(
    "is said once however many guesses were under way when it began, and of a network without anybody's name",
    () =>
      Effect.gen(function* () {
        yield* nothingCounted
        const { asAccess } = yield* TestDatabase
        const { email, personId } = yield* account()
        const call = (name: string) =>
          Effect.flatMap(SqlClient, (sql) =>
            sql.unsafe(`SELECT * FROM ${name}('${email}', '{"address": "203.0.113.97"}')`)
          )
        for (const step of ["password_to_check", "password_was_wrong"]) {
          for (let i = 0; i < 3; i++) yield* asAccess(call(step))
        }
        assert.lengthOf(
          (yield* audited("session.lock_out")).filter(({ object_id }) => object_id === personId),
          1
        )
        yield* guessAll(times(10, (i) => [`nobody${i}@sample.example`, { address: "203.0.113.96" }] as const))
        const { facts, object_id, personal } = (yield* audited("session.lock_out")).at(-1)!
        assert.deepInclude(facts, { of: "network", failures: 10 })
        assert.isNull(object_id)
        assert.deepInclude(personal, { request: { address: "203.0.113.96" } })
      })
  )

  it.effect("is not escaped by who hangs up before the answer", () =>
    Effect.gen(function* () {
      yield* nothingCounted
      const { email, personId } = yield* account()
      for (let i = 0; i < 3; i++) {
        const attempt = yield* Effect.forkChild(guess(email, { address: "203.0.113.95" }), { startImmediately: true })
        yield* Fiber.interrupt(attempt)
      }
      assert.strictEqual((yield* guess(email, { address: "203.0.113.95" })).reason, "Locked")
      assert.lengthOf(
        (yield* audited("session.lock_out")).filter(({ object_id }) => object_id === personId),
        1
      )
    })
  )

  it.effect("forgets: a row goes when all of it is forgiven, and nothing of what was typed is kept", () =>
    Effect.gen(function* () {
      yield* nothingCounted
      const sql = yield* SqlClient
      const rows = Effect.map(sql<{ row: string }>`SELECT t::text AS row FROM sign_in_throttle t`, (found) =>
        found.map(({ row }) => row)
      )
      yield* guessAll(times(5, (i) => [`typed-in-the-wrong-field-${i}`, { address: `203.0.113.${i}` }] as const))
      assert.lengthOf(yield* rows, 10)
      assert.notInclude((yield* rows).join("\n"), "typed")
      yield* waited(DAY - 60)
      yield* guessAll([["one", { address: "203.0.113.200" }]])
      assert.lengthOf(yield* rows, 7, "the networks are forgiven, the accounts not yet")
      yield* waited(61)
      yield* guessAll([["two", { address: "203.0.113.201" }]])
      assert.lengthOf(yield* rows, 4)
    })
  )

  it.effect("is not lifted from a network by who signs in there in between", () =>
    Effect.gen(function* () {
      yield* nothingCounted
      const from = { address: "203.0.113.50" }
      const accomplices = yield* Effect.all(times(25, () => account()))
      const waits: Array<number> = []
      for (const [i, accomplice] of accomplices.entries()) {
        waits.push(...(yield* guessAll([[`victim${i}@sample.example`, from]])))
        // never known there: that it is theirs again is what is tried
        yield* Effect.flatMap(SqlClient, (sql) => sql`DELETE FROM known_network`)
        yield* Effect.ignore(signIn(accomplice, from))
      }
      assert.isAbove(sum(waits), 3_600)
    })
  )
})
