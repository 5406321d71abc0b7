/**
 * Decisions signed with a passkey: what is signed is made of the campaign, its submission, its fingerprint and the decision
 * (rules/decisions.sql), so that anybody can check later, without us, who decided what.
 *
 * Three steps, under two roles: the portal asks what is to be signed, in the name of who decides (`challengeOf`); the access role
 * asks their device (`signingOptions`) and checks what it signed (`keepSignature`); the portal decides with the assertion's id
 * (Campaigns.decide), and the database looks again whether it is theirs, of a living key, and for just this.
 *
 *     const challenge = yield* asPortal(acting(challengeOf(campaignId, "approve")))
 *     const options = yield* asAccess(signingOptions(token, challenge))       // to the browser and back
 *     const assertionId = yield* asAccess(keepSignature(token, answer))
 *     yield* asPortal(acting(Campaigns.decide(campaignId, { decision: "approve", fingerprint, assertionId })))
 *
 * A signature decides once. An approval holds its assertion alone, and a person approves a submission once; after a rejection or a
 * request for changes only the next submission is decided on, which is another challenge.
 */
import { generateAuthenticationOptions } from "@simplewebauthn/server"
import { Effect, Redacted } from "effect"
import type { Decision } from "#schema/campaign/Campaigns.ts"
import { SqlClient } from "#schema/Database.ts"
import type { Request } from "#schema/people/Acting.ts"
import { refused } from "#schema/Refused.ts"
import { proved, said, suspect } from "./Passkeys.ts"
import { Site } from "./Site.ts"

/** What is to be signed for a decision on a campaign as it is now: 32 bytes, hex. As the portal, while acting. */
export const challengeOf = Effect.fn("SignedDecisions.challengeOf")(function* (
  campaignId: number,
  decision: Decision["decision"]
) {
  const sql = yield* SqlClient
  const rows = yield* sql<{
    challenge: string
  }>`SELECT encode(decision_challenge(${campaignId}, ${decision}), 'hex') AS challenge`
  return rows[0]!.challenge
}, Effect.mapError(refused))

/** What `navigator.credentials.get` is to be given, so that one of the person's own keys signs. As the access role. */
export const signingOptions = Effect.fn("SignedDecisions.signingOptions")(function* (
  token: Redacted.Redacted<string>,
  challenge: string
) {
  const sql = yield* SqlClient
  const site = yield* Site
  const [row] = yield* sql<{ keys: Array<{ id: string; transports: Array<string> }> }>`
    SELECT begin_signing(${Redacted.value(token)}, decode(${challenge}, 'hex')) AS keys`
  return yield* Effect.promise(() =>
    generateAuthenticationOptions({
      rpID: site.rpId,
      challenge: new Uint8Array(Buffer.from(challenge, "hex")),
      allowCredentials: row!.keys,
      // as the challenge lives in the database
      timeout: 5 * 60_000,
      userVerification: "required"
    })
  )
}, Effect.mapError(said))

/** Checks what the device answered to `signingOptions` and keeps it whole. Gives the assertion's id. As the access role. */
export const keepSignature = Effect.fn("SignedDecisions.keepSignature")(function* (
  token: Redacted.Redacted<string>,
  answer: unknown,
  request: Request = {}
) {
  const sql = yield* SqlClient
  const site = yield* Site
  const shown = yield* proved("decide", answer, token)
  const [kept] = yield* sql<{ id: number | null }>`
    SELECT keep_assertion(${Redacted.value(token)}, ${shown.passkeyId}, ${shown.signCount}, decode(${shown.challenge}, 'hex'),
      decode(${shown.clientDataJson}, 'hex'), decode(${shown.authenticatorData}, 'hex'), decode(${shown.signature}, 'hex'),
      ${site.rpId}, ${site.origin}, ${JSON.stringify(request)}::text::jsonb) AS id`
  return kept!.id ?? (yield* suspect)
}, Effect.mapError(said))
