/**
 * Decisions signed with a passkey, checked from the audit alone: the challenge that the approver's device signed is made anew out
 * of what the row says was decided, and the signature is checked with the public key that was introduced earlier in the same chain
 * for the same person. No database, no clock and no word of ours is believed.
 *
 * The signature and the form of the device's answer are judged by @simplewebauthn/server (WebAuthn Level 2, 7.2).
 */
import { hash } from "node:crypto"
import { verifyAuthenticationResponse } from "@simplewebauthn/server"
import { Effect } from "effect"
import { type AuditFault, type AuditRow, fault } from "./AuditRow.ts"
import { digestIn, type Facts, factsOf, recordIn, textIn, wholeIn } from "./Facts.ts"
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
interface Assertion {
  readonly credentialId: string
  readonly clientDataJson: string
  readonly authenticatorData: string
  readonly signature: string
  readonly rpId: string
  readonly origin: string
}

/** A decision whose signature is to be checked. */
export interface SignedDecision {
  readonly row: AuditRow
  readonly decided: Decided
  readonly assertion: Assertion
  /** The COSE key, base64url. */
  readonly publicKey: string
}

/** What a row is to the decisions: something to check, something noted, something wrong, or nothing. */
export type Heard =
  | { readonly _tag: "Signed"; readonly signed: SignedDecision }
  | { readonly _tag: "Unsigned" }
  /** Its passkey was introduced in rows that were dropped. */
  | { readonly _tag: "Uncheckable" }
  | { readonly _tag: "Wrong"; readonly fault: AuditFault }

interface Passkey {
  readonly personId: number
  readonly publicKey: string
}

/** Knows the passkeys that a chain introduced so far. */
export class Decisions {
  private readonly passkeys = new Map<string, Passkey>()

  /** Rows in their order. headIsThere: whether the chain is read from its first row. */
  hear(row: AuditRow, headIsThere: boolean): Heard | undefined {
    if (row.action === "passkey.introduce") return this.introduce(row)
    return isDecision(row.action) ? this.decision(row, headIsThere) : undefined
  }

  private introduce(row: AuditRow): Heard | undefined {
    const facts = factsOf(row)
    const personId = wholeIn(facts, "person_id")
    const credentialId = textIn(facts, "credential_id")
    const publicKey = textIn(facts, "public_key")
    if (personId === undefined || credentialId === undefined || publicKey === undefined) {
      return wrong(row, "facts", "does not say person_id, credential_id and public_key in its facts")
    }
    const known = this.passkeys.get(credentialId)
    if (known !== undefined && (known.personId !== personId || known.publicKey !== publicKey)) {
      return wrong(row, "passkey", "introduces a passkey that was introduced before with another key or person")
    }
    this.passkeys.set(credentialId, { personId, publicKey })
    return undefined
  }

  private decision(row: AuditRow, headIsThere: boolean): Heard {
    const facts = factsOf(row)
    if (facts === undefined) return wrong(row, "facts", "has facts that are no JSON object")
    const signature = facts.assertion
    if (signature === undefined || signature === null) return { _tag: "Unsigned" }
    const decided = decidedIn(row, facts)
    const assertion = assertionIn(facts)
    if (decided === undefined || assertion === undefined) {
      return wrong(
        row,
        "facts",
        "is signed, and does not say in its facts what was decided, or not the whole signature"
      )
    }
    if (row.object === "campaign" && row.object_id !== decided.campaignId) {
      return wrong(row, "decision", `is about campaign ${row.object_id}, and decides on ${decided.campaignId}`)
    }
    const passkey = this.passkeys.get(assertion.credentialId)
    if (passkey === undefined) {
      return headIsThere
        ? wrong(row, "passkey", "is signed with a passkey that the chain did not introduce before")
        : { _tag: "Uncheckable" }
    }
    if (passkey.personId !== row.person_id) {
      return wrong(row, "passkey", `is by person ${row.person_id}, signed with a passkey of person ${passkey.personId}`)
    }
    return { _tag: "Signed", signed: { row, decided, assertion, publicKey: passkey.publicKey } }
  }
}

const wrong = (row: AuditRow, reason: "facts" | "passkey" | "decision", what: string): Heard => ({
  _tag: "Wrong",
  fault: fault(row.seq, reason, `row ${row.seq} (${row.action}) ${what}`)
})

const isDecision = (action: string): boolean => decisions.some((word) => action === `campaign.${word}`)

/** What the facts say was decided, if it is what the action says. */
const decidedIn = (row: AuditRow, facts: Facts): Decided | undefined => {
  const campaignId = wholeIn(facts, "campaign_id")
  const submission = wholeIn(facts, "submission")
  const fingerprint = digestIn(facts, "fingerprint")
  const decision = decisions.find((word) => word === facts.decision && row.action === `campaign.${word}`)
  if (campaignId === undefined || submission === undefined || fingerprint === undefined || decision === undefined) {
    return undefined
  }
  return { workspaceId: row.workspace_id, campaignId, submission, fingerprint, decision }
}

const assertionIn = (facts: Facts): Assertion | undefined => {
  const kept = recordIn(facts, "assertion")
  const assertion = {
    credentialId: textIn(kept, "credential_id"),
    clientDataJson: textIn(kept, "client_data_json"),
    authenticatorData: textIn(kept, "authenticator_data"),
    signature: textIn(kept, "signature"),
    rpId: textIn(kept, "rp_id"),
    origin: textIn(kept, "origin")
  }
  return Object.values(assertion).includes(undefined) ? undefined : (assertion as Assertion)
}

/** Whether a site of this origin may ask for a passkey of this relying party (WebAuthn Level 2, 5.1.4.1.3, without the list of suffixes). */
const belongs = (origin: string, rpId: string): boolean => {
  if (!URL.canParse(origin)) return false
  const { hostname } = new URL(origin)
  return hostname === rpId || hostname.endsWith(`.${rpId}`)
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
