/**
 * Messages of which some parts are out while their block goes back: the other parts follow, ahead of what is not urgent and as fast as
 * pace, windows and ceilings let them, or are given up when their time is over.
 *
 * Promises: nothing of it is submitted after its time; and none of it is forgotten: it has left, or is told to be given up.
 */
import type { BlockInHand } from "./BlockInHand.ts"
import type { Ceiling } from "./Ceilings.ts"

interface Ending {
  readonly block: BlockInHand
  readonly giveUpAt: number
  /** that it was below when it was taken back: its lane may be live no more */
  readonly ceilings: ReadonlyArray<Ceiling>
}

export class Endings {
  private waiting: Array<Ending> = []

  get isEmpty(): boolean {
    return this.waiting.length === 0
  }

  /** giveUpAt: monotonic ms. */
  add(block: BlockInHand, giveUpAt: number, ceilings: ReadonlyArray<Ceiling>): void {
    this.waiting.push({ block, giveUpAt, ceilings })
  }

  /** The one whose next part leaves now. */
  next(now: number): BlockInHand | undefined {
    const isLet = (ceiling: Ceiling) => ceiling.wait(now) === 0
    const one = this.waiting.find(({ ceilings, giveUpAt }) => now <= giveUpAt && ceilings.every(isLet))
    for (const ceiling of one?.ceilings ?? []) ceiling.left(now)
    return one?.block
  }

  /** Those of blocks that are wanted no more have until then, if they had longer. */
  hasten(unwanted: (block: BlockInHand) => boolean, giveUpAt: number): void {
    this.waiting = this.waiting.map((one) =>
      one.giveUpAt > giveUpAt && unwanted(one.block) ? { ...one, giveUpAt } : one
    )
  }

  /** All parts of its message are out. */
  done(block: BlockInHand): void {
    this.waiting = this.waiting.filter((one) => one.block !== block)
  }

  /** Whether any may leave yet. */
  isUnderWay(now: number): boolean {
    return this.waiting.some(({ giveUpAt }) => now <= giveUpAt)
  }

  /** Takes out those whose time is over. */
  takeOver(now: number): ReadonlyArray<BlockInHand> {
    const over = this.waiting.filter(({ giveUpAt }) => now > giveUpAt).map(({ block }) => block)
    if (over.length > 0) this.waiting = this.waiting.filter(({ giveUpAt }) => now <= giveUpAt)
    return over
  }
}
