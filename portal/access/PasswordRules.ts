/**
 * What may be a new password (NIST SP 800-63B, 3.1.1.2): long, not among the first that a guesser tries, and not made of what is
 * known of the person. No rules about capitals and digits, and no expiry: both make passwords worse.
 */
import { Effect, Redacted } from "effect"
import { SignInError } from "./SignInError.ts"

/** Characters, not bytes. The most keeps a request from being work. */
const LEAST = 12
const MOST = 256
/** How many characters must be left when words that everybody would try are taken out. */
const OWN = 8

/** What the commonest passwords of twelve characters and more are made of, in lower case. */
const COMMON = `
  password passwort passw0rd p@ssword p@ssw0rd parola contrasena motdepasse welcome letmein qwertyuiop qwertzuiop qwerty qwertz azerty
  asdfghjkl asdfgh zxcvbnm zxcvb 1q2w3e4r5t6y 1q2w3e4r 1qaz2wsx3edc 1qaz2wsx qazwsxedc qazwsx q1w2e3r4t5 iloveyou trustno1 superman batman
  monkey dragon football baseball basketball princess sunshine shadow master michael jordan charlie starwars whatever computer internet
  changeme default administrator admin root user guest login secret access temporary temp test demo hello summer winter spring autumn
  january february march april june july august september october november december monday company corporate countersign
  0123456789 1234567890 123456789 12345678 1234567 123456 12345 987654321 9876543210 654321 112233445566 112233 abcdefghijkl abcdefgh abcdef abcd1234
  abc123 qwe123 asd123 zaq12wsx correcthorsebatterystaple correct horse battery staple`
  .trim()
  .split(/\s+/)

export interface Known {
  readonly name: string
  readonly email: string
}

/** Fails with `WeakPassword`, saying what to do. */
export const checkNew = (password: Redacted.Redacted<string>, person: Known): Effect.Effect<void, SignInError> => {
  const problem = problemOf(Redacted.value(password).normalize("NFKC"), person)
  return problem === undefined
    ? Effect.void
    : Effect.fail(new SignInError({ reason: "WeakPassword", message: problem }))
}

const problemOf = (password: string, person: Known): string | undefined => {
  const characters = [...password]
  if (characters.length < LEAST)
    return `take at least ${LEAST} characters; a few words that don't belong together do well`
  if (characters.length > MOST) return `take at most ${MOST} characters`
  if (new Set(characters).size < 5) return "take more different characters; these are guessed at once"
  if (left(password, COMMON) < OWN) return "this is too easily guessed; a few words that don't belong together do well"
  if (left(password, [...COMMON, ...wordsOf(person)]) < OWN) {
    return "this is mostly your name or address, which others know; take something else"
  }
}

/** What stays when the words are taken out, the longest first. Six digits or signs at the end are what everybody adds, and count for nothing. */
const left = (password: string, words: ReadonlyArray<string>): number => {
  let rest = password.toLowerCase()
  for (const word of words.toSorted((a, b) => b.length - a.length)) rest = rest.replaceAll(word, " ")
  return [...rest.replace(/\s/g, "").replace(/[\p{N}\p{P}\p{S}]{1,6}$/u, "")].length
}

const wordsOf = ({ email, name }: Known) =>
  `${name} ${email}`
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word.length >= 3)
