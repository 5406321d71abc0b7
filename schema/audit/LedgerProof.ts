/**
 * That a number was, or was not, in a campaign's sealed ledger, how often, and with which outcome: as somebody is handed it, who
 * can check it against an export of the audit without us. Its root has to be that of the row which sealed the ledger (`ledger.seal`).
 */
import { Result, Schema } from "effect"
import { checkNumberProof } from "./NumberTree.ts"
import type { Seal } from "./Verification.ts"

const FORMAT = "countersign/number-proof/1"

const whole = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
const digest = Schema.String.check(Schema.isPattern(/^[0-9a-f]{64}$/))

/** As it is handed out; bytes are lower-case hex. */
export const LedgerProof = Schema.Struct({
  format: Schema.Literal(FORMAT),
  workspace_id: whole,
  campaign_id: whole,
  /** E.164 digits. */
  number: whole,
  /** The root of the campaign's tree by number. */
  by_number: digest,
  /** The row that sealed the ledger with this root. */
  sealed: Schema.Struct({ seq: whole, hash: digest }),
  runs: Schema.Array(
    Schema.Struct({
      index: whole,
      size: whole,
      path: Schema.Array(digest),
      entries: Schema.Array(Schema.Tuple([whole, Schema.String]))
    })
  )
})
export type LedgerProof = typeof LedgerProof.Type

export class ProofError extends Schema.TaggedError<ProofError>()("ProofError", {
  reason: Schema.Literals([
    "not a proof",
    "no campaign",
    /** the row that sealed the ledger was dropped */
    "seal dropped",
    /** what stands in the ledger is not what was sealed: somebody changed it */
    "not as sealed"
  ]),
  message: Schema.String
}) {}

/** Reads a proof's JSON; says nothing yet about whether it proves anything. */
export const readProof = (text: string): Result.Result<LedgerProof, ProofError> =>
  Result.mapError(
    decode(text),
    () =>
      new ProofError({
        reason: "not a proof",
        message: `This is no proof about a number. It should be JSON with the format “${FORMAT}”, as audit:prove gives it.`
      })
  )

const decode = Schema.decodeUnknownResult(Schema.fromJsonString(LedgerProof))

/** The letters of final outcomes (rules/ledger_seal.sql), in the product's words. */
const OUTCOMES: Readonly<Record<string, string>> = {
  d: "delivered",
  u: "undelivered",
  e: "expired",
  r: "rejected",
  k: "unknown",
  s: "suppressed",
  c: "cancelled"
}

/** An export that was verified: of which workspace, and which ledgers its rows seal, by campaign. */
export interface Sealed {
  readonly workspaceId: number
  readonly seals: ReadonlyMap<number, Seal>
}

/** What a proof proves under an export, as a sentence; or in a clause, as the failure, why it proves nothing. */
export const provenWords = (proof: LedgerProof, { seals, workspaceId }: Sealed): Result.Result<string, string> => {
  const { by_number, campaign_id, sealed, workspace_id } = proof
  const ledger = `the ledger of campaign ${campaign_id}`
  if (workspace_id !== workspaceId) {
    return Result.fail(`it is of workspace ${workspace_id}, and the export of workspace ${workspaceId}`)
  }
  const seal = seals.get(campaign_id)
  if (seal === undefined) return Result.fail(`no row of the export seals ${ledger}`)
  if (by_number !== seal.byNumber)
    return Result.fail(`its root is not the one that row ${seal.seq} sealed ${ledger} with`)
  if (sealed.seq !== seal.seq || sealed.hash !== seal.hash) {
    return Result.fail(`it names another row than row ${seal.seq} of the export, which sealed ${ledger}`)
  }
  return saidWords(proof)
}

/** How often, where that is more than once or may be. */
const timesIn = (times: number, isAll: boolean): string => {
  if (times === 1 && isAll) return ""
  return `${isAll ? "" : " at least"} ${times === 1 ? "once" : `${times} times`}`
}

/** What a proof says for itself, under its own root: worth as much as the root is, which an export has to vouch for. */
export const saidWords = (proof: LedgerProof): Result.Result<string, string> => {
  const { by_number, campaign_id, number } = proof
  const ledger = `the ledger of campaign ${campaign_id}`
  const proven = checkNumberProof(Buffer.from(by_number, "hex"), proof)
  switch (proven._tag) {
    case "Included": {
      const strange = proven.outcomes.find((letter) => OUTCOMES[letter] === undefined)
      if (strange !== undefined) return Result.fail(`it shows an outcome that there is not: “${strange}”`)
      const words = proven.outcomes.map((letter) => OUTCOMES[letter]!)
      return Result.succeed(`${number} was in ${ledger}${timesIn(words.length, proven.isAll)}: ${words.join(", ")}`)
    }
    case "Absent":
      return Result.succeed(`${number} was not in ${ledger}`)
    case "NotProven":
      return Result.fail(proven.message)
  }
}
