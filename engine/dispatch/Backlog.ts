/**
 * What a channel has claimed and not submitted: urgent blocks first, then the rest of messages that are half out, then messages to be
 * submitted again, then those whose time has come, then the others in the order of their claims. It says which message part is next,
 * and gives back what is wanted no more.
 *
 * Promises: of a block a message's every part comes out before the next message's first; what has an answer for good never goes
 * back, and what may have reached the operator goes back marked.
 */
import type { BlockInHand, SeqRange } from "./BlockInHand.ts"
import { type BlockTable, nthOf, partOf, tokenOf } from "./BlockTable.ts"
import type { Ceiling } from "./Ceilings.ts"
import { Endings } from "./Endings.ts"
import { Paced } from "./Paced.ts"
import { Retries } from "./Retries.ts"

/** Recipients on their way back to their lane. */
export interface GoingBack {
  readonly block: BlockInHand
  readonly ranges: ReadonlyArray<SeqRange>
  /** an answer of theirs was lost: whoever claims them sends them again, and says so */
  readonly resend: boolean
}

/** A part whose message can't go back whole: it was refused, its answer was lost, or its time was over, and it is not tried again. */
export type GiveUp = (token: number, wasLost: boolean) => void

/**
 * For the other parts of messages that are half out when their campaign stops: nothing is submitted later than a second after a stop, of
 * which a look may take 0.4 s.
 */
const ENDING_MS = 500

/** `attempt.try` is an int2: what is throttled for hours stays at the most it can say. */
const MOST_TRIES = 2 ** 15 - 1

/** How soon it is looked whether a ceiling lets one of those leave. */
const ENDING_LOOK_MS = 5

