/**
 * What only its holder knows: tokens of sessions and mailed links, and recovery codes. The database keeps their SHA-256, which is
 * enough, since nobody guesses 256 random bits, or 80 under rules/throttle.sql.
 */
import { sha256 } from "@oslojs/crypto/sha2"
import { encodeBase32LowerCaseNoPadding, encodeBase64urlNoPadding, encodeHexLowerCase } from "@oslojs/encoding"
import { Effect, Redacted } from "effect"

const randomBytes = (length: number) => crypto.getRandomValues(new Uint8Array(length))

/** 256 random bits, base64url, 43 characters: fit for a cookie and for a link. */
export const newToken = Effect.sync(() => Redacted.make(encodeBase64urlNoPadding(randomBytes(32))))

/** SHA-256 of its text, as hex. */
export const tokenHash = (token: Redacted.Redacted<string>) =>
  encodeHexLowerCase(sha256(new TextEncoder().encode(Redacted.value(token))))

/** 80 random bits as people copy them: `abcd-efgh-ijkl-mnop`, base32 (RFC 4648, 6), which has neither 0 nor 1. */
export const newRecoveryCode = Effect.sync(() =>
  Redacted.make(encodeBase32LowerCaseNoPadding(randomBytes(10)).match(/.{4}/g)!.join("-"))
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
