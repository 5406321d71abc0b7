/**
 * What a channel has claimed and not submitted: urgent blocks first, then messages to be submitted again, then those whose time
 * has come, then the others in the order of their claims. It says which message part is next, and gives back what is wanted no more.
 *
 * Promises: `waiting` is how many recipients (and refused parts) lie here, `waitingForTime` how many of them have a time of their own;
 * of a block a message's every part comes out before the next message's first; what has an answer for good never goes back, and what
 * may have reached the operator goes back marked.
 */
import type { BlockInHand, SeqRange } from "./BlockInHand.ts"
import { type BlockTable, nthOf, partOf, tokenOf } from "./BlockTable.ts"
import type { Ceiling } from "./Ceilings.ts"
import { Paced } from "./Paced.ts"
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
  waitingForTime = 0
  readonly retries = new Retries()
  private readonly urgent = new BlockQueue()
  private readonly paced = new Paced()
  private readonly bulk = new BlockQueue()
  private readonly table: BlockTable
  /** as `takeBack` was told last: what is refused, or whose answer is lost, only after that is not submitted again either */
  private unwanted: (block: BlockInHand) => boolean = () => false

  constructor(table: BlockTable) {
    this.table = table
  }

  /** Milliseconds until a message may be submitted; undefined when none waits. */
  wait(now: number): number | undefined {
    if (this.urgent.first !== undefined || this.bulk.first !== undefined) return 0
    const paced = this.paced.wait(now)
    const retry = this.retries.wait(now)
    return paced === undefined || retry === undefined ? (paced ?? retry) : Math.min(paced, retry)
  }

  /** Recipients (and parts to submit again) by why they wait, those that the door kept back among them: for who watches. */
  get waitingByKind(): { urgent: number; retry: number; paced: number; bulk: number } {
    return {
      urgent: leftIn(this.urgent),
      retry: this.retries.size,
      paced: leftIn(this.paced),
      bulk: this.untouched
    }
  }

  /** Whether something urgent may be submitted now. */
  get hasUrgent(): boolean {
    return this.urgent.first !== undefined
  }

  /** Recipients that were never submitted and have no time of their own. */
  get untouched(): number {
    return leftIn(this.bulk)
  }

  /** From now on these lanes are below these ceilings, and others below none. */
  limit(ceilings: ReadonlyMap<number, ReadonlyArray<Ceiling>>): void {
    this.paced.limit(ceilings)
  }

  /** Whether what has a time of its own leaves later: there is more of it than the channel takes. */
  isBehind(now: number): boolean {
    return this.paced.isBehind(now)
  }

  /** By how many ms a lane's messages leave later than their slots. */
  lateOf(laneId: number): number {
    return this.paced.lateOf(laneId)
  }

  /** A claimed block, behind those before it of its kind. False: all of it was kept back by the door. */
  add(block: BlockInHand): boolean {
    this.count(block, block.open)
    if (!block.seek()) return false
    if (block.isPaced) this.paced.add(block)
    else (block.isUrgent ? this.urgent : this.bulk).push(block)
    return true
  }

  /** A part that `retries` has got waits for another try. */
  again(token: number): void {
    const block = this.table.blockOf(token)
    const nth = nthOf(token)
    if (block.tries[nth]! < MOST_TRIES) block.tries[nth]!++
    this.count(block, 1)
  }

  /** The token of the next message part to submit, or -1. */
  next(now: number): number {
    const { bulk, paced, urgent } = this
    const begun = bulk.first
    if (begun !== undefined && begun.nextPart > 0) return this.nextOf(begun, bulk)
    if (urgent.first !== undefined) return this.nextOf(urgent.first, urgent)
    const retry = this.nextAgain(now)
    if (retry >= 0) {
      this.count(this.table.blockOf(retry), -1)
      return retry
    }
    const due = paced.due(now)
    if (due !== undefined) {
      const parts = due.partsOf(due.nextNth)
      const token = this.advance(due)
      const isLast = due.nextPart === 0
      paced.left(now, { isLast, exhausted: isLast && !due.seek(), parts })
      return token
    }
    return begun === undefined ? -1 : this.nextOf(begun, bulk)
  }

  /** The next part to submit again, or -1: what has a time of its own in its lane's slots, and of what is wanted no more none. */
  private nextAgain(now: number): number {
    for (let retry = this.retries.due(now); retry >= 0; retry = this.retries.due(now)) {
      const block = this.table.blockOf(retry)
      // it stays until it is taken back
      if (this.unwanted(block)) this.retries.uncounted(retry, now)
      // a ceiling may have come after the block
      else if (block.isPaced || this.paced.isLimited(block.laneId)) this.paced.again(block, retry, now)
      else return retry
    }
    const token = this.paced.dueAgain(now)
    if (token >= 0) this.paced.leftAgain(now)
    return token
  }

  private nextOf(block: BlockInHand, queue: BlockQueue): number {
    const token = this.advance(block)
    if (block.nextPart === 0 && !block.seek()) queue.shift()
    return token
  }

  /** The block's next part is out. */
  private advance(block: BlockInHand): number {
    const token = tokenOf(block.slot, block.nextPart, block.nextNth)
    if (++block.nextPart === block.partsOf(block.nextNth)) this.passed(block)
    return token
  }

  /** The block's next message is out, all of it. */
  passed(block: BlockInHand): void {
    block.nextPart = 0
    block.nextNth++
    this.count(block, -1)
  }

  private count(block: BlockInHand, recipients: number): void {
    this.waiting += recipients
    if (block.isPaced) this.waitingForTime += recipients
  }

  /** Takes out what blocks that are wanted no more have here. It is still theirs until it is back in its lane. */
  takeBack(unwanted: (block: BlockInHand) => boolean, halfSent: HalfSent, now: number): Array<GoingBack> {
    this.unwanted = unwanted
    return [...this.takeNew(unwanted, halfSent), ...this.takeRetries(unwanted, halfSent, now)]
  }

  /** Likewise, only of what was never submitted. */
  takeNew(unwanted: (block: BlockInHand) => boolean, halfSent: Pick<HalfSent, "finish">): Array<GoingBack> {
    const back: Array<GoingBack> = []
    const takenOut = [...this.urgent, ...this.paced, ...this.bulk].filter(unwanted)
    if (takenOut.length === 0) return back
    const out = new Set(takenOut)
    for (const kind of [this.urgent, this.paced, this.bulk]) kind.keep((block) => !out.has(block))
    for (const block of takenOut) {
      if (block.nextPart > 0) {
        halfSent.finish(block)
        this.passed(block)
      }
      const ranges = block.passOverRest()
      for (const { from, to } of ranges) this.count(block, from - to)
      if (ranges.length > 0) back.push({ block, ranges, resend: false })
    }
    return back
  }

  private takeRetries(unwanted: (block: BlockInHand) => boolean, halfSent: HalfSent, now: number): Array<GoingBack> {
    const back: Array<GoingBack> = []
    const isUnwanted = (token: number) => unwanted(this.table.blockOf(token))
    const taken = [...this.retries.takeAll(isUnwanted), ...this.paced.takeAgain(isUnwanted)]
    // without its part a token is its recipient
    for (const tokens of Map.groupBy(taken, (token) => token - tokenOf(0, partOf(token), 0)).values()) {
      const block = this.table.blockOf(tokens[0]!)
      const nth = nthOf(tokens[0]!)
      if (tokens.length === block.partsOf(nth)) {
        const seq = block.firstSeq + nth
        const resend = tokens.some((token) => this.retries.wasLost(token))
        back.push({ block, ranges: [{ from: seq, to: seq + 1 }], resend })
        for (const token of tokens) this.retries.settled(token)
        this.count(block, -tokens.length)
      } else if (block.unanswered(nth) === tokens.length) {
        // its other parts have their answers: it can't go back whole, and half of it is not sent
        for (const token of tokens) halfSent.giveUp(token, this.retries.wasLost(token))
        this.count(block, -tokens.length)
      }
      // parts of it are on their way: with their answers, the next look decides
      else for (const token of tokens) this.retries.uncounted(token, now)
    }
    return joined(back)
  }
}

