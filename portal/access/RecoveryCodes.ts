/** Recovery codes. The database keeps their SHA-256, which is enough, since nobody guesses 80 random bits under rules/throttle.sql. */
import { encodeBase32LowerCaseNoPadding } from "@oslojs/encoding"
import { Effect, Redacted } from "effect"
import { tokenHash } from "#schema/people/Tokens.ts"

/** 80 random bits as people copy them: `abcd-efgh-ijkl-mnop`, base32 (RFC 4648, 6), which has neither 0 nor 1. */
export const newRecoveryCode = Effect.sync(() =>
  Redacted.make(
    encodeBase32LowerCaseNoPadding(crypto.getRandomValues(new Uint8Array(10)))
      .match(/.{4}/g)!
      .join("-")
  )
)

/** However it was typed: in capitals, with spaces, without hyphens. */
export const recoveryCodeHash = (typed: Redacted.Redacted<string>) =>
  tokenHash(
    Redacted.make(
      Redacted.value(typed)
        .toLowerCase()
        .replace(/[^a-z2-7]/g, "")
    )
  )
