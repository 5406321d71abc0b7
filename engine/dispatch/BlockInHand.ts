/**
 * A claimed block while this engine has it: who has been submitted, who has answered, whose receipt is in.
 *
 * Promises: `open` is how many recipients lack an outcome of submission, `moving` how many lack their final outcome, and
 * the deltas are what has changed in the block's counters since they were last taken. It follows the rule of
 * `schema/rules/ledger.sql` to the letter (a test compares them): a recipient of several parts waits for all of them and
 * then has the outcome of its worst part.
 *
 * A recipient's letter goes  w ──all parts answered──▶ a ──all receipts in──▶ d k e u r,  or  w ──▶ k r (nothing was
 * accepted), or w ──▶ '-' (gone back to its lane). 's' never moves: the door kept it back.
 */

import type { SubmitTemplate } from "#engine/smpp/submit.ts"
import type { AttemptColumns, ReceiptColumns } from "#schema/ledger/Columns.ts"
import type { ClaimedBlock } from "#schema/ledger/Door.ts"
import type { Content } from "./Content.ts"
import type { PersonalBlock } from "./PersonalBlock.ts"

const letter = (s: string) => s.charCodeAt(0)
const WAITING = letter("w")
const ACCEPTED = letter("a")
const SUPPRESSED = letter("s")
const GONE_BACK = letter("-")
const COMMA = letter(",")

/** Ranks of a part's outcome, from best to worst; their letters in the same order. */
export const Rank = { delivered: 0, unknown: 1, expired: 2, undelivered: 3, rejected: 4 } as const
const FINAL_LETTERS = Array.from("dkeur", letter)

/** Seqs from `from` up to, not including, `to`. */
export interface SeqRange {
  from: number
  to: number
}

export class BlockInHand {
  readonly id: number
  readonly month: string
  readonly laneId: number
  readonly firstSeq: number
  readonly size: number
  readonly content: Content
  /** where each recipient gets a text of their own */
  readonly personal: PersonalBlock | undefined
  /** ASCII digits of every recipient; those of nth are [starts[nth], starts[nth + 1] - 1) */
  readonly digits: Buffer
  readonly starts: Int32Array
  /** local monotonic ms at which the claim came in; attempts and receipts count from here */
  readonly claimedAt: number
  /** monotonic ms from which its first message may leave, and ms from one recipient's to the next one's; 0: not paced */
  readonly startsAt: number
  readonly spacing: number
  /** ahead of what was claimed before it */
  readonly isUrgent: boolean
  /** index under which tokens find this block; given by the channel's BlockTable */
  slot = -1
  /** next recipient to submit, and how many of its parts have been; none from `until` on */
  nextNth = 0
  nextPart = 0
  until: number
  /** what was never submitted of it is on its way back to its lane */
  isGoingBack = false
  open = 0
  moving = 0
  accepted = 0
  delivered = 0
  undelivered = 0
  expired = 0
  rejected = 0
  unknown = 0
  /** something to flush; something is on its way to Postgres */
  dirty = false
  flushing = false
  attempts: AttemptColumns | undefined
  receipts: ReceiptColumns | undefined
  readonly tries: Uint16Array
  /** what all of them get, one a part */
  private readonly templates: ReadonlyArray<SubmitTemplate>
  private partsTold = false
  private readonly letters: Buffer
  private readonly partsUnanswered: Uint8Array
  private readonly partsAccepted: Uint8Array
  private readonly receiptsDue: Uint8Array
  private readonly worst: Uint8Array

  constructor(
    claimed: ClaimedBlock,
    content: Content,
    claimedAt: number,
    isUrgent = false,
    personal: PersonalBlock | undefined = undefined
  ) {
    this.id = claimed.id
    this.month = claimed.month
    this.laneId = claimed.laneId
    this.firstSeq = claimed.firstSeq
    this.size = claimed.recipients
    this.until = this.size
    this.content = content
    this.personal = personal
    this.templates = content.templates
    this.claimedAt = claimedAt
    this.startsAt = claimedAt + claimed.delayMs
    this.spacing = claimed.spacingMs
    this.isUrgent = isUrgent
    this.digits = Buffer.from(claimed.numbers, "latin1")
    this.starts = new Int32Array(this.size + 1)
    this.letters = Buffer.alloc(this.size, WAITING)
    this.tries = new Uint16Array(this.size).fill(1)
    this.partsUnanswered = personal?.parts.slice() ?? new Uint8Array(this.size).fill(content.templates.length)
    this.partsAccepted = new Uint8Array(this.size)
    this.receiptsDue = new Uint8Array(this.size)
    this.worst = new Uint8Array(this.size)
    let nth = 0
    for (let i = 0; i < this.digits.length; i++) if (this.digits[i] === COMMA) this.starts[++nth] = i + 1
    this.starts[this.size] = this.digits.length + 1
    for (nth = 0; nth < this.size; nth++) {
      if (this.starts[nth + 1]! - this.starts[nth]! > 1) this.open++
      else this.letters[nth] = SUPPRESSED
    }
    this.moving = this.open
  }

  /** Its messages have a time to leave. */
  get isPaced(): boolean {
    return this.spacing > 0 || this.startsAt > this.claimedAt
  }

