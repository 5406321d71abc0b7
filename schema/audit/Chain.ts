/**
 * Is this chain as it was written? Rows are taken one after the other and forgotten; the first that is not as it was written is
 * named. rules/audit.sql writes what this reads; the two agree to the byte.
 *
 * Two things are known only at the end, since the row that explains them may come later: that personal parts are missing because
 * they were erased (`audit.erase`), and that the first rows are missing because their time was over (`audit.truncate`).
 */
import { hash } from "node:crypto"
import { type AuditFault, type AuditRow, BEFORE_ALL, fault, instant } from "./AuditRow.ts"
import { digestIn, factsOf, textsIn, wholeIn } from "./Facts.ts"
import { netstrings } from "./Netstrings.ts"

/** The hash that belongs to a row: 64 hex digits. */
export const rowHash = (row: AuditRow): string =>
  hash(
    "sha256",
    netstrings(
      "countersign/audit/1",
      row.workspace_id,
      row.seq,
      row.previous,
      row.at_us,
      row.person_id,
      row.role,
      row.action,
      row.object,
      row.object_id,
      row.facts,
      row.personal_digest
    ),
    "hex"
  )

/** The digest of a personal part (JSON as written) under its salt (hex): 64 hex digits. */
export const personalDigest = (salt: string, personal: string): string =>
  hash("sha256", Buffer.concat([Buffer.from(salt, "hex"), Buffer.from(personal)]), "hex")

/** Microseconds, as a number: exact until the year 2255. */
const at = (row: AuditRow) => Number(row.at_us)

export interface ChainCounts {
  readonly rows: number
  readonly first: AuditRow | undefined
  readonly last: AuditRow | undefined
  /** Least and most, microseconds since 1970. */
  readonly from: number
  readonly to: number
  /** Personal parts that are there, and that were erased. */
  readonly personal: number
  readonly erased: number
}

export class Chain {
  private readonly workspaceId: number
  private readonly vouched: (seq: number, hash: string) => boolean
  private rows = 0
  private first: AuditRow | undefined
  private last: AuditRow | undefined
  private from = Number.POSITIVE_INFINITY
  private to = 0
  private personal = 0
  private erased = 0
  /** Of each action the newest row without its personal part that no erasure after it covers yet. */
  private readonly uncovered = new Map<string, AuditRow>()
  /** What the chain says of the rows that were dropped: those before `firstSeq`, the last of which had this hash. */
  private dropped: { readonly firstSeq: number; readonly anchor: string | undefined } | undefined

  /** vouched: whether a checkpoint says that a row which is not here had this hash. */
  constructor(workspaceId: number, vouched: (seq: number, hash: string) => boolean = () => false) {
    this.workspaceId = workspaceId
    this.vouched = vouched
  }

  /** The next row. What comes after a fault is not looked at: give it no more. */
  take(row: AuditRow): AuditFault | undefined {
    const wrong = this.wrongPlace(row) ?? wrongHash(row) ?? wrongPersonalPart(row)
    if (wrong !== undefined) return wrong
    this.rows++
    this.first ??= row
    this.last = row
    const us = at(row)
    if (us < this.from) this.from = us
    if (us > this.to) this.to = us
    if (row.personal !== null) this.personal++
    else if (row.personal_digest !== null) this.missing(row)
    return row.action === "audit.erase" || row.action === "audit.truncate" ? this.explained(row) : undefined
  }

  /** What was to be settled at the end. */
  end(): AuditFault | undefined {
    const [uncovered] = [...this.uncovered.values()].toSorted((a, b) => a.seq - b.seq)
    if (uncovered !== undefined) {
      const { seq, at_us } = uncovered
      return fault(
        seq,
        "erased",
        `the personal part of row ${seq} of ${instant(at_us)} is missing, and no erasure (audit.erase) after it covers it; ` +
          "rows before it may lack theirs as well"
      )
    }
    const { first } = this
    if (first === undefined || first.seq === 1) return undefined
    if (this.isDropped(first) || this.vouched(first.seq - 1, first.previous)) return undefined
    return fault(
      first.seq,
      "head",
      `the chain begins with row ${first.seq}: the rows before it are missing, and nothing in it (audit.truncate) says ` +
        `that they were dropped; take them too, or give the checkpoint of row ${first.seq - 1}`
    )
  }

