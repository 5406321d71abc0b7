import { createHash } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { newToken, tokenHash, tokenShown } from "./Tokens.ts"

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

  it.effect("shown by strangers are tokens, or nothing", () =>
    Effect.gen(function* () {
      const token = yield* newToken
      assert.strictEqual(tokenShown(token), Redacted.value(token))
      for (const text of ["", "a\0b", "x".repeat(5_000_000), `${Redacted.value(token)}\n`, "é".repeat(43)]) {
        assert.strictEqual(tokenShown(Redacted.make(text)), "")
      }
    })
  )
})
