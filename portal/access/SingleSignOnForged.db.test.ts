/** What a provider, or who stands between it and us, forges; and that nothing of what it gave away is in a log. */
import { randomBytes } from "node:crypto"
import { inspect } from "node:util"
import { assert, layer } from "@effect/vitest"
import { Cause, Effect, Layer, Redacted } from "effect"
import { act } from "#schema/people/Acting.ts"
import { TestDatabase } from "#schema/TestDatabase.ts"
import { SingleSignOn } from "./SingleSignOn.ts"
import * as SingleSignOnProviders from "./SingleSignOnProviders.ts"
import { forger } from "./testing/Forger.ts"
import { someone, superAdmin, TestProviders } from "./testing/singleSignOn.ts"

const SECRET = "at-5TOi2xYJbSxU7wQd"

/** A forger that is known here, and what comes of coming back from it while it says something. */
const known = Effect.gen(function* () {
  const { asAccess, asPortal } = yield* TestDatabase
  const { issuer, says, tokens } = yield* forger
  const admin = yield* superAdmin
  const said = { name: issuer, issuer, clientId: "countersign", emailDomains: ["sample.example"] }
  const id = yield* asPortal(act(admin, null)(SingleSignOnProviders.add(said, Redacted.make("sesame"))))
  const service = yield* Effect.provide(
    SingleSignOn,
    yield* asAccess(Layer.build(SingleSignOn.layer({ overLoopback: true })))
  )
  const browser = Redacted.make(randomBytes(32).toString("base64url"))
  const { email } = yield* someone()
  const back = Effect.fnUntraced(function* (answer: (claims: object) => void) {
    const { searchParams } = yield* service.begin(id, browser)
    const now = Math.floor(Date.now() / 1000)
    const nonce = searchParams.get("nonce")
    answer({ iss: issuer, aud: "countersign", sub: "7", email, email_verified: true, nonce, iat: now, exp: now + 60 })
    return yield* service.finish(new URLSearchParams({ code: "c", state: searchParams.get("state")! }), browser)
  })
  const withToken = (make: (claims: object) => string) =>
    back((claims) => says(JSON.stringify({ access_token: SECRET, token_type: "Bearer", id_token: make(claims) })))
  return { back, says, tokens, withToken }
})

layer(TestProviders, { excludeTestServices: true })("an ID token", (it) => {
  it.effect("that another key has signed, that was altered, or that nobody has signed is refused", () =>
    Effect.gen(function* () {
      const { tokens, withToken } = yield* known
      yield* withToken(tokens.honest)
      for (const forged of [tokens.byAnotherKey, tokens.altered, tokens.unsigned]) {
        assert.strictEqual((yield* Effect.flip(withToken(forged))).reason, "NotProved")
      }
    })
  )

  it.effect("with a subject longer than there are, or one that no text holds, is refused", () =>
    Effect.gen(function* () {
      const { tokens, withToken } = yield* known
      for (const sub of ["x".repeat(256), "a\0b"]) {
        const why = yield* Effect.flip(withToken((claims) => tokens.honest({ ...claims, sub })))
        assert.strictEqual(why.reason, "NotProved")
      }
    })
  )
})

layer(TestProviders, { excludeTestServices: true })("why a sign-on was refused", (it) => {
  it.effect("says what was wrong without the tokens that came with it, however it is written down", () =>
    Effect.gen(function* () {
      const { back, says, tokens, withToken } = yield* known
      const secret = { access_token: SECRET, refresh_token: SECRET }
      const refusals = [
        yield* Effect.flip(withToken(tokens.byAnotherKey)),
        yield* Effect.flip(withToken((claims) => tokens.honest({ ...claims, at: SECRET, aud: "others" }))),
        yield* Effect.flip(back(() => says(JSON.stringify({ ...secret, token_type: 7 })))),
        yield* Effect.flip(
          back(() => says(JSON.stringify({ ...secret, error: "nonsense", error_description: SECRET }), 400))
        ),
        yield* Effect.flip(back(() => says(`${SECRET} is no JSON`)))
      ]
      for (const why of refusals) {
        assert.isDefined(why.cause)
        for (const written of [
          inspect(why, { depth: null, showHidden: true }),
          JSON.stringify(why),
          String(why),
          why.stack,
          Cause.pretty(Cause.fail(why))
        ]) {
          assert.notInclude(written, SECRET.slice(0, 8))
          assert.notInclude(written, "eyJ")
        }
      }
      assert.match(
        refusals[0]!.cause!,
        /^ClientError .* ← OperationProcessingError .*: JWT signature verification failed$/
      )
    })
  )
})
