/**
 * Blocks whose messages have a time to leave: the door gave each a slot (rules/pace.sql), the moment of its first message and how far
 * apart the others are. Those of one lane leave one after the other, in as many streams side by side as the door has given it slots at
 * once (of a ceiling, what others left); those of different lanes as their times come.
 *
 * Promises: no message leaves before its time; one that is late by more than `LATE_MS` moves those behind it back by as much, so
 * that lost time is never made up for in a burst, also if they are claimed only then; what was refused leaves again in its lane's next
 * slot, and those behind it later, so that a lane is never faster than its slots; nothing leaves above a ceiling (Ceilings.ts); and
 * finding the next costs the logarithm of how many lanes wait.
 */
import type { BlockInHand } from "./BlockInHand.ts"
import { nthOf } from "./BlockTable.ts"
import type { Ceiling } from "./Ceilings.ts"
import { SECOND_MS } from "./SlidingSecond.ts"

/** How late a message may be and the next still come at its own time: what Node's timers are late by on a busy machine. */
export const LATE_MS = 20

/**
 * How far apart the parts of a message leave, in ms: a phone shows them when it has them all, so within a second, however long their
 * recipient's slot is, if their ceilings let them. The door takes as much of each ceiling for as long (take_slot in rules/pace.sql).
 */
export const partGapMs = (spacingMs: number, parts: number, leastPerSecond: number): number =>
  Math.min(spacingMs, Math.max(SECOND_MS, (parts * SECOND_MS) / leastPerSecond)) / parts

/** A message part to be submitted again, and how far apart its block's are. */
interface Again {
  readonly token: number
  readonly spacing: number
}

/** A slot that begins this long before another of its lane ends follows it: by so much do two claims take longer than each other. */
const OVERLAP_MS = 40

/** Slots are handed out this long before they begin (rules/pace.sql): who is late by less than that asks for the next in time. */
const AHEAD_MS = 100

/** Lanes that wait for nothing are remembered until their next part could leave; those for which that is over go above so many. */
const MOST_IDLE = 1_000

interface Stream {
  readonly laneId: number
  /** when the slots of its blocks are over */
  endsAt: number
  readonly blocks: Array<BlockInHand>
  /** refused parts, ahead of them */
  again: Array<Again>
  /** a part of the first block has left */
  hasBegun: boolean
  /** monotonic ms at which its next message part may leave */
  due: number
  /** ms by which that is later than its slot */
  late: number
  /** while refused parts leave before its next slot: when that is */
  resumesAt: number | undefined
}

export class Paced {
  /** a heap: none is due before the one at half its place */
  private heap: Array<Stream> = []
  private readonly lanes = new Map<number, ReadonlyArray<Stream>>()
  /** of lanes that wait for nothing: when their next part could leave */
  private readonly idle = new Map<number, number>()
  /** what each lane is below */
  private ceilings: ReadonlyMap<number, ReadonlyArray<Ceiling>> = new Map()

  /** From now on these lanes are below these ceilings, and others below none. */
  limit(ceilings: ReadonlyMap<number, ReadonlyArray<Ceiling>>): void {
    this.ceilings = ceilings
  }

  /** Those that it is below. */
  ceilingsOf(laneId: number): ReadonlyArray<Ceiling> {
    return this.ceilings.get(laneId) ?? NONE
  }

  /** Whether something may leave now. */
  isDue(now: number): boolean {
    return this.heap.length > 0 && this.first(now) !== undefined
  }

  add(block: BlockInHand): void {
    const follows = ({ endsAt }: Stream) => block.startsAt >= endsAt - OVERLAP_MS
    const stream = this.lanes.get(block.laneId)?.find(follows) ?? this.enter(block, block.startsAt)
    stream.blocks.push(block)
    stream.endsAt = block.startsAt + block.size * block.spacing
  }

  /** A part of that block was refused: it leaves again in its lane's next slot, or at once where that is more than a second away. */
  again(block: BlockInHand, token: number, now: number): void {
    const spacing = Math.min(block.spacing, SECOND_MS) / block.partsOf(nthOf(token))
    const lane = this.lanes.get(block.laneId)?.[0] ?? this.enter(block, now)
    lane.again.push({ token, spacing })
    this.sizeOfAgain++
    if (lane.due <= now + SECOND_MS) return
    lane.resumesAt ??= lane.due
    lane.due = now
    this.rise(this.heap.indexOf(lane))
  }

  /** Refused parts that wait here. */
  sizeOfAgain = 0

  /** The refused part that may leave now, or -1. */
  dueAgain(now: number): number {
    return this.first(now)?.again[0]?.token ?? -1
  }

  /** It has left. */
  leftAgain(now: number): void {
    const lane = this.heap[0]!
    this.sizeOfAgain--
    this.went(lane, now, lane.again.shift()!.spacing)
    if (lane.again.length === 0) resume(lane)
    this.goOn(lane, now)
  }

  /** The block whose next part may leave now. */
  due(now: number): BlockInHand | undefined {
    return this.first(now)?.blocks[0]
  }

  /** The lane whose turn it is. Those that are at a ceiling wait until there is room. */
  private first(now: number): Stream | undefined {
    for (let lane = this.heap[0]; lane !== undefined && lane.due <= now; lane = this.heap[0]) {
      let wait = 0
      for (const ceiling of this.ceilingsOf(lane.laneId)) wait = Math.max(wait, ceiling.wait(now))
      if (wait === 0) return lane
      lane.late += now + wait - lane.due
      lane.due = now + wait
      this.sink(0)
    }
    return undefined
  }

