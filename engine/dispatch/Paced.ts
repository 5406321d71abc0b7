/**
 * Blocks whose messages have a time to leave: the door gave each a slot (rules/pace.sql), the moment of its first message and how far
 * apart the others are. Those of one lane leave one after the other, those of different lanes as their times come.
 *
 * Promises: no message leaves before its time; one that is late by more than `LATE_MS` moves those behind it back by as much, so
 * that lost time is never made up for in a burst; and finding the next costs the logarithm of how many lanes wait.
 */
import type { BlockInHand } from "./BlockInHand.ts"

/**
 * How late a message may be and the next still come at its own time: what a timer of Node is late by. A ceiling is kept in
 * every second nevertheless, since the door gives a second's messages 5 ms more than a second (with_lateness in rules/pace.sql).
 */
export const LATE_MS = 5

interface PacedLane {
  readonly laneId: number
  readonly blocks: Array<BlockInHand>
  /** monotonic ms at which its next message part may leave */
  due: number
}

export class Paced {
  /** a heap: none is due before the one at half its place */
  private heap: Array<PacedLane> = []
  private readonly lanes = new Map<number, PacedLane>()

  get isEmpty(): boolean {
    return this.heap.length === 0
  }

  add(block: BlockInHand): void {
    const lane = this.lanes.get(block.laneId)
    if (lane !== undefined) {
      lane.blocks.push(block)
      return
    }
    const made = { laneId: block.laneId, blocks: [block], due: block.startsAt }
    this.lanes.set(block.laneId, made)
    this.heap.push(made)
    this.rise(this.heap.length - 1)
  }

  /** The block whose next part may leave now. */
  due(now: number): BlockInHand | undefined {
    const first = this.heap[0]
    return first !== undefined && first.due <= now ? first.blocks[0] : undefined
  }

  /** A part of that block has left. exhausted: it was the last one to wait. */
  left(now: number, exhausted: boolean): void {
    const lane = this.heap[0]!
    const block = lane.blocks[0]!
    lane.due = Math.max(lane.due, now - LATE_MS) + block.spacing / block.content.templates.length
    if (exhausted) {
      lane.blocks.shift()
      const next = lane.blocks[0]
      if (next === undefined) {
        this.lanes.delete(lane.laneId)
        const last = this.heap.pop()!
        if (this.heap.length === 0) return
        this.heap[0] = last
      } else lane.due = Math.max(lane.due, next.startsAt)
    }
    this.sink(0)
  }

  /** Milliseconds until a part may leave; undefined when none waits. */
  wait(now: number): number | undefined {
    const first = this.heap[0]
    return first === undefined ? undefined : Math.max(0, first.due - now)
  }

  *[Symbol.iterator](): Iterator<BlockInHand> {
    for (const { blocks } of this.heap) yield* blocks
  }

  /** Takes out the blocks that are not kept; the others keep their times. */
  keep(wanted: (block: BlockInHand) => boolean): void {
    for (const lane of this.heap) {
      const kept = lane.blocks.filter(wanted)
      if (kept.length > 0 && kept[0] !== lane.blocks[0]) lane.due = Math.max(lane.due, kept[0]!.startsAt)
      lane.blocks.splice(0, lane.blocks.length, ...kept)
      if (kept.length === 0) this.lanes.delete(lane.laneId)
    }
    // sorted is a heap too
    this.heap = this.heap.filter(({ blocks }) => blocks.length > 0).toSorted((a, b) => a.due - b.due)
  }

  private rise(from: number): void {
    const lane = this.heap[from]!
    let at = from
    while (at > 0) {
      const above = (at - 1) >> 1
      if (this.heap[above]!.due <= lane.due) break
      this.heap[at] = this.heap[above]!
      at = above
    }
    this.heap[at] = lane
  }

  private sink(from: number): void {
    const lane = this.heap[from]!
    let at = from
    while (true) {
      let below = 2 * at + 1
      if (below >= this.heap.length) break
      if (below + 1 < this.heap.length && this.heap[below + 1]!.due < this.heap[below]!.due) below++
      if (this.heap[below]!.due >= lane.due) break
      this.heap[at] = this.heap[below]!
      at = below
    }
    this.heap[at] = lane
  }
}
