/**
 * The blocks an engine has in hand for one channel, and the message ids that lead back to them.
 *
 * A token is one submit_sm: slot of its block, part, nth recipient, packed into 31 bits so that it stays a small integer
 * in every map and array. A message id finds its token here; what is no longer here is found by the database
 * (rules/late_receipts.sql).
 *
 * Promises: there are never more than `SLOTS` blocks; at each look of `lateReceipts` closed ones go until there are no more
 * than `MOST_IDS` ids (between two looks there may be more); a token never outlives its block.
 */
import type { BlockInHand } from "./BlockInHand.ts"

const NTH_BITS = 10
const PART_BITS = 8
/** 13 bits of slot: 8 million recipients in full blocks, far more than MOST_IDS; it binds only where blocks are tiny */
export const SLOTS = 1 << 13

/** Messages awaiting receipts in memory: at 100,000 a second, receipts that are 4 s late still find theirs here. */
export const MOST_IDS = 400_000

/** How much is forgotten at a time, so that the walk over all ids is rare. */
const FORGET_SHARE = 0.1

export const tokenOf = (slot: number, part: number, nth: number): number =>
  (slot << (NTH_BITS + PART_BITS)) | (part << NTH_BITS) | nth
export const nthOf = (token: number): number => token & ((1 << NTH_BITS) - 1)
/** from 0 */
export const partOf = (token: number): number => (token >> NTH_BITS) & ((1 << PART_BITS) - 1)
const slotOf = (token: number): number => token >> (NTH_BITS + PART_BITS)

export class BlockTable {
  private readonly slots: Array<BlockInHand | undefined> = []
  private readonly free: Array<number> = []
  private readonly ids = new Map<string, number>()
  private count = 0

  get size(): number {
    return this.count
  }

  /** No slot is left for another block; room comes when blocks finish or are forgotten. */
  get full(): boolean {
    return this.count >= SLOTS
  }

  /** Forgets the oldest blocks until there are no more ids or blocks than should be kept, if there are enough that can be. */
  makeRoom(): void {
    for (let going = this.forgettable(); this.crowded && going.length > 0; going = this.forgettable())
      this.forget(going)
  }

  /** More ids or blocks than should be kept: `forgettable` names what to let go. */
  get crowded(): boolean {
    return this.ids.size > MOST_IDS || this.count > SLOTS * (1 - FORGET_SHARE)
  }

  add(block: BlockInHand): void {
    block.slot = this.free.pop() ?? this.slots.length
    this.slots[block.slot] = block
    this.count++
  }

  blockOf(token: number): BlockInHand {
    return this.slots[slotOf(token)]!
  }

  /** Lets go of a block that has no ids left here; one that was forgotten before is passed over. */
  remove(block: BlockInHand): void {
    if (block.slot < 0) return
    this.slots[block.slot] = undefined
    this.free.push(block.slot)
    block.slot = -1
    this.count--
  }

  learn(key: string, token: number): void {
    this.ids.set(key, token)
  }

  tokenFor(key: string): number | undefined {
    return this.ids.get(key)
  }

  unlearn(key: string): void {
    this.ids.delete(key)
  }

  *[Symbol.iterator](): Iterator<BlockInHand> {
    for (const block of this.slots) if (block !== undefined) yield block
  }

  /** The oldest closed blocks of which everything is committed: a tenth of what is here. */
  forgettable(): Array<BlockInHand> {
    const closed = [...this].filter((b) => b.onRecord).sort((a, b) => a.id - b.id)
    return closed.slice(0, Math.ceil(closed.length * FORGET_SHARE))
  }

  /** Lets go of blocks and of every id that leads to them. */
  forget(blocks: Iterable<BlockInHand>): void {
    const gone = new Set<number>()
    for (const block of blocks) gone.add(block.slot)
    if (gone.size === 0) return
    for (const [key, token] of this.ids) if (gone.has(slotOf(token))) this.ids.delete(key)
    for (const block of blocks) this.remove(block)
  }
}
