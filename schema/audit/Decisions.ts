/**
 * Decisions about campaigns, found in the rows of a chain. One that is signed with a passkey comes with the public key that was
 * introduced earlier in the same chain for the same person; one that had to be signed (SignaturesAsked.ts) and was not is named.
 *
 * Where a chain's beginning was cut off, the introductions that went with it and are still needed stand in the row about the cut
 * (`audit.truncate`), which comes later: such decisions wait for it, and are all that is held.
 */
import { type AuditFault, type AuditRow, fault } from "./AuditRow.ts"
import { digestIn, type Facts, factsOf, listIn, recordIn, textIn, wholeIn } from "./Facts.ts"
import { SignaturesAsked } from "./SignaturesAsked.ts"
import {
  type Assertion,
  type Decided,
  type DecisionRow,
  decisionChallenge,
  decisions,
  type Signature,
  type SignedDecision
} from "./SignedDecision.ts"

/** What a row is to the decisions: something to check, something noted, something wrong, or nothing. */
export type Heard =
  | { readonly _tag: "Signed"; readonly signed: ReadonlyArray<SignedDecision> }
  | { readonly _tag: "Unsigned" }
  | { readonly _tag: "Wrong"; readonly fault: AuditFault }

interface Passkey {
  readonly credentialId: string
  readonly personId: number
  readonly publicKey: string
}

/** Knows the passkeys that a chain introduced so far. */
export class Decisions {
  private readonly passkeys = new Map<string, Passkey>()
  /** Signed, in a chain without its beginning, with a passkey that was not heard of so far; by credential. */
  private readonly waiting = new Map<string, Array<Signature>>()
  /** Whether a row said which introductions were cut off. */
  private carried = false
  private readonly asked = new SignaturesAsked()
  /** What was signed and by whom, and in which row. */
  private readonly signedIn = new Map<string, number>()

  /** Rows in their order. headIsThere: whether the chain is read from its first row. */
  hear(row: AuditRow, headIsThere: boolean): Heard | undefined {
    this.asked.hear(row)
    if (row.action === "passkey.introduce") return this.introduction(row)
    if (row.action === "audit.truncate") return this.cut(row)
    return isDecision(row.action) ? this.decision(row, headIsThere) : undefined
  }

  /** After the last row: how many decisions can't be checked, since the rows that introduced their passkeys are not here. */
  end(): number | AuditFault {
    const left = [...this.waiting.values()].flat()
    if (!this.carried || left.length === 0) return left.length
    const { row } = left.reduce((one, other) => (one.row.seq < other.row.seq ? one : other))
    return faultIn(
      row,
      "passkey",
      "is signed with a passkey that was not introduced, also not in the rows that were dropped"
    )
  }

  private introduction(row: AuditRow): Heard | undefined {
    const facts = factsOf(row)
    const personId = wholeIn(facts, "person_id")
    return personId === undefined || personId === row.person_id
      ? this.introduced(row, [facts])
      : wrong(row, "passkey", `is by person ${row.person_id}, and introduces a passkey of person ${personId}`)
  }

  private cut(row: AuditRow): Heard | undefined {
    const facts = factsOf(row)
    if (facts?.passkeys === undefined) return undefined
    const list = listIn(facts, "passkeys")
    if (list === undefined) return wrong(row, "facts", "has passkeys in its facts that are no list")
    this.carried = true
    return this.introduced(row, list)
  }

  private introduced(row: AuditRow, list: ReadonlyArray<Facts | undefined>): Heard | undefined {
    const signed: Array<SignedDecision> = []
    for (const facts of list) {
      const passkey = passkeyIn(facts)
      if (passkey === undefined) {
        return wrong(row, "facts", "does not say person_id, credential_id and public_key of a passkey in its facts")
      }
      const known = this.passkeys.get(passkey.credentialId)
      if (known !== undefined && (known.personId !== passkey.personId || known.publicKey !== passkey.publicKey)) {
        return wrong(row, "passkey", "introduces a passkey that was introduced before with another key or person")
      }
      this.passkeys.set(passkey.credentialId, passkey)
      if (row.action !== "audit.truncate") continue
      for (const signature of this.waiting.get(passkey.credentialId) ?? []) {
        const heard = by(passkey, signature)
        if (heard._tag !== "Signed") return heard
        signed.push(...heard.signed)
      }
      this.waiting.delete(passkey.credentialId)
    }
    return signed.length > 0 ? { _tag: "Signed", signed } : undefined
  }

  private decision(row: AuditRow, headIsThere: boolean): Heard | undefined {
    const facts = factsOf(row)
    if (facts === undefined) return wrong(row, "facts", "has facts that are no JSON object")
    const campaignId = wholeIn(facts, "campaign_id")
    if (row.object !== "campaign" || campaignId === undefined || row.object_id !== campaignId) {
      const about = `${row.object} ${row.object_id ?? "without a number"}`
      return wrong(row, "decision", `is about ${about}, and decides on campaign ${campaignId ?? "without a number"}`)
    }
    if (facts.assertion === undefined || facts.assertion === null) return this.unsigned(row)
    const decided = decidedIn(row, facts)
    const assertion = assertionIn(facts)
    if (decided === undefined || assertion === undefined) {
      return wrong(
        row,
        "facts",
        "is signed, and does not say in its facts what was decided, or not the whole signature"
      )
    }
    const { action, person_id, seq } = row
    const signed = `${person_id} ${decisionChallenge(decided)}`
    const before = this.signedIn.get(signed)
    if (before !== undefined) {
      return wrong(row, "decision", `is row ${before} said once more: nobody signs the same decision twice`)
    }
    this.signedIn.set(signed, seq)
    const whole = { row: { seq, action, person_id }, decided, assertion }
    const passkey = this.passkeys.get(assertion.credentialId)
    if (passkey !== undefined) return by(passkey, whole)
    if (headIsThere) return wrong(row, "passkey", "is signed with a passkey that the chain did not introduce before")
    const others = this.waiting.get(assertion.credentialId)
    if (others === undefined) this.waiting.set(assertion.credentialId, [whole])
    else others.push(whole)
    return undefined
  }

  private unsigned(row: AuditRow): Heard {
    const askedIn = row.action === "campaign.approve" ? this.asked.inForce : undefined
    return askedIn === undefined
      ? { _tag: "Unsigned" }
      : wrong(
          row,
          "decision",
          `is not signed, and row ${askedIn} says that approvals here must be signed with a passkey`
        )
  }
}

const by = ({ personId, publicKey }: Passkey, signature: Signature): Heard => {
  const { row } = signature
  return personId === row.person_id
    ? { _tag: "Signed", signed: [{ ...signature, publicKey }] }
    : wrong(row, "passkey", `is by person ${row.person_id}, signed with a passkey of person ${personId}`)
}

const passkeyIn = (facts: Facts | undefined): Passkey | undefined => {
  const credentialId = textIn(facts, "credential_id")
  const personId = wholeIn(facts, "person_id")
  const publicKey = textIn(facts, "public_key")
  return credentialId === undefined || personId === undefined || publicKey === undefined
    ? undefined
    : { credentialId, personId, publicKey }
}

const faultIn = (row: DecisionRow, reason: "facts" | "passkey" | "decision", what: string): AuditFault =>
  fault(row.seq, reason, `row ${row.seq} (${row.action}) ${what}`)

const wrong = (...of: Parameters<typeof faultIn>): Heard => ({ _tag: "Wrong", fault: faultIn(...of) })

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
