/**
 * What an engine does to the ledger, without sending anything: it claims, and writes down answers and receipts that a test
 * makes up, by the statements of the real one. It keeps its own account of every recipient, written a second time from the
 * product's words and not from rules/ledger.sql, so that the two can be compared.
 */
import { Effect } from "effect"
import { AttemptColumns, ReceiptColumns } from "#schema/ledger/Columns.ts"
import { type ClaimedBlock, claim, giveBack, isRest } from "#schema/ledger/Door.ts"
import { type BlockChange, encodeFlush, type ParkedColumns, record } from "#schema/ledger/Outcomes.ts"
import type { SampleChannel } from "./sampleCampaign.ts"

/** a accepted, r rejected, t temporary, u no answer */
export type Verdict = "a" | "r" | "t" | "u"

export interface Answer {
  readonly nth: number
  readonly part: number
  readonly verdict: Verdict
}

export interface Receipt {
  readonly nth: number
  readonly part: number
  /** SMPP 3.4, 5.2.28 */
  readonly state: number
}

const FINAL: Readonly<Record<number, string>> = { 2: "d", 3: "e", 4: "u", 5: "u", 7: "k", 8: "r", [-1]: "k" }
const WORST_FIRST = "ruekd"
const STATUS: Record<Verdict, number> = { a: 0, r: 0x0b, t: 0x58, u: -1 }

/** What is known about one part of one recipient. */
interface Part {
  tries: number
  verdict: Verdict | undefined
  /** the letter of its final receipt */
  receipt: string | undefined
}

/** Parts that everybody gets, or that recipient seq does. */
export type Segments = number | ((seq: number) => number)

export class PretendBlock {
  readonly claimed: ClaimedBlock
  readonly parts: ReadonlyArray<ReadonlyArray<Part>>
  readonly suppressed: ReadonlySet<number>
  readonly returned = new Set<number>()
  /** of each recipient, an octet in hex, where they differ */
  readonly partsInHex: string | undefined
  private clock = 0

  constructor(claimed: ClaimedBlock, segments: Segments) {
    this.claimed = claimed
    const numbers = claimed.numbers.split(",")
    this.suppressed = new Set(numbers.flatMap((digits, nth) => (digits === "" ? [nth] : [])))
    const counts = numbers.map((_, nth) => (typeof segments === "number" ? segments : segments(claimed.firstSeq + nth)))
    this.parts = counts.map((length) =>
      Array.from({ length }, () => ({ tries: 0, verdict: undefined, receipt: undefined }))
    )
    this.partsInHex = typeof segments === "number" ? undefined : Buffer.from(counts).toString("hex")
  }

  letter(nth: number): string {
    if (this.returned.has(nth)) return "-"
    if (this.suppressed.has(nth)) return "s"
    const parts = this.parts[nth]!
    if (parts.some(({ verdict }) => verdict === undefined || verdict === "t")) return "w"
    if (parts.some(({ receipt, verdict }) => verdict === "a" && receipt === undefined)) return "a"
    const ends = parts.map(({ receipt, verdict }) => (verdict === "r" ? "r" : verdict === "u" ? "k" : receipt!))
    return Array.from(WORST_FIRST).find((letter) => ends.includes(letter))!
  }

  get letters(): string {
    return Array.from(this.parts, (_, nth) => this.letter(nth)).join("")
  }

  /** Recipients of whom every part was accepted. */
  get accepted(): number {
    return this.parts.filter((parts, nth) => !this.returned.has(nth) && parts.every(({ verdict }) => verdict === "a"))
      .length
  }

  /** An id as an operator gives it. */
  messageId(nth: number, part: number): string {
    return `${this.claimed.id.toString(16)}-${nth}-${part}`
  }

  answered({ nth, part, verdict }: Answer, columns: AttemptColumns): void {
    const known = this.parts[nth]![part - 1]!
    known.verdict = verdict
    const id = verdict === "a" ? this.messageId(nth, part) : ""
    columns.push(nth, part, ++known.tries, 0, verdict.charCodeAt(0), STATUS[verdict], id, this.clock, ++this.clock)
  }

  /** The first final receipt stands. */
  receipted({ nth, part, state }: Receipt, columns: ReceiptColumns): void {
    this.parts[nth]![part - 1]!.receipt ??= FINAL[state]
    columns.push(nth, part, state, state === 2 ? "000" : "011", ++this.clock)
  }
}

export interface Happened {
  readonly block: PretendBlock
  readonly answers?: ReadonlyArray<Answer>
  readonly receipts?: ReadonlyArray<Receipt>
}

const counted = ["delivered", "undelivered", "expired", "rejected", "unknown"] as const
const letterOf = { delivered: "d", undelivered: "u", expired: "e", rejected: "r", unknown: "k" } as const
const count = (letters: string, letter: string) => letters.split(letter).length - 1

/** One owner of one channel. Its effects want the engine's SqlClient. */
export class PretendEngine {
  readonly channel: SampleChannel
  readonly segments: Segments
  /** in memory: claimed, and not yet finished or forgotten */
  readonly blocks = new Set<PretendBlock>()
  flushes = 0

  constructor(channel: SampleChannel, segments: Segments = 1) {
    this.channel = channel
    this.segments = segments
  }

  claim(laneId: number, limit: number) {
    return Effect.map(claim(this.channel.channelId, this.channel.epoch, laneId, limit), (claimed) => {
      if (claimed === undefined || isRest(claimed)) return undefined
      const block = new PretendBlock(claimed, this.segments)
      this.blocks.add(block)
      return block
    })
  }

  /** Commits what happened to some blocks as one flush. Gives the flush's arguments, to be said again. */
  flush(happened: ReadonlyArray<Happened>, parked?: ParkedColumns) {
    return Effect.suspend(() => {
      const blocks = happened.map((it) => this.change(it))
      const { channelId, epoch } = this.channel
      const encoded = encodeFlush(channelId, epoch, { number: ++this.flushes, blocks, parked })
      return Effect.as(record(encoded), encoded)
    })
  }

  /** Gives recipients back who have no answer, as a stop or a drain does, and counts the block anew. */
  giveBack(block: PretendBlock, nths: ReadonlyArray<number>) {
    const { claimed } = block
    const ranges = nths.map((nth) => ({ from: claimed.firstSeq + nth, to: claimed.firstSeq + nth + 1 }))
    return Effect.andThen(
      giveBack(this.channel.channelId, this.channel.epoch, claimed, ranges),
      Effect.suspend(() => {
        for (const nth of nths) block.returned.add(nth)
        return this.flush([{ block }])
      })
    )
  }

  private change({ answers = [], block, receipts = [] }: Happened): BlockChange {
    const before = { letters: block.letters, accepted: block.accepted }
    const attempted = new AttemptColumns()
    for (const answer of answers) block.answered(answer, attempted)
    const received = new ReceiptColumns()
    for (const receipt of receipts) block.receipted(receipt, received)
    const letters = block.letters
    const finished = !/[aw]/.test(letters)
    if (finished) this.blocks.delete(block)
    const grown = Object.fromEntries(
      counted.map((name) => [name, count(letters, letterOf[name]) - count(before.letters, letterOf[name])])
    ) as Record<(typeof counted)[number], number>
    return {
      id: block.claimed.id,
      month: block.claimed.month,
      attempts: answers.length === 0 ? undefined : attempted,
      receipts: receipts.length === 0 ? undefined : received,
      accepted: block.accepted - before.accepted,
      ...grown,
      closed: !letters.includes("w"),
      outcomes: finished ? letters : null,
      parts: block.partsInHex
    }
  }
}