  /** Whether the rows so far begin with the first there ever was. */
  get headIsThere(): boolean {
    return this.first?.seq === 1
  }

  get counts(): ChainCounts {
    const { erased, first, from, last, personal, rows, to } = this
    return { rows, first, last, from, to, personal, erased }
  }

  private wrongPlace(row: AuditRow): AuditFault | undefined {
    const { seq } = row
    if (row.workspace_id !== this.workspaceId) {
      return fault(
        seq,
        "chain",
        `row ${seq} is of workspace ${row.workspace_id}, in the chain of workspace ${this.workspaceId}`
      )
    }
    const { last } = this
    if (last !== undefined && seq !== last.seq + 1) {
      return fault(seq, "gap", `after row ${last.seq} comes row ${seq} instead of row ${last.seq + 1}`)
    }
    if (last === undefined ? seq === 1 && row.previous !== BEFORE_ALL : row.previous !== last.hash) {
      const before = last === undefined ? "32 zero bytes, as the first row's is" : `the hash of row ${last.seq}`
      return fault(seq, "previous", `the previous hash of row ${seq} is not ${before}`)
    }
    return undefined
  }

  private missing(row: AuditRow): void {
    this.erased++
    const newest = this.uncovered.get(row.action)
    if (newest === undefined || at(row) >= at(newest)) this.uncovered.set(row.action, row)
  }

  private isDropped(first: AuditRow): boolean {
    if (this.dropped === undefined) return false
    const { anchor, firstSeq } = this.dropped
    return firstSeq > first.seq || (firstSeq === first.seq && (anchor === undefined || anchor === first.previous))
  }

  private explained(row: AuditRow): AuditFault | undefined {
    const facts = factsOf(row)
    const name = row.action === "audit.erase" ? "before_at_us" : "first_seq"
    const value = wholeIn(facts, name)
    if (value === undefined) {
      return fault(row.seq, "facts", `row ${row.seq} (${row.action}) does not say ${name} in its facts`)
    }
    if (row.action === "audit.truncate") {
      if (value >= (this.dropped?.firstSeq ?? 0)) this.dropped = { firstSeq: value, anchor: digestIn(facts, "anchor") }
      return undefined
    }
    // without a list of actions it was of all
    const actions = textsIn(facts, "actions")
    for (const [action, newest] of this.uncovered) {
      if (at(newest) < value && (actions?.includes(action) ?? true)) this.uncovered.delete(action)
    }
    return undefined
  }
}

const wrongHash = (row: AuditRow): AuditFault | undefined =>
  rowHash(row) === row.hash
    ? undefined
    : fault(row.seq, "hash", `the hash of row ${row.seq} does not match what the row says: the row was changed`)

const wrongPersonalPart = ({ personal, personal_digest, salt, seq }: AuditRow): AuditFault | undefined => {
  if (personal === null && salt === null) return undefined
  if (personal === null || salt === null) {
    const [there, missing] = personal === null ? ["salt", "personal part"] : ["personal part", "salt"]
    return fault(seq, "personal", `row ${seq} has a ${there} without its ${missing}`)
  }
  // of any other length, bytes could wander between salt and personal part without another digest
  if (!/^[0-9a-f]{32}$/.test(salt)) return fault(seq, "personal", `the salt of row ${seq} is not 16 bytes`)
  if (personal_digest === personalDigest(salt, personal)) return undefined
  return fault(
    seq,
    "personal",
    personal_digest === null
      ? `row ${seq} has a personal part, and was written without one`
      : `the personal part of row ${seq} does not match its digest: it was changed`
  )
}
