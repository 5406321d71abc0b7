/**
 * All that can be checked of one chain, rows in their order, each looked at once: the chain itself, the checkpoints given, the signed
 * decisions, that no ledger was sealed twice. Fails with the first bad row; at the end says what was found, to be told.
 */
import { Effect } from "effect"
import { type AuditFault, type AuditRow, fault } from "./AuditRow.ts"
import { Chain, type ChainCounts } from "./Chain.ts"
import { type Checkpoint, checkpointWords, wrongSignature } from "./Checkpoint.ts"
import { Decisions } from "./Decisions.ts"
import { digestIn, factsOf, saysOnce, wholeIn } from "./Facts.ts"
import { faultOf, type SignedDecision } from "./SignedDecision.ts"

export interface Expected {
  readonly workspaceId: number
  /** Of this workspace. */
  readonly checkpoints: ReadonlyArray<Checkpoint>
  /** The public key (hex) that all of them must be by; undefined: each by the one it names. */
  readonly key: string | undefined
}

/** The row that sealed a campaign's ledger, and the root of its tree by number; bytes are hex. */
export interface Seal {
  readonly seq: number
  readonly hash: string
  readonly byNumber: string
}

export interface Findings extends ChainCounts {
  readonly checkpoints: {
    /** Their rows are here, or the one before the first is vouched for. */
    readonly held: number
    /** Of rows that were dropped: only their signatures were checked. */
    readonly ofDropped: number
    /** The newest row that one of them vouches for, and with it all before; 0 where none does. */
    readonly upTo: number
    readonly keys: ReadonlyArray<string>
  }
  readonly decisions: {
    readonly signed: number
    readonly unsigned: number
    /** Signed with a passkey that was introduced in rows that are not here, and that no row about a cut carries. */
    readonly uncheckable: number
    /** Where they were signed. */
    readonly origins: ReadonlyArray<string>
  }
  /** By campaign. */
  readonly seals: ReadonlyMap<number, Seal>
}

export class Verification {
  private readonly chain: Chain
  private readonly passkeys = new Decisions()
  private readonly bySeq: ReadonlyMap<number, ReadonlyArray<Checkpoint>>
  private readonly expected: Expected
  private readonly origins = new Set<string>()
  private held = 0
  private upTo = 0
  private signed = 0
  private unsigned = 0
  private uncheckable = 0
  private readonly seals = new Map<number, Seal>()

  constructor(expected: Expected) {
    this.expected = expected
    this.bySeq = Map.groupBy(expected.checkpoints, ({ seq }) => seq)
    this.chain = new Chain(expected.workspaceId, (seq, hash) => this.vouched(seq, hash))
  }

  /** The next rows. */
  take(rows: ReadonlyArray<AuditRow>): Effect.Effect<void, AuditFault> {
    return Effect.suspend(() => {
      const toCheck: Array<SignedDecision> = []
      let found: AuditFault | undefined
      for (const row of rows) {
        found = this.chain.take(row) ?? saidTwice(row) ?? this.checkpointsAt(row) ?? this.understood(row, toCheck)
        if (found !== undefined) break
      }
      // the rows before the one that was found come first
      return Effect.andThen(this.check(toCheck), found === undefined ? Effect.void : Effect.fail(found))
    })
  }

  /** After the last row. */
  end(): Effect.Effect<Findings, AuditFault> {
    return Effect.suspend(() => {
      const wrong = this.chain.end() ?? this.decisionsLeft() ?? this.checkpointsElsewhere()
      return wrong === undefined ? Effect.succeed(this.findings) : Effect.fail(wrong)
    })
  }

  private get findings(): Findings {
    const { checkpoints } = this.expected
    return {
      ...this.chain.counts,
      checkpoints: {
        held: this.held,
        ofDropped: checkpoints.length - this.held,
        upTo: this.upTo,
        keys: [...new Set(checkpoints.map((checkpoint) => checkpoint.public_key))]
      },
      decisions: {
        signed: this.signed,
        unsigned: this.unsigned,
        uncheckable: this.uncheckable,
        origins: [...this.origins]
      },
      seals: this.seals
    }
  }

  private check(decisions: ReadonlyArray<SignedDecision>): Effect.Effect<void, AuditFault> {
    return Effect.forEach(
      decisions,
      (decision) =>
        Effect.flatMap(faultOf(decision), (wrong) => {
          if (wrong !== undefined) return Effect.fail(wrong)
          this.signed++
          this.origins.add(decision.assertion.origin)
          return Effect.void
        }),
      { discard: true }
    )
  }

