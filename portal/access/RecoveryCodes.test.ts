import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { newRecoveryCode, recoveryCodeHash } from "./RecoveryCodes.ts"

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
