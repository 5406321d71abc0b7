/**
 * What a channel has claimed and not submitted: blocks in the order of their claims, and messages to be submitted again.
 * It says which message part is next, and gives back what is wanted no more.
 *
 * Promises: `waiting` is how many recipients (and refused parts) lie here; a message's every part comes out before the next
 * message's first; what has an answer for good never goes back, and what may have reached the operator goes back marked.
 */
import type { BlockInHand, SeqRange } from "./BlockInHand.ts"
import { type BlockTable, nthOf, partOf, tokenOf } from "./BlockTable.ts"
import { Retries } from "./Retries.ts"

/** Recipients on their way back to their lane. */
export interface GoingBack {
  readonly block: BlockInHand
  readonly ranges: ReadonlyArray<SeqRange>
  /** an answer of theirs was lost: whoever claims them sends them again, and says so */
  readonly resend: boolean
}

/** What becomes of messages that can't go back whole. */
export interface HalfSent {
  /** Half of this block's next message is out: the other half has to follow. */
  finish(block: BlockInHand): void
  /** This part was refused, or its answer was lost, and it is not tried again. */
  giveUp(token: number, wasLost: boolean): void
}

/** `attempt.try` is an int2: what is throttled for hours stays at the most it can say. */
const MOST_TRIES = 2 ** 15 - 1

export class Backlog {
  waiting = 0
  readonly retries = new Retries()
  private readonly queue: Array<BlockInHand> = []
  private head = 0
  private readonly table: BlockTable

  constructor(table: BlockTable) {
    this.table = table
  }

  /** Whether there is a message that was never submitted. */
  get hasNew(): boolean {
    return this.head < this.queue.length
  }

  /** Recipients that were never submitted. */
  get untouched(): number {
    let n = 0
    for (let i = this.head; i < this.queue.length; i++) n += this.queue[i]!.size - this.queue[i]!.nextNth
    return n
  }

  /** A claimed block, behind those before it. False: all of it was kept back by the door. */
  add(block: BlockInHand): boolean {
    this.waiting += block.open
    if (!block.seek()) return false
    this.queue.push(block)
    return true
  }

  /** A part that `retries` has got waits for another try. */
  again(token: number): void {
    const { tries } = this.table.blockOf(token)
    const nth = nthOf(token)
    if (tries[nth]! < MOST_TRIES) tries[nth]!++
    this.waiting++
  }

  /** The token of the next message part to submit, or -1. */
  next(now: number): number {
    const block = this.queue[this.head]
    if (block === undefined || block.nextPart === 0) {
      const retry = this.retries.due(now)
      if (retry >= 0) {
        this.waiting--
        return retry
      }
    }
    if (block === undefined) return -1
    const token = tokenOf(block.slot, block.nextPart, block.nextNth)
    if (++block.nextPart === block.content.templates.length) {
      this.passed(block)
      if (!block.seek()) this.shift()
    }
    return token
  }

  /** The block's next message is out, all of it. */
  passed(block: BlockInHand): void {
    block.nextPart = 0
    block.nextNth++
    this.waiting--
  }

  /** Takes out what blocks that are wanted no more have here. It is still theirs until it is back in its lane. */
  takeBack(unwanted: (block: BlockInHand) => boolean, halfSent: HalfSent, now: number): Array<GoingBack> {
    return [...this.takeNew(unwanted, halfSent), ...this.takeRetries(unwanted, halfSent, now)]
  }

  /** Likewise, only of what was never submitted. */
  takeNew(unwanted: (block: BlockInHand) => boolean, halfSent: Pick<HalfSent, "finish">): Array<GoingBack> {
    const back: Array<GoingBack> = []
    const all = this.queue.slice(this.head)
    this.queue.length = this.head = 0
    for (const block of all) {
      if (!unwanted(block)) {
        this.queue.push(block)
        continue
      }
      if (block.nextPart > 0) {
        halfSent.finish(block)
        this.passed(block)
      }
      const ranges = block.passOverRest()
      for (const { from, to } of ranges) this.waiting -= to - from
      if (ranges.length > 0) back.push({ block, ranges, resend: false })
    }
    return back
  }

  private takeRetries(unwanted: (block: BlockInHand) => boolean, halfSent: HalfSent, now: number): Array<GoingBack> {
    const back: Array<GoingBack> = []
    const taken = this.retries.takeAll((token) => unwanted(this.table.blockOf(token)))
    // without its part a token is its recipient
    for (const tokens of Map.groupBy(taken, (token) => token - tokenOf(0, partOf(token), 0)).values()) {
      const block = this.table.blockOf(tokens[0]!)
      const nth = nthOf(tokens[0]!)
      if (tokens.length === block.content.templates.length) {
        const seq = block.firstSeq + nth
        const resend = tokens.some((token) => this.retries.wasLost(token))
        back.push({ block, ranges: [{ from: seq, to: seq + 1 }], resend })
        for (const token of tokens) this.retries.settled(token)
        this.waiting -= tokens.length
      } else if (block.unanswered(nth) === tokens.length) {
        // its other parts have their answers: it can't go back whole, and half of it is not sent
        for (const token of tokens) halfSent.giveUp(token, this.retries.wasLost(token))
        this.waiting -= tokens.length
      }
      // parts of it are on their way: with their answers, the next look decides
      else for (const token of tokens) this.retries.uncounted(token, now)
    }
    return joined(back)
  }

  private shift(): void {
    this.queue[this.head++] = undefined as never
    if (this.head < this.queue.length && this.head < 64) return
    this.queue.splice(0, this.head)
    this.head = 0
  }
}

/** One for all of a block's that go back in the same way, so that they go in one statement. */
const joined = (back: ReadonlyArray<GoingBack>): Array<GoingBack> =>
  [...Map.groupBy(back, ({ block, resend }) => `${block.id} ${resend}`).values()].map((same) => ({
    ...same[0]!,
    ranges: same.flatMap(({ ranges }) => ranges)
  }))