export class Backlog {
  /** message parts that could leave at once, and those of messages that have a time of their own and have not begun */
  untimed = 0
  timed = 0
  readonly retries = new Retries()
  /** parts to be submitted again, by lane; and how many were, since that was last asked */
  private readonly refused = new Map<number, number>()
  private readonly resubmitted = new Map<number, number>()
  private readonly urgent = new BlockQueue()
  private readonly urgentPaced = new Paced()
  private readonly endings = new Endings()
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
    const ending = this.endings.isUnderWay(now) ? ENDING_LOOK_MS : undefined
    const waits = [this.urgentPaced.wait(now), ending, this.paced.wait(now), this.retries.wait(now)]
    return waits.reduce((least, wait) => (least === undefined || (wait !== undefined && wait < least) ? wait : least))
  }

  /** Whether anything lies here. */
  get isEmpty(): boolean {
    return this.untimed === 0 && this.refused.size === 0 && this.endings.isEmpty && [...this.queues()].length === 0
  }

  private *queues(): Generator<BlockInHand> {
    for (const queue of [this.urgent, this.urgentPaced, this.paced, this.bulk]) yield* queue
  }

  /** Recipients (and parts to submit again) by why they wait, those that the door kept back among them: for who watches. */
  get waitingByKind(): { urgent: number; retry: number; paced: number; bulk: number } {
    return {
      urgent: leftIn(this.urgent) + leftIn(this.urgentPaced),
      retry: this.retries.size + this.urgentPaced.sizeOfAgain + this.paced.sizeOfAgain,
      paced: leftIn(this.paced),
      bulk: leftIn(this.bulk)
    }
  }

  /** Whether something urgent may be submitted now. */
  hasUrgent(now: number): boolean {
    return this.urgent.first !== undefined || this.urgentPaced.isDue(now)
  }

  /** Parts of messages of bulk, which were never submitted and have no time of their own. */
  get bulkParts(): number {
    let parts = 0
    for (const block of this.bulk) parts += block.partsLeft
    return parts
  }

  /** Parts of a lane's messages that wait to be submitted again. */
  refusedOf(laneId: number): number {
    return this.refused.get(laneId) ?? 0
  }

  /** How many were submitted again since this was last asked. */
  takeResubmitted(laneId: number): number {
    const parts = this.resubmitted.get(laneId) ?? 0
    if (parts > 0) this.resubmitted.delete(laneId)
    return parts
  }

  /** From now on these lanes are below these ceilings, and others below none. */
  limit(ceilings: ReadonlyMap<number, ReadonlyArray<Ceiling>>): void {
    this.urgentPaced.limit(ceilings)
    this.paced.limit(ceilings)
    for (const laneId of this.resubmitted.keys()) if (!ceilings.has(laneId)) this.resubmitted.delete(laneId)
  }

  /** Whether what has a time of its own leaves later: there is more of it than the channel takes. */
  isBehind(now: number): boolean {
    return this.paced.isBehind(now)
  }

  /** By how many ms a lane's messages leave later than their slots. */
  lateOf(laneId: number): number {
    return Math.max(this.urgentPaced.lateOf(laneId), this.paced.lateOf(laneId))
  }

  /** A claimed block, behind those before it of its kind. False: all of it was kept back by the door. */
  add(block: BlockInHand): boolean {
    if (!block.seek()) return false
    if (block.isPaced) {
      this.timed += block.partsLeft
      this.pacedFor(block).add(block)
    } else {
      this.untimed += block.partsLeft
      ;(block.isUrgent ? this.urgent : this.bulk).push(block)
    }
    return true
  }

  private pacedFor(block: BlockInHand): Paced {
    return block.isUrgent ? this.urgentPaced : this.paced
  }

  /** A part that `retries` has got waits for another try. */
  again(token: number): void {
    const block = this.table.blockOf(token)
    const nth = nthOf(token)
    if (block.tries[nth]! < MOST_TRIES) block.tries[nth]!++
    this.countRefused(block, 1)
  }

  private countRefused({ laneId }: BlockInHand, parts: number): void {
    const now = this.refusedOf(laneId) + parts
    if (now === 0) this.refused.delete(laneId)
    else this.refused.set(laneId, now)
  }

  /** The token of the next message part to submit, or -1. */
  next(now: number): number {
    const { bulk, urgent } = this
    const begun = bulk.first
    if (begun !== undefined && begun.nextPart > 0) return this.nextOf(begun, bulk)
    if (urgent.first !== undefined) return this.nextOf(urgent.first, urgent)
    const code = this.nextPaced(this.urgentPaced, now)
    if (code >= 0) return code
    const ending = this.nextEnding(now)
    if (ending >= 0) return ending
    const retry = this.nextAgain(now)
    if (retry >= 0) return retry
    const paced = this.nextPaced(this.paced, now)
    if (paced >= 0) return paced
    return begun === undefined ? -1 : this.nextOf(begun, bulk)
  }

  /** Likewise, only of messages that are half out and whose blocks are wanted no more. */
  nextEnding(now: number): number {
    if (this.endings.isEmpty) return -1
    const block = this.endings.next(now)
    if (block === undefined) return -1
    const token = this.step(block)
    if (block.nextPart === 0) this.endings.done(block)
    return token
  }

  /** Whether the other parts of such messages may still leave. */
  isEnding(now: number): boolean {
    return this.endings.isUnderWay(now)
  }

  private nextPaced(paced: Paced, now: number): number {
    const again = paced.dueAgain(now)
    if (again >= 0) {
      paced.leftAgain(now)
      return this.resubmit(again)
    }
    const due = paced.due(now)
    if (due === undefined) return -1
    const parts = due.partsOf(due.nextNth)
    if (due.nextPart === 0) this.timed -= parts
    const token = this.step(due)
    const isLast = due.nextPart === 0
    paced.left(now, { isLast, exhausted: isLast && !due.seek(), parts })
    return token
  }

  /** The next part to submit again, or -1: what has a time of its own in its lane's slots, and of what is wanted no more none. */
  private nextAgain(now: number): number {
    for (let retry = this.retries.due(now); retry >= 0; retry = this.retries.due(now)) {
      const block = this.table.blockOf(retry)
      // it stays until it is taken back
      if (this.unwanted(block)) this.retries.uncounted(retry, now)
      // a ceiling may have come after the block
      else if (block.isPaced || this.paced.ceilingsOf(block.laneId).length > 0)
        this.pacedFor(block).again(block, retry, now)
      else return this.resubmit(retry)
    }
    return -1
  }

  private resubmit(token: number): number {
    const block = this.table.blockOf(token)
    this.countRefused(block, -1)
    this.resubmitted.set(block.laneId, (this.resubmitted.get(block.laneId) ?? 0) + 1)
    return token
  }

  private nextOf(block: BlockInHand, queue: BlockQueue): number {
    this.untimed--
    const token = this.step(block)
    if (block.nextPart === 0 && !block.seek()) queue.shift()
    return token
  }

  /** The block's next part is out. */
  private step(block: BlockInHand): number {
    const token = tokenOf(block.slot, block.nextPart, block.nextNth)
    if (++block.nextPart === block.partsOf(block.nextNth)) {
      block.nextPart = 0
      block.nextNth++
    }
    return token
  }

  /** Takes out what blocks that are wanted no more have here. It is still theirs until it is back in its lane. */
  takeBack(unwanted: (block: BlockInHand) => boolean, giveUp: GiveUp, now: number): Array<GoingBack> {
    this.unwanted = unwanted
    this.endings.hasten(unwanted, now + ENDING_MS)
    this.endUp(giveUp, now)
    return [...this.takeNew(unwanted, now + ENDING_MS), ...this.takeRetries(unwanted, giveUp, now)]
  }

  /** Gives up what could not follow in its time. */
  endUp(giveUp: GiveUp, now: number): void {
    for (const block of this.endings.takeOver(now)) while (block.left > 0) giveUp(this.step(block), false)
  }

  /** Likewise, only of what was never submitted; what is half out follows until then, in monotonic ms. */
  takeNew(unwanted: (block: BlockInHand) => boolean, endsAt = Number.POSITIVE_INFINITY): Array<GoingBack> {
    const back: Array<GoingBack> = []
    const takenOut = [...this.queues()].filter(unwanted)
    if (takenOut.length === 0) return back
    const out = new Set(takenOut)
    for (const kind of [this.urgent, this.urgentPaced, this.paced, this.bulk]) kind.keep((block) => !out.has(block))
    for (const block of takenOut) {
      if (block.isPaced) this.timed -= block.partsLeft - begunParts(block)
      else this.untimed -= block.partsLeft
      const ranges = block.passOverRest()
      if (ranges.length > 0) back.push({ block, ranges, resend: false })
      if (block.nextPart > 0) this.endings.add(block, endsAt, this.paced.ceilingsOf(block.laneId))
    }
    return back
  }

  private takeRetries(unwanted: (block: BlockInHand) => boolean, giveUp: GiveUp, now: number): Array<GoingBack> {
    const back: Array<GoingBack> = []
    const isUnwanted = (token: number) => unwanted(this.table.blockOf(token))
    const taken = [
      this.retries.takeAll(isUnwanted),
      this.urgentPaced.takeAgain(isUnwanted),
      this.paced.takeAgain(isUnwanted)
    ]
    // without its part a token is its recipient
    for (const tokens of Map.groupBy(taken.flat(), (token) => token - tokenOf(0, partOf(token), 0)).values()) {
      const block = this.table.blockOf(tokens[0]!)
      const nth = nthOf(tokens[0]!)
      if (tokens.length === block.partsOf(nth)) {
        const seq = block.firstSeq + nth
        const resend = tokens.some((token) => this.retries.wasLost(token))
        back.push({ block, ranges: [{ from: seq, to: seq + 1 }], resend })
        for (const token of tokens) this.retries.settled(token)
        this.countRefused(block, -tokens.length)
      } else if (block.unanswered(nth) === tokens.length) {
        // its other parts have their answers: it can't go back whole, and half of it is not sent
        for (const token of tokens) giveUp(token, this.retries.wasLost(token))
        this.countRefused(block, -tokens.length)
      }
      // parts of it are on their way: with their answers, the next look decides
      else for (const token of tokens) this.retries.uncounted(token, now)
    }
    return joined(back)
  }
}

/** Of the message that is half out, the parts that are not: they wait for no time any more. */
const begunParts = (block: BlockInHand): number =>
  block.nextPart > 0 ? block.partsOf(block.nextNth) - block.nextPart : 0

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
  for (const block of blocks) n += block.left
  return n
}

/** One for all of a block's that go back in the same way, so that they go in one statement. */
const joined = (back: ReadonlyArray<GoingBack>): Array<GoingBack> =>
  [...Map.groupBy(back, ({ block, resend }) => `${block.id} ${resend}`).values()].map((same) => ({
    ...same[0]!,
    ranges: same.flatMap(({ ranges }) => ranges)
  }))