  private understood(row: AuditRow, toCheck: Array<SignedDecision>): AuditFault | undefined {
    if (row.action === "ledger.seal") return this.seal(row)
    const heard = this.passkeys.hear(row, this.chain.headIsThere)
    if (heard === undefined) return undefined
    switch (heard._tag) {
      case "Signed":
        toCheck.push(...heard.signed)
        return undefined
      case "Unsigned":
        this.unsigned++
        return undefined
      case "Wrong":
        return heard.fault
    }
  }

  private decisionsLeft(): AuditFault | undefined {
    const left = this.passkeys.end()
    if (typeof left !== "number") return left
    this.uncheckable = left
    return undefined
  }

  private seal(row: AuditRow): AuditFault | undefined {
    const facts = factsOf(row)
    const campaignId = wholeIn(facts, "campaign_id")
    const byNumber = digestIn(facts, "by_number")
    if (campaignId === undefined || byNumber === undefined || digestIn(facts, "root") === undefined) {
      return fault(
        row.seq,
        "facts",
        `row ${row.seq} (ledger.seal) does not say campaign_id, root and by_number in its facts`
      )
    }
    const before = this.seals.get(campaignId)
    if (before !== undefined) {
      const again = `row ${row.seq} seals the ledger of campaign ${campaignId} again: row ${before.seq} did so once and for all`
      return fault(row.seq, "seal", again)
    }
    this.seals.set(campaignId, { seq: row.seq, hash: row.hash, byNumber })
    return undefined
  }

  private checkpointsAt(row: AuditRow): AuditFault | undefined {
    for (const checkpoint of this.bySeq.get(row.seq) ?? []) {
      const wrong = this.wrongCheckpoint(checkpoint)
      if (wrong !== undefined) return wrong
      if (checkpoint.hash !== row.hash) {
        return fault(
          row.seq,
          "checkpoint",
          `row ${row.seq} is not the one that ${checkpointWords(checkpoint)} was signed for: the chain up to it was written anew`
        )
      }
      this.held++
      this.upTo = row.seq
    }
    return undefined
  }

  /** Those of rows that are not here. */
  private checkpointsElsewhere(): AuditFault | undefined {
    const { first, last } = this.chain.counts
    const begin = first?.seq ?? 1
    const end = last?.seq ?? 0
    const elsewhere = this.expected.checkpoints.filter(({ seq }) => seq < begin || seq > end)
    for (const checkpoint of elsewhere.toSorted((a, b) => a.seq - b.seq)) {
      const wrong = this.wrongCheckpoint(checkpoint)
      if (wrong !== undefined) return wrong
      if (checkpoint.seq > end) {
        return fault(
          checkpoint.seq,
          "end",
          `row ${checkpoint.seq} is missing: ${checkpointWords(checkpoint)} was signed for it, and the chain ends with row ${end}`
        )
      }
      if (checkpoint.seq < begin - 1) continue
      if (checkpoint.hash !== first?.previous) {
        return fault(
          begin,
          "checkpoint",
          `row ${begin} does not follow the row that ${checkpointWords(checkpoint)} was signed for`
        )
      }
      this.held++
    }
    return undefined
  }

  private wrongCheckpoint(checkpoint: Checkpoint): AuditFault | undefined {
    const wrong = wrongSignature(checkpoint, this.expected.key)
    return wrong === undefined
      ? undefined
      : fault(checkpoint.seq, "checkpoint", `${checkpointWords(checkpoint)} ${wrong}`)
  }

  private vouched(seq: number, hash: string): boolean {
    return (this.bySeq.get(seq) ?? []).some(
      (checkpoint) => checkpoint.hash === hash && wrongSignature(checkpoint, this.expected.key) === undefined
    )
  }
}

/** The rules write JSON in one form; in another, somebody could be shown what was not read here. */
const saidTwice = ({ action, facts, personal, seq }: AuditRow): AuditFault | undefined => {
  if (!saysOnce(facts)) {
    return fault(seq, "facts", `the facts of row ${seq} (${action}) say a key twice, or are no JSON`)
  }
  return personal === null || saysOnce(personal)
    ? undefined
    : fault(seq, "personal", `the personal part of row ${seq} (${action}) says a key twice, or is no JSON`)
}
