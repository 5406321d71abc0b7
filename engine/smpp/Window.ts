/**
 * The window of a session: submits written and not answered, by sequence_number, in a ring of arrays.
 *
 * Promises: `outstanding` never exceeds `size` through `put`s that asked `room` first; finding an answer's request costs
 * one array access; nothing is allocated after construction.
 */

/** The parts of one message may go over the window together: a message that is half out is finished. */
const MOST_PARTS = 256

export class Window {
  readonly size: number
  outstanding = 0
  private readonly mask: number
  /** 0: free. sequence_number is never 0 (SMPP 3.4, 5.1.4) */
  private readonly sequences: Int32Array
  private readonly tokens: Int32Array
  private readonly sentAts: Float64Array

  /** size: requests that may be unanswered at once */
  constructor(size: number) {
    this.size = size
    // four times the window: a request that is answered late keeps its place while sequences run on around it
    let capacity = 16
    while (capacity < size * 4 || capacity < size + MOST_PARTS) capacity *= 2
    this.mask = capacity - 1
    this.sequences = new Int32Array(capacity)
    this.tokens = new Int32Array(capacity)
    this.sentAts = new Float64Array(capacity)
  }

  get room(): number {
    return this.size - this.outstanding
  }

  /** Whether the place of this sequence_number is still held by an older request: then the number is skipped. */
  taken(sequence: number): boolean {
    return this.sequences[sequence & this.mask] !== 0
  }

  put(sequence: number, token: number, now: number): void {
    const i = sequence & this.mask
    this.sequences[i] = sequence
    this.tokens[i] = token
    this.sentAts[i] = now
    this.outstanding++
  }

  /** Frees the request's place and gives it, for `token` and `sentAt`; -1 if there is no such request. */
  take(sequence: number): number {
    const i = sequence & this.mask
    if (this.sequences[i] !== sequence || sequence === 0) return -1
    this.sequences[i] = 0
    this.outstanding--
    return i
  }

  token(place: number): number {
    return this.tokens[place]!
  }

  sentAt(place: number): number {
    return this.sentAts[place]!
  }

  /** When the longest waiting request was written; undefined when none waits. Walks the ring: for timers, not a message. */
  oldest(): number | undefined {
    if (this.outstanding === 0) return undefined
    let oldest = Number.POSITIVE_INFINITY
    for (let i = 0; i <= this.mask; i++)
      if (this.sequences[i] !== 0 && this.sentAts[i]! < oldest) oldest = this.sentAts[i]!
    return oldest
  }

  /** Takes out every request written at `until` (ms) or before. */
  expire(until: number, lost: (token: number, sentAt: number) => void): void {
    if (this.outstanding === 0) return
    for (let i = 0; i <= this.mask; i++) {
      if (this.sequences[i] === 0 || this.sentAts[i]! > until) continue
      this.sequences[i] = 0
      this.outstanding--
      lost(this.tokens[i]!, this.sentAts[i]!)
    }
  }
}
