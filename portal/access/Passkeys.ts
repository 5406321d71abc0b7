/**
 * Passkeys (WebAuthn Level 2): enrolled by who is signed in, and signed in with. What a device answered is checked here, with
 * the access role's connection; what follows from it is decided by the database (rules/passkeys.sql).
 *
 * Promises: an answer counts once, within five minutes of the question, for what was asked, from our own pages; the device has
 * asked who holds it (user verification), so that a passkey is both factors; nobody learns whether an address has an account.
 *
 * None of this may run inside a transaction of the caller's: that an answer was used up stands whatever comes of it.
 */
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse
} from "@simplewebauthn/server"
import { Effect, Redacted, Schema } from "effect"
import { SqlClient, type SqlError } from "#schema/Database.ts"
import type { Request } from "#schema/people/Acting.ts"
import { newToken, tokenHash } from "#schema/people/Tokens.ts"
import { Refused, refused } from "#schema/Refused.ts"
import { typed } from "./SignIn.ts"
import { Site } from "./Site.ts"

export class PasskeyRefused extends Schema.TaggedError<PasskeyRefused>()("PasskeyRefused", {
  reason: Schema.Literals([
    // said by the database
    ...Refused.fields.reason.literals,
    /** no such key here, or one that was removed, or another person's */
    "UnknownKey",
    /** the answer does not show what it should: changed on its way, of another site, or the device didn't ask who holds it */
    "NotProved",
    /** the device's counter went back: there may be two of it; the audit knows */
    "Suspect"
  ]),
  message: Schema.String
}) {}

/** @internal */
export const said = (error: SqlError | PasskeyRefused): PasskeyRefused => {
  if (error._tag === "PasskeyRefused") return error
  const { message, reason } = refused(error)
  return new PasskeyRefused({ reason, message })
}

const UNKNOWN = "this passkey is not known here, or was removed; use another, or sign in with your password"
const NOT_PROVED =
  "your passkey's answer could not be verified; try again, on this site and with your finger, face or PIN"
const SUSPECT =
  "this passkey seems to exist twice, so it was not accepted; remove it on your own page, or ask a super admin"

/** RFC 9053: ES256, EdDSA, RS256; what anybody can check offline later (schema/audit). */
const ALGORITHMS = [-7, -8, -257]

/** As the challenge lives in the database. */
const TIMEOUT_MS = 5 * 60_000

interface Key {
  /** base64url */
  readonly id: string
  readonly transports: Array<string>
}

/** What `navigator.credentials.create` is to be given, as JSON. Refused unless the session has just signed in. */
export const enrolmentOptions = Effect.fn("Passkeys.enrolmentOptions")(function* (
  token: Redacted.Redacted<string>,
  request: Request = {}
) {
  const sql = yield* SqlClient
  const site = yield* Site
  const [row] = yield* sql<{
    asked: { challenge: string; user_handle: string; email: string; name: string; keys: Array<Key> }
  }>`SELECT begin_enrolment(${Redacted.value(token)}, ${JSON.stringify(request)}::text::jsonb) AS asked`
  const { asked } = row!
  return yield* Effect.promise(() =>
    generateRegistrationOptions({
      rpID: site.rpId,
      rpName: site.name,
      userID: bytes(asked.user_handle),
      userName: asked.email,
      userDisplayName: asked.name,
      challenge: bytes(asked.challenge),
      timeout: TIMEOUT_MS,
      attestationType: "none",
      excludeCredentials: asked.keys,
      // discoverable: so that a sign-in need not say which keys there are, hence not whether there is an account
      authenticatorSelection: { residentKey: "required", userVerification: "required" },
      supportedAlgorithmIDs: ALGORITHMS
    })
  )
}, Effect.mapError(said))

/** Checks what the device answered to `enrolmentOptions` and keeps its key under a name. Gives the passkey's id. */
export const enrol = Effect.fn("Passkeys.enrol")(function* (
  token: Redacted.Redacted<string>,
  name: string,
  answer: unknown,
  request: Request = {}
) {
  const sql = yield* SqlClient
  const site = yield* Site
  const response = yield* decoded(Registration, answer)
  const challenge = yield* challengeIn(response.response.clientDataJSON)
  yield* sql`SELECT take_challenge('enrol', decode(${hex(challenge)}, 'hex'), ${Redacted.value(token)})`
  const checked = yield* proving(() =>
    verifyRegistrationResponse({
      response: { ...response, clientExtensionResults: {} },
      expectedChallenge: challenge,
      expectedOrigin: site.origin,
      expectedRPID: site.rpId,
      requireUserVerification: true,
      supportedAlgorithmIDs: ALGORITHMS
    })
  )
  if (!checked.verified) return yield* new PasskeyRefused({ reason: "NotProved", message: NOT_PROVED })
  const { counter, id, publicKey } = checked.registrationInfo.credential
  const rows = yield* sql<{ id: number }>`
    SELECT enrol_passkey(${Redacted.value(token)}, ${id}, decode(${Buffer.from(publicKey).toString("hex")}, 'hex'), ${counter},
      ${response.response.transports}::text[], ${name.replaceAll("\0", "")}, ${JSON.stringify(request)}::text::jsonb) AS id`
  return rows[0]!.id
}, Effect.mapError(said))

/**
 * What `navigator.credentials.get` is to be given. For an address, only that person's key will do; the options are the same
 * whether there is such a person.
 */
export const signInOptions = Effect.fn("Passkeys.signInOptions")(function* (email: string | null) {
  const sql = yield* SqlClient
  const site = yield* Site
  const [row] = yield* sql<{
    challenge: string
  }>`SELECT begin_passkey_sign_in(${email === null ? null : typed(email)}) AS challenge`
  return yield* Effect.promise(() =>
    generateAuthenticationOptions({
      rpID: site.rpId,
      challenge: bytes(row!.challenge),
      timeout: TIMEOUT_MS,
      userVerification: "required"
    })
  )
}, Effect.mapError(said))

