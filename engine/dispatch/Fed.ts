/**
 * The triggered lanes of a channel in which something waits to be claimed, by the hints that they were fed; and what was claimed of them
 * and has not left. A hint says up to which seq a lane was fed: what is claimed up to there need not be asked for again.
 */
import type { BlockInHand } from "./BlockInHand.ts"

/** Until nothing is given any more. */
const ALL = Number.POSITIVE_INFINITY

export class Fed {
  private readonly lanes = new Map<number, number>()
  private inHand: Array<BlockInHand> = []

  /** A lane has recipients up to this seq; without it, nobody knows how many wait. */
  heard(laneId: number, upto: number = ALL): void {
    this.lanes.set(laneId, Math.max(upto, this.lanes.get(laneId) ?? 0))
  }

  /** Up to which seq something waits there, as far as is known; undefined: nothing does. */
  upto(laneId: number): number | undefined {
    return this.lanes.get(laneId)
  }

  /** Nothing waits there, until there is a hint of it or it is looked at again. */
  rest(laneId: number): void {
    this.lanes.delete(laneId)
  }

  took(block: BlockInHand): void {
    if (!block.isPaced) this.inHand.push(block)
    if (block.firstSeq + block.size > (this.lanes.get(block.laneId) ?? 0)) this.lanes.delete(block.laneId)
  }

  /** Forgets the lanes that are served no more. */
  keep(live: ReadonlySet<number>): void {
    for (const id of this.lanes.keys()) if (!live.has(id)) this.lanes.delete(id)
  }

  /** Recipients that were claimed and have not left; what has a time of its own holds nobody up, and is not counted. */
  get inHandWaiting(): number {
    this.inHand = this.inHand.filter((block) => block.left > 0)
    return this.inHand.reduce((sum, block) => sum + block.left, 0)
  }
}
