/** What a verification found, in sentences for whoever asked for it. */
import { instant } from "./AuditRow.ts"
import { printable } from "./printable.ts"
import type { Verified } from "./Verify.ts"

const many = (count: number, one: string, more = `${one}s`): string =>
  `${count.toLocaleString("en")} ${count === 1 ? one : more}`

const named = ({ of, workspace, workspaceId }: Verified): string => {
  if (workspaceId === 0) return "The installation's chain"
  if (workspace === "") return `Workspace ${workspaceId}`
  // nothing vouches for a file's first line: anybody may have written the name there
  return `${printable(workspace)}${of === "export" ? ", as the file calls it" : ""} (workspace ${workspaceId})`
}

/** Lines; the first names the chain, the others stand under it. key: whether the checkpoints were held to a key that was given. */
export const findingsWords = (verified: Verified, key: boolean): ReadonlyArray<string> => {
  const { findings } = verified
  const { first, from, last, rows, to } = findings
  const span =
    first === undefined || last === undefined
      ? "no row"
      : `${many(rows, "row")} (${first.seq} to ${last.seq}), from ${instant(from)} to ${instant(to)}: each follows the one before it`
  const lines = [
    span,
    first !== undefined && first.seq > 1 ? `the rows before ${first.seq} were dropped, and that is vouched for` : "",
    checkpointWords(findings, key),
    notVouchedWords(verified),
    ...decisionWords(findings),
    findings.seals.size > 0 ? many(findings.seals.size, "sealed ledger") : "",
    personalWords(findings)
  ]
  return [`${named(verified)}:`, ...lines.filter((line) => line !== "").map((line) => `  ${line}`)]
}

type Found = Verified["findings"]

const checkpointWords = ({ checkpoints: { held, keys, ofDropped } }: Found, key: boolean): string => {
  if (held + ofDropped === 0)
    return "no checkpoint: nothing from outside says that this is the chain that was written; audit:checkpoint signs one"
  const dropped = ofDropped > 0 ? `, ${ofDropped} more of rows that were dropped` : ""
  const by = key
    ? "signed by the key given"
    : `signed by ${keys.join(", ")}; whether ${keys.length === 1 ? "that key is" : "those keys are"} yours, --key tells`
  return `${many(held, "checkpoint")} ${held === 1 ? "agrees" : "agree"}${dropped}, ${by}`
}

/** Up to which row checkpoints vouch; those after it could have been written anew by whoever owns the database. */
const notVouchedWords = ({ findings: { checkpoints, first, last }, of }: Verified): string => {
  const { held, ofDropped, upTo } = checkpoints
  if (held + ofDropped === 0 || first === undefined || last === undefined || upTo === last.seq) return ""
  const vouched = upTo < first.seq ? "no row that is here is" : `rows up to ${upTo} are`
  const from = Math.max(upTo + 1, first.seq)
  const rest = from === last.seq ? `row ${from} is` : `rows ${from} to ${last.seq} are`
  const todo =
    of === "export"
      ? "give a later checkpoint with --checkpoint"
      : "audit:checkpoint signs the newest, to be kept elsewhere"
  return `${vouched} vouched for by checkpoints; ${rest} vouched for by nothing from outside: ${todo}`
}

const decisionWords = ({ decisions: { origins, signed, uncheckable, unsigned } }: Found): ReadonlyArray<string> =>
  signed + uncheckable + unsigned === 0
    ? ["no decision about a campaign"]
    : [
        signed > 0
          ? `${many(signed, "signed decision")}, each by the passkey of the person who decided, made at ${origins.map(printable).join(", ")}`
          : "",
        unsigned > 0 ? `${many(unsigned, "decision")} that nobody signed with a passkey` : "",
        uncheckable > 0
          ? `${many(uncheckable, "signed decision")} can't be checked: the rows that introduced the passkeys are not here`
          : ""
      ]

const personalWords = ({ erased, personal }: Found): string =>
  personal + erased === 0
    ? ""
    : `${many(personal, "personal part")} as written${erased > 0 ? `, ${erased.toLocaleString("en")} erased as the chain says` : ""}`
