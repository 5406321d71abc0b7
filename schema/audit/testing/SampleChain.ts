/** Chains made up for tests and benchmarks: rows as rules/audit.sql would write them, the time and everything else as asked. */
import { hash } from "node:crypto"
import { type AuditRow, BEFORE_ALL } from "../AuditRow.ts"
import { personalDigest, rowHash } from "../Chain.ts"
import { type DecisionWord, decisionChallenge } from "../SignedDecision.ts"
import type { Differently, SoftAuthenticator } from "./SoftAuthenticator.ts"

/** What is said; what is not given is as in `sample`. */
export interface Said {
  readonly atUs?: number
  readonly personId?: number | null
  readonly role?: string
  readonly action?: string
  readonly object?: string
  readonly objectId?: number | null
  readonly facts?: unknown
  readonly personal?: unknown
}

const SECOND_US = 1_000_000
/** 2026-01-01. */
export const BEGIN_US = 1_767_225_600 * SECOND_US

export class SampleChain {
  readonly workspaceId: number
  private seq = 0
  private previous = BEFORE_ALL

  constructor(workspaceId: number) {
    this.workspaceId = workspaceId
  }

  /** Says something, a second after what was said before. */
  say(said: Said = {}): AuditRow {
    const seq = ++this.seq
    const personal = said.personal === undefined ? null : JSON.stringify(said.personal)
    const salt = personal === null ? null : hash("sha256", `salt ${seq}`, "hex").slice(0, 32)
    const { action = "campaign.edit", objectId = 7, personId = 3 } = said
    const row = {
      workspace_id: this.workspaceId,
      seq,
      at_us: `${said.atUs ?? BEGIN_US + seq * SECOND_US}`,
      person_id: personId,
      role: said.role ?? "author",
      action,
      object: said.object ?? action.split(".")[0]!,
      object_id: objectId,
      facts: JSON.stringify(said.facts ?? {}),
      personal,
      salt,
      personal_digest: personal === null || salt === null ? null : personalDigest(salt, personal),
      previous: this.previous,
      hash: ""
    }
    const written = { ...row, hash: rowHash(row) }
    this.previous = written.hash
    return written
  }

  introduce(device: SoftAuthenticator, personId: number): AuditRow {
    return this.say({
      personId,
      action: "passkey.introduce",
      objectId: 1,
      facts: {
        person_id: personId,
        credential_id: device.credentialId,
        public_key: Buffer.from(device.publicKey).toString("base64url")
      }
    })
  }

  /** A decision on the first submission of a campaign, signed with the device where there is one. */
  decide(personId: number, decision: DecisionWord, signing?: Signing, campaignId = 7): AuditRow {
    const decided = { campaignId, submission: 1, fingerprint: "ab".repeat(32), decision }
    const facts = { campaign_id: campaignId, submission: 1, fingerprint: decided.fingerprint, decision }
    const assertion =
      signing &&
      assertionFacts(signing, decisionChallenge({ workspaceId: this.workspaceId, ...decided, ...signing.other }))
    return this.say({
      personId,
      role: "moderator",
      action: `campaign.${decision}`,
      objectId: campaignId,
      facts: assertion === undefined ? facts : { ...facts, assertion }
    })
  }
}

export interface Signing {
  readonly device: SoftAuthenticator
  readonly rpId?: string
  readonly origin?: string
  readonly differently?: Differently
  /** What is signed instead of what is decided. */
  readonly other?: Partial<Parameters<typeof decisionChallenge>[0]>
}

const assertionFacts = (
  { device, differently, origin = "http://localhost", rpId = "localhost" }: Signing,
  challenge: string
) => {
  const { id, response } = device.assert(challenge, differently)
  return {
    credential_id: id,
    client_data_json: response.clientDataJSON,
    authenticator_data: response.authenticatorData,
    signature: response.signature,
    rp_id: rpId,
    origin
  }
}

/** The row as it is after its personal part was erased. */
export const erased = (row: AuditRow): AuditRow => ({ ...row, personal: null, salt: null })
