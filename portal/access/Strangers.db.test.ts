/** What people type and show before they are anybody: as much as is needed is taken, and nothing of it is an error of the database's. */
import { assert, layer } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { SqlClient } from "#schema/Database.ts"
import * as Invitations from "#schema/people/Invitations.ts"
import * as JoinRequests from "#schema/people/JoinRequests.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { somebody, told } from "#schema/testing/signedIn.ts"
import * as Passkeys from "./Passkeys.ts"
import * as Sessions from "./Sessions.ts"
import { newDevice } from "./testing/devices.ts"
import { singleSignOn, TestProviders } from "./testing/singleSignOn.ts"

const HUGE = "x".repeat(5_000_000)

layer(TestProviders, { excludeTestServices: true })("who is not signed in", (it) => {
  it.effect("has no more of an address kept, to sign in by a passkey, than an address has", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { asAccess } = yield* TestDatabase
      for (const email of [HUGE, "a\0b@sample.example"]) yield* asAccess(Passkeys.signInOptions(email))
      assert.deepStrictEqual(yield* sql`SELECT length(email) AS length FROM webauthn_challenge ORDER BY id`, [
        { length: 320 },
        { length: "ab@sample.example".length }
      ])
    })
  )

  it.effect("shows passkeys that there can be, or proves nothing", () =>
    Effect.gen(function* () {
      const { asAccess } = yield* TestDatabase
      for (const id of ["a\0b", HUGE, ""]) {
        const { challenge } = yield* asAccess(Passkeys.signInOptions(null))
        const answer = { ...newDevice().assert(challenge), id }
        assert.strictEqual((yield* Effect.flip(asAccess(Passkeys.signIn(answer)))).reason, "NotProved")
      }
    })
  )

  it.effect("has a path kept, to go on to after single sign-on, that a path can be", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { browser, id, service } = yield* singleSignOn()
      const kept = Effect.fnUntraced(function* (wanted: string) {
        yield* service.begin(id, browser, wanted)
        const [login] = yield* sql<{ return_to: string }>`DELETE FROM single_sign_on_login RETURNING return_to`
        return login!.return_to
      })
      assert.strictEqual(yield* kept(`/${HUGE}`), "/")
      assert.strictEqual(yield* kept("/a\0b"), "/a%00b")
      const long = `/${"é".repeat(1_999)}`
      assert.strictEqual(yield* kept(long), "/")
      for (const nonsense of [Number.NaN, 1.5, 2 ** 31, -1]) {
        assert.strictEqual((yield* Effect.flip(service.begin(nonsense, browser))).reason, "Forbidden")
      }
    })
  )

  it.effect("has no session and no invitation by a text that is no token", () =>
    Effect.gen(function* () {
      const { asAccess, asPortal } = yield* TestDatabase
      for (const text of [HUGE, "a\0b"]) {
        const token = Redacted.make(text)
        assert.isUndefined(yield* asPortal(Sessions.current(token)))
        assert.strictEqual((yield* Effect.flip(asPortal(Sessions.signOut(token)))).reason, "NotSignedIn")
        const accepted = Invitations.acceptAsNew(token, text, "$argon2id$")
        for (const asked of [Effect.asVoid(Invitations.behind(token)), Effect.asVoid(accepted)]) {
          assert.match(yield* told(asAccess(asked)), /^NotFound: this invitation does not exist/)
        }
      }
    })
  )

  it.effect("and asks to join is told what to say", () =>
    Effect.gen(function* () {
      const { self } = yield* somebody()
      assert.match(yield* told(self(JoinRequests.ask("a\0b", "let me in"))), /^NotFound: workspace “ab” does not exist/)
      assert.match(yield* told(self(JoinRequests.ask("ab", "\0"))), /^Invalid: say who you are/)
      assert.match(yield* told(self(JoinRequests.ask("ab", HUGE))), /^Invalid: say who you are/)
    })
  )
})
