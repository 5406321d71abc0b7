import { createHash } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { newRecoveryCode, newToken, recoveryCodeHash, tokenHash } from "./Tokens.ts"

describe("tokens", () => {
  it.effect("are 256 random bits as base64url, and their hash is SHA-256 of that text, as `act` reckons it", () =>
    Effect.gen(function* () {
      const token = yield* newToken
      assert.match(Redacted.value(token), /^[\w-]{43}$/)
      assert.strictEqual(tokenHash(token), createHash("sha256").update(Redacted.value(token)).digest("hex"))
      assert.notStrictEqual(Redacted.value(yield* newToken), Redacted.value(token))
      assert.notInclude(String(token), Redacted.value(token), "and not in a log")
    })
  )
})

describe("recovery codes", () => {
  it.effect("are 80 random bits in groups of four, and the same however they are typed", () =>
    Effect.gen(function* () {
      const code = yield* newRecoveryCode
      const text = Redacted.value(code)
      assert.match(text, /^[a-z2-7]{4}(-[a-z2-7]{4}){3}$/)
      for (const typed of [text.toUpperCase(), text.replaceAll("-", ""), ` ${text.replaceAll("-", " ")}\n`]) {
        assert.strictEqual(recoveryCodeHash(Redacted.make(typed)), recoveryCodeHash(code), typed)
      }
      assert.notStrictEqual(recoveryCodeHash(yield* newRecoveryCode), recoveryCodeHash(code))
    })
  )
})