  /** A part of that block has left, of a message of so many parts. isLast: its last. exhausted: nobody else waits in it. */
  left(now: number, { exhausted, isLast, parts }: { isLast: boolean; exhausted: boolean; parts: number }): void {
    const lane = this.heap[0]!
    const { spacing } = lane.blocks[0]!
    const gap = partGapMs(spacing, parts, this.leastOf(lane))
    this.went(lane, now, isLast ? spacing - (parts - 1) * gap : gap)
    lane.hasBegun = !exhausted
    if (exhausted) lane.blocks.shift()
    this.goOn(lane, now)
  }

  private leastOf({ laneId }: Stream): number {
    let least = Number.POSITIVE_INFINITY
    for (const { perSecond } of this.ceilingsOf(laneId)) least = Math.min(least, perSecond)
    return least
  }

  private enter({ laneId }: BlockInHand, at: number): Stream {
    const due = Math.max(at, this.idle.get(laneId) ?? at)
    this.idle.delete(laneId)
    const slots = { endsAt: Number.NEGATIVE_INFINITY, due, late: due - at, resumesAt: undefined }
    const made: Stream = { laneId, blocks: [], again: [], hasBegun: false, ...slots }
    this.lanes.set(laneId, [...(this.lanes.get(laneId) ?? []), made])
    this.heap.push(made)
    this.rise(this.heap.length - 1)
    return made
  }

  private went(lane: Stream, now: number, spacing: number): void {
    for (const ceiling of this.ceilingsOf(lane.laneId)) ceiling.left(now)
    const late = Math.max(0, now - LATE_MS - lane.due)
    lane.late += late
    lane.due += late + spacing
  }

  /** The first lane's place is another's now. */
  private goOn(lane: Stream, now: number): void {
    if (isEmpty(lane)) {
      this.rest(lane)
      if (this.idle.size > MOST_IDLE) for (const [id, due] of this.idle) if (due <= now) this.idle.delete(id)
      const last = this.heap.pop()!
      if (this.heap.length === 0) return
      this.heap[0] = last
    } else awaitSlot(lane)
    this.sink(0)
  }

  private rest(stream: Stream): void {
    const { due, laneId } = stream
    const others = (this.lanes.get(laneId) ?? []).filter((one) => one !== stream)
    if (others.length > 0) this.lanes.set(laneId, others)
    else this.lanes.delete(laneId)
    this.idle.set(laneId, due)
  }

  /** Milliseconds until a part may leave; undefined when none waits. */
  wait(now: number): number | undefined {
    const first = this.heap[0]
    return first === undefined ? undefined : Math.max(0, first.due - now)
  }

  /** Whether messages leave later than they should: there are more than the channel takes. */
  isBehind(now: number): boolean {
    const first = this.heap[0]
    return first !== undefined && now - first.due > LATE_MS / 2
  }

  /** By how many ms a lane is behind what the door thinks, and its next recipients are to be asked for later. */
  lateOf(laneId: number): number {
    let least = Number.POSITIVE_INFINITY
    for (const { late } of this.lanes.get(laneId) ?? []) least = Math.min(least, late)
    return least === Number.POSITIVE_INFINITY ? 0 : Math.max(0, least - AHEAD_MS)
  }

  *[Symbol.iterator](): Iterator<BlockInHand> {
    for (const { blocks } of this.heap) yield* blocks
  }

  /** Takes out the blocks that are not kept; the others keep their times. */
  keep(wanted: (block: BlockInHand) => boolean): void {
    for (const lane of this.heap) {
      const kept = lane.blocks.filter(wanted)
      if (kept[0] !== lane.blocks[0]) lane.hasBegun = false
      lane.blocks.splice(0, lane.blocks.length, ...kept)
    }
    this.tidy()
  }

  /** Takes out the refused parts that are wanted. */
  takeAgain(wanted: (token: number) => boolean): Array<number> {
    const taken: Array<number> = []
    for (const lane of this.heap) {
      for (const { token } of lane.again) if (wanted(token)) taken.push(token)
      lane.again = lane.again.filter(({ token }) => !wanted(token))
      if (lane.again.length === 0) resume(lane)
    }
    this.sizeOfAgain -= taken.length
    if (taken.length > 0) this.tidy()
    return taken
  }

  private tidy(): void {
    for (const lane of this.heap)
      if (isEmpty(lane)) this.rest(lane)
      else awaitSlot(lane)
    // sorted is a heap too
    this.heap = this.heap.filter((lane) => !isEmpty(lane)).toSorted((a, b) => a.due - b.due)
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

const NONE: ReadonlyArray<Ceiling> = []

/** Its refused parts have left: its own slots go on as they were. */
const resume = (lane: Stream): void => {
  lane.due = Math.max(lane.due, lane.resumesAt ?? lane.due)
  lane.resumesAt = undefined
}

const isEmpty = ({ again, blocks }: Stream): boolean => blocks.length + again.length === 0

/** A block that is first waits for its own time. */
const awaitSlot = (lane: Stream): void => {
  const next = lane.blocks[0]
  if (next === undefined || lane.hasBegun || lane.again.length > 0) return
  lane.late = Math.max(0, lane.due - next.startsAt)
  lane.due = Math.max(lane.due, next.startsAt)
}