  /** Every recipient has an outcome of submission. */
  get closed(): boolean {
    return this.open === 0
  }

  /** Every recipient has its final outcome. */
  get finished(): boolean {
    return this.moving === 0
  }

  /** Closed, and all that is known of it is committed: the database may go on with it alone. */
  get onRecord(): boolean {
    return this.closed && !this.dirty && !this.flushing
  }

  /** Parts of this recipient's message. */
  partsOf(nth: number): number {
    return this.personal === undefined ? this.templates.length : this.personal.parts[nth]!
  }

  /** What goes on the wire as a part (from 0) of this recipient's message. */
  template(nth: number, part: number): SubmitTemplate {
    return this.personal === undefined ? this.templates[part]! : this.personal.template(nth, part)
  }

  /** Parts of all its messages. */
  get messages(): number {
    return this.personal === undefined ? this.size * this.templates.length : this.personal.messages
  }

  /** What the ledger has to be told of its messages' parts, once: an octet each in hex; undefined when there is nothing to tell. */
  tellParts(): string | undefined {
    if (this.personal === undefined || this.partsTold) return undefined
    this.partsTold = true
    return Buffer.from(this.personal.parts).toString("hex")
  }

  /** Parts of this recipient's message that have no answer for good. */
  unanswered(nth: number): number {
    return this.partsUnanswered[nth]!
  }

  /** Moves the cursor on to the next recipient that waits; false at the end. */
  seek(): boolean {
    while (this.nextNth < this.until && this.letters[this.nextNth] !== WAITING) this.nextNth++
    return this.nextNth < this.until
  }

  /** Recipients that the cursor has not come to, those that the door kept back among them. */
  get left(): number {
    return this.until - this.nextNth
  }

  /** Message parts to submit: of the recipients that wait from the cursor on, but for the parts of the first that are out. */
  get partsLeft(): number {
    let parts = -this.nextPart
    for (let nth = this.nextNth; nth < this.until; nth++) if (this.letters[nth] === WAITING) parts += this.partsOf(nth)
    return parts
  }

  /** A part was accepted by the operator: its receipt is due. */
  partAccepted(nth: number): void {
    this.partsAccepted[nth]!++
    this.receiptsDue[nth]!++
    this.partAnswered(nth)
  }

  /** A part will not be accepted: `rejected` for good, or `unknown` because no answer came. */
  partFailed(nth: number, rank: number): void {
    if (rank > this.worst[nth]!) this.worst[nth] = rank
    this.partAnswered(nth)
  }

  /** The final receipt of an accepted part. */
  partReceipted(nth: number, rank: number): void {
    if (rank > this.worst[nth]!) this.worst[nth] = rank
    this.receiptsDue[nth]!--
    this.settle(nth)
  }

  /**
   * Passes over every recipient of whom nothing was submitted; gives their seqs. They wait until `gaveBack`. One of whose message some
   * parts are out remains.
   */
  passOverRest(): Array<SeqRange> {
    const ranges: Array<SeqRange> = []
    const from = this.nextPart > 0 ? this.nextNth + 1 : this.nextNth
    for (let nth = from; nth < this.until; nth++) {
      if (this.letters[nth] !== WAITING) continue
      const seq = this.firstSeq + nth
      const last = ranges.at(-1)
      if (last !== undefined && last.to === seq) last.to++
      else ranges.push({ from: seq, to: seq + 1 })
    }
    this.until = from
    this.isGoingBack = true
    return ranges
  }

  /** These recipients, of whom nothing was accepted and nothing is under way, are back in their lane. */
  gaveBack(ranges: ReadonlyArray<SeqRange>): void {
    for (const { from, to } of ranges) {
      this.letters.fill(GONE_BACK, from - this.firstSeq, to - this.firstSeq)
      this.open -= to - from
      this.moving -= to - from
    }
  }

  /** The recipient's number, as a double: for comparing with a receipt's. */
  msisdn(nth: number): number {
    let n = 0
    for (let i = this.starts[nth]!; i < this.starts[nth + 1]! - 1; i++) n = n * 10 + this.digits[i]! - 48
    return n
  }

  /** A letter a recipient, in order: what `block.outcomes` holds once finished. */
  outcomes(): string {
    return this.letters.toString("latin1")
  }

  /** Forgets the deltas, after they were put into a flush. */
  clearDeltas(): void {
    this.accepted = this.delivered = this.undelivered = this.expired = this.rejected = this.unknown = 0
  }

  private partAnswered(nth: number): void {
    if (--this.partsUnanswered[nth]! > 0) return
    this.open--
    this.letters[nth] = ACCEPTED
    if (this.partsAccepted[nth] === this.partsOf(nth)) this.accepted++
    this.settle(nth)
  }

  private settle(nth: number): void {
    if (this.partsUnanswered[nth]! > 0 || this.receiptsDue[nth]! > 0) return
    const worst = this.worst[nth]!
    this.letters[nth] = FINAL_LETTERS[worst]!
    this.moving--
    if (worst === Rank.delivered) this.delivered++
    else if (worst === Rank.undelivered) this.undelivered++
    else if (worst === Rank.expired) this.expired++
    else if (worst === Rank.rejected) this.rejected++
    else this.unknown++
  }
}
