/**
 * What only its holder knows: tokens of sessions and of mailed links. The database keeps their SHA-256, which is enough, since nobody
 * guesses 256 random bits.
 */
import { createHash, randomBytes } from "node:crypto"
import { Effect, Redacted } from "effect"

/** 256 random bits, base64url, 43 characters: fit for a cookie and for a link. */
export const newToken = Effect.sync(() => Redacted.make(randomBytes(32).toString("base64url")))

/** SHA-256 of its text, as hex. */
export const tokenHash = (token: Redacted.Redacted<string>) =>
  createHash("sha256").update(Redacted.value(token)).digest("hex")

/** A token as somebody showed it, fit to be asked for: whatever can't be one is the empty text, which nobody's is. */
export const tokenShown = (token: Redacted.Redacted<string>) => {
  const text = Redacted.value(token)
  return /^[\w-]{43}$/.test(text) ? text : ""
}