/** Blocks in their order; the first ones are dropped together now and then. */
class BlockQueue {
  private blocks: Array<BlockInHand> = []
  private head = 0

  get first(): BlockInHand | undefined {
    return this.blocks[this.head]
  }

  push(block: BlockInHand): void {
    this.blocks.push(block)
  }

  shift(): void {
    this.blocks[this.head++] = undefined as never
    if (this.head < this.blocks.length && this.head < 64) return
    this.blocks.splice(0, this.head)
    this.head = 0
  }

  *[Symbol.iterator](): Iterator<BlockInHand> {
    for (let i = this.head; i < this.blocks.length; i++) yield this.blocks[i]!
  }

  keep(wanted: (block: BlockInHand) => boolean): void {
    this.blocks = [...this].filter(wanted)
    this.head = 0
  }
}

/** Recipients that these blocks' cursors have not come to. */
const leftIn = (blocks: Iterable<BlockInHand>): number => {
  let n = 0
  for (const block of blocks) n += block.size - block.nextNth
  return n
}

/** One for all of a block's that go back in the same way, so that they go in one statement. */
const joined = (back: ReadonlyArray<GoingBack>): Array<GoingBack> =>
  [...Map.groupBy(back, ({ block, resend }) => `${block.id} ${resend}`).values()].map((same) => ({
    ...same[0]!,
    ranges: same.flatMap(({ ranges }) => ranges)
  }))
