/** A forgotten password: the mail, its link, and that neither says whether there is an account. */
import { readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { assert, layer } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { Mail } from "#portal/mail/Mail.ts"
import { SqlClient } from "#schema/Database.ts"
import { act } from "#schema/people/Acting.ts"
import { refused } from "#schema/Refused.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import * as PasswordReset from "./PasswordReset.ts"
import { account, auditedOf, guess, MailFolder, signIn, TestAccess } from "./testing/accounts.ts"

const linkTo = (token: string) => `https://sms.example/reset/${token}`
const NEW = Redacted.make("umbrella over quiet lake")
const from = { address: "192.0.2.77" }

const ask = (email: string, request = from) =>
  Effect.flatMap(TestDatabase, ({ asAccess }) => asAccess(PasswordReset.ask(email, linkTo, request)))

const set = (token: Redacted.Redacted<string>, password = NEW) =>
  Effect.flatMap(TestDatabase, ({ asAccess }) => asAccess(PasswordReset.set(token, password, from)))

/** All mail so far, oldest first. */
const mails = Effect.gen(function* () {
  yield* (yield* Mail).settled
  const mailFolder = yield* MailFolder
  return readdirSync(mailFolder)
    .toSorted()
    .map((name) => readFileSync(join(mailFolder, name), "utf8"))
})

const tokenIn = (mail: string) =>
  Redacted.make(/https:\/\/sms\.example\/reset\/([\w-]{43})/.exec(mail.replaceAll("=\n", ""))![1]!)

const nothingCounted = Effect.flatMap(SqlClient, (sql) => sql`DELETE FROM sign_in_throttle`)

layer(TestAccess, { excludeTestServices: true })("a forgotten password", (it) => {
  it.effect("is set anew by a mailed link, which ends all sessions, and is good for once", () =>
    Effect.gen(function* () {
      const { asAccess, asPortal } = yield* TestDatabase
      const who = yield* account()
      const { token: session } = yield* signIn(who)
      yield* ask(who.email)
      const mail = (yield* mails).at(-1)!
      assert.include(mail, `To: ${(yield* asAccess(PasswordReset.look(tokenIn(mail)))).name} <${who.email}>`)
      const token = tokenIn(mail)
      assert.strictEqual((yield* Effect.flip(set(token, Redacted.make("short")))).reason, "WeakPassword")
      yield* set(token)
      assert.strictEqual((yield* Effect.flip(asPortal(act(session, null)(Effect.void)))).reason, "NotSignedIn")
      assert.strictEqual((yield* Effect.flip(signIn(who))).reason, "WrongPassword")
      yield* signIn({ ...who, password: NEW })
      const again = yield* Effect.flip(set(token))
      assert.strictEqual(again.reason, "NotFound")
      assert.strictEqual(again.message, "this link was used already, or is older than an hour; ask for a new one")
      assert.deepStrictEqual(yield* auditedOf(who.personId), ["session.open", "password.reset", "session.open"])
    })
  )

  it.effect("asked for where there is no account, or a disabled one, is answered the same, and nothing is mailed", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const who = yield* account()
      const disabled = yield* account()
      yield* sql`UPDATE person SET disabled_at = now() WHERE id = ${disabled.personId}`
      const before = (yield* mails).length
      const costs: Array<unknown> = []
      for (const email of [who.email, "nobody@sample.example", disabled.email]) {
        yield* nothingCounted
        yield* sql`DELETE FROM mailed_link`
        const answer = yield* ask(email)
        const counted = yield* sql`SELECT kind, failures FROM sign_in_throttle ORDER BY kind`
        const [links] = yield* sql`SELECT count(*)::int AS links FROM mailed_link`
        costs.push({ answer, counted, ...links })
      }
      const one = [
        { kind: "mail", failures: 1 },
        { kind: "network", failures: 1 }
      ]
      assert.deepStrictEqual(costs, Array(3).fill({ answer: undefined, counted: one, links: 1 }))
      assert.lengthOf(yield* mails, before + 1)
    })
  )

  it.effect("has links that are over after an hour, after another was used, and after the password was changed", () =>
    Effect.gen(function* () {
      yield* nothingCounted
      const sql = yield* SqlClient
      const who = yield* account()
      for (let i = 0; i < 3; i++) yield* ask(who.email)
      const [one, other, third] = (yield* mails).slice(-3).map(tokenIn) as [
        Redacted.Redacted<string>,
        ...Array<Redacted.Redacted<string>>
      ]
      yield* sql`UPDATE mailed_link SET expires_at = now() - interval '1 second' WHERE token_hash = sha256(convert_to(${Redacted.value(one)}, 'UTF8'))`
      assert.strictEqual((yield* Effect.flip(set(one))).reason, "NotFound")
      yield* set(other!)
      assert.strictEqual((yield* Effect.flip(set(third!))).reason, "NotFound")
    })
  )

  it.effect("used several times at once is set once, fifty times over", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { asAccess } = yield* TestDatabase
      const who = yield* account()
      for (let round = 1; round <= 50; round++) {
        yield* sql`INSERT INTO mailed_link (token_hash, purpose, person_id, expires_at)
                   VALUES (sha256('x'), 'password_reset', ${who.personId}, now() + interval '1 hour')`
        const use = (n: number) =>
          Effect.flatMap(SqlClient, (access) => access`SELECT reset_password(sha256('x'), ${`$argon2id$${n}`}, '{}')`)
        const outcomes = yield* asAccess(
          Effect.forEach(
            [1, 2, 3, 4],
            (n) => Effect.match(use(n), { onSuccess: () => "done", onFailure: (error) => refused(error).reason }),
            { concurrency: 4 }
          )
        )
        assert.deepStrictEqual(outcomes.toSorted(), ["NotFound", "NotFound", "NotFound", "done"])
        assert.lengthOf(yield* auditedOf(who.personId), round)
      }
    })
  )

  it.effect("gets who is locked out of their account in again", () =>
    Effect.gen(function* () {
      yield* nothingCounted
      const who = yield* account()
      for (let i = 0; i < 3; i++) yield* guess(who.email, { address: "203.0.113.1" })
      assert.strictEqual((yield* Effect.flip(signIn(who))).reason, "Locked")
      yield* ask(who.email)
      yield* set(tokenIn((yield* mails).at(-1)!))
      yield* signIn({ ...who, password: NEW })
    })
  )

  it.effect("is not mailed about without end: the third within a day is followed by a wait, known or not", () =>
    Effect.gen(function* () {
      yield* nothingCounted
      const who = yield* account()
      const refusals: Array<string> = []
      for (const email of [who.email, "nobody@sample.example"]) {
        for (let i = 0; i < 3; i++) yield* ask(email)
        refusals.push((yield* Effect.flip(ask(email))).reason)
      }
      assert.deepStrictEqual(refusals, ["Locked", "Locked"])
    })
  )

  it.effect("is mailed as a file that only its owner reads", () =>
    Effect.gen(function* () {
      yield* mails
      const mailFolder = yield* MailFolder
      const [name] = readdirSync(mailFolder)
      assert.strictEqual(statSync(join(mailFolder, name!)).mode & 0o777, 0o600)
    })
  )
})