/** Checks what the device answered to `signInOptions` and opens a session. Gives its token, for the cookie. */
export const signIn = Effect.fn("Passkeys.signIn")(function* (answer: unknown, request: Request = {}) {
  const sql = yield* SqlClient
  const shown = yield* proved("sign_in", answer)
  const token = yield* newToken
  const rows = yield* sql<{ opened: boolean }>`
    SELECT sign_in_with_passkey(${shown.passkeyId}, ${shown.signCount}, decode(${tokenHash(token)}, 'hex'), ${request.address ?? ""},
      ${request.agent ?? ""}) AS opened`
  if (!rows[0]!.opened) return yield* suspect
  return token
}, Effect.mapError(said))

/** @internal */
export const suspect = Effect.suspend(() => Effect.fail(new PasskeyRefused({ reason: "Suspect", message: SUSPECT })))

/** A signature that holds: of a key that counts, over a challenge of ours that was not answered before. */
export interface Proved {
  readonly passkeyId: number
  /** how many signatures the device says it has made; 0 where it doesn't count */
  readonly signCount: number
  /** hex, as is the rest */
  readonly challenge: string
  readonly clientDataJson: string
  readonly authenticatorData: string
  readonly signature: string
}

/** @internal token: of the session that asked, whose person's key it has to be; without one, a sign-in. */
export const proved = Effect.fnUntraced(function* (
  purpose: "sign_in" | "decide",
  answer: unknown,
  token: Redacted.Redacted<string> | null = null
) {
  const sql = yield* SqlClient
  const site = yield* Site
  const response = yield* decoded(Assertion, answer)
  const { authenticatorData, clientDataJSON, signature, userHandle } = response.response
  const challenge = yield* challengeIn(clientDataJSON)
  const session = token === null ? null : Redacted.value(token)
  const [taken] = yield* sql<{ email: string | null }>`
    SELECT take_challenge(${purpose}, decode(${hex(challenge)}, 'hex'), ${session}) AS email`
  const [key] = yield* sql<{ passkey_id: number; public_key: string; user_handle: string }>`
    SELECT * FROM passkey_to_check(${response.id}, ${session}, ${taken!.email})`
  if (key === undefined) return yield* new PasskeyRefused({ reason: "UnknownKey", message: UNKNOWN })
  const checked = yield* proving(() =>
    verifyAuthenticationResponse({
      response: {
        ...response,
        response: { authenticatorData, clientDataJSON, signature },
        clientExtensionResults: {}
      },
      expectedChallenge: challenge,
      expectedOrigin: site.origin,
      expectedRPID: site.rpId,
      requireUserVerification: true,
      // counted by the database, which sees two answers at once
      credential: { id: response.id, publicKey: bytes(key.public_key), counter: 0 }
    })
  )
  if (!checked.verified || (userHandle != null && userHandle !== key.user_handle)) {
    return yield* new PasskeyRefused({ reason: "NotProved", message: NOT_PROVED })
  }
  return {
    passkeyId: key.passkey_id,
    signCount: checked.authenticationInfo.newCounter,
    challenge: hex(challenge),
    clientDataJson: hex(clientDataJSON),
    authenticatorData: hex(authenticatorData),
    signature: hex(signature)
  } satisfies Proved
})

/** WebAuthn Level 2, 6.1: at most 1,023 bytes. */
const CredentialId = Schema.String.check(Schema.isPattern(/^[\w-]{1,1364}$/))

/** `usb`, `internal` … */
const Transport = Schema.String.check(Schema.isPattern(/^[a-z-]{1,32}$/))

const Registration = Schema.Struct({
  id: CredentialId,
  rawId: Schema.String,
  type: Schema.Literal("public-key"),
  response: Schema.Struct({
    clientDataJSON: Schema.String,
    attestationObject: Schema.String,
    transports: Schema.mutable(Schema.Array(Transport).check(Schema.isMaxLength(10))).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed([]))
    )
  })
})

const Assertion = Schema.Struct({
  id: CredentialId,
  rawId: Schema.String,
  type: Schema.Literal("public-key"),
  response: Schema.Struct({
    clientDataJSON: Schema.String,
    authenticatorData: Schema.String,
    signature: Schema.String,
    userHandle: Schema.optional(Schema.NullOr(Schema.String))
  })
})

const ClientData = Schema.fromJsonString(
  // a page of somebody else's that shows ours in a frame might make people sign what they don't see
  Schema.Struct({ challenge: Schema.String, crossOrigin: Schema.optional(Schema.Literal(false)) })
)

const decoded = <A, I>(schema: Schema.Codec<A, I>, answer: unknown) =>
  Effect.mapError(
    Schema.decodeUnknownEffect(schema)(answer),
    () => new PasskeyRefused({ reason: "NotProved", message: NOT_PROVED })
  )

/** base64url, as the library compares it. */
const challengeIn = (clientDataJson: string) =>
  Effect.map(decoded(ClientData, Buffer.from(clientDataJson, "base64url").toString()), ({ challenge }) => challenge)

/** The library throws for everything that it refuses. */
const proving = <A>(check: () => Promise<A>) =>
  Effect.tryPromise({ try: check, catch: () => new PasskeyRefused({ reason: "NotProved", message: NOT_PROVED }) })

const bytes = (base64url: string) => new Uint8Array(Buffer.from(base64url, "base64url"))
const hex = (base64url: string) => Buffer.from(base64url, "base64url").toString("hex")
