/**
 * A decision signed with a passkey, checked from the audit alone: the challenge that the approver's device signed is made anew out
 * of what the row says was decided. No database, no clock and no word of ours is believed.
 *
 * The signature and the form of the device's answer are judged by @simplewebauthn/server (WebAuthn Level 2, 7.2).
 */
import { hash } from "node:crypto"
import { verifyAuthenticationResponse } from "@simplewebauthn/server"
import { Effect } from "effect"
import { type AuditFault, type AuditRow, fault } from "./AuditRow.ts"
import { objectIn } from "./Facts.ts"
import { netstrings } from "./Netstrings.ts"

export const decisions = ["approve", "reject", "request_changes"] as const

export type DecisionWord = (typeof decisions)[number]

export interface Decided {
  readonly workspaceId: number
  readonly campaignId: number
  readonly submission: number
  /** 64 hex digits. */
  readonly fingerprint: string
  readonly decision: DecisionWord
}

/** What a passkey signs for a decision: SHA-256, base64url as WebAuthn carries it (`challenge_of` in rules/decisions.sql). */
export const decisionChallenge = ({ campaignId, decision, fingerprint, submission, workspaceId }: Decided): string =>
  hash(
    "sha256",
    netstrings("countersign/decision/1", workspaceId, campaignId, submission, fingerprint, decision),
    "base64url"
  )

/** The device's answer as the row keeps it; bytes are base64url. */
export interface Assertion {
  readonly credentialId: string
  readonly clientDataJson: string
  readonly authenticatorData: string
  readonly signature: string
  readonly rpId: string
  readonly origin: string
}

/** What is told of a decision's row. */
export type DecisionRow = Pick<AuditRow, "seq" | "action" | "person_id">

/** A decision and its signature. */
export interface Signature {
  readonly row: DecisionRow
  readonly decided: Decided
  readonly assertion: Assertion
}

/** A decision whose signature is to be checked. */
export interface SignedDecision extends Signature {
  /** The COSE key, base64url. */
  readonly publicKey: string
}

/** Whether a site of this origin may ask for a passkey of this relying party (WebAuthn Level 2, 5.1.4.1.3, without the list of suffixes). */
const belongs = (origin: string, rpId: string): boolean => {
  if (!URL.canParse(origin)) return false
  const { hostname } = new URL(origin)
  return hostname === rpId || hostname.endsWith(`.${rpId}`)
}

/** Not by one in another site's frame, where people may not see what they sign; the same is asked when it is made. */
const isAskedByOwnPage = ({ clientDataJson }: Assertion): boolean => {
  const client = objectIn(Buffer.from(clientDataJson, "base64url").toString())
  return client !== undefined && (client.crossOrigin === undefined || client.crossOrigin === false)
}

/** What is wrong with a signature; undefined when it holds. Needs nothing but the decision itself. */
export const faultOf = ({
  assertion,
  decided,
  publicKey,
  row
}: SignedDecision): Effect.Effect<AuditFault | undefined> => {
  const refused = (why: string) =>
    fault(row.seq, "decision", `the signature of row ${row.seq} (${row.action}) does not hold: ${why}`)
  if (!belongs(assertion.origin, assertion.rpId)) {
    return Effect.succeed(refused(`it is said to be of ${assertion.rpId}, signed at ${assertion.origin}`))
  }
  if (!isAskedByOwnPage(assertion)) {
    return Effect.succeed(
      refused("it does not say that a page of the site itself asked for it, and not one in another's frame")
    )
  }
  return Effect.tryPromise({
    try: () => verifyAuthenticationResponse(asked(assertion, decided, publicKey)),
    catch: (cause) => (cause instanceof Error ? cause.message : "it can't be read")
  }).pipe(
    Effect.map(({ verified }) => (verified ? undefined : refused("it is not by this passkey over this decision"))),
    Effect.catch((why) => Effect.succeed(refused(why)))
  )
}

const asked = (assertion: Assertion, decided: Decided, publicKey: string) => ({
  response: {
    id: assertion.credentialId,
    rawId: assertion.credentialId,
    type: "public-key" as const,
    clientExtensionResults: {},
    response: {
      clientDataJSON: assertion.clientDataJson,
      authenticatorData: assertion.authenticatorData,
      signature: assertion.signature
    }
  },
  expectedChallenge: decisionChallenge(decided),
  expectedOrigin: assertion.origin,
  expectedRPID: assertion.rpId,
  expectedType: "webauthn.get",
  requireUserVerification: true,
  // how often the device has signed was looked at when it did; here the order of signing is not known
  credential: { id: assertion.credentialId, publicKey: new Uint8Array(Buffer.from(publicKey, "base64url")), counter: 0 }
})
