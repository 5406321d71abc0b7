/**
 * What has left within the last second, to the millisecond: so that a contract holds in every second, wherever it is taken to begin, and
 * not only on average. A pure function of time.
 *
 * Promises: after `room` was obeyed, no stretch of `SECOND_MS` has more than the limit.
 */

/**
 * A second, and what its messages' ways to the operator may differ by: those that leave 1,005 ms apart arrive at least a second
 * apart unless the first was held up by more than 5 ms.
 */
export const SECOND_MS = 1_005

export class SlidingSecond {
  /** messages by the millisecond in which they left */
  private readonly left = new Uint32Array(SECOND_MS)
  private sum = 0
  private at: number

  /** now: ms of any monotonic clock. */
  constructor(now: number) {
    this.at = Math.floor(now)
  }

  /** How many more may leave now below a limit. */
  room(limit: number, now: number): number {
    this.advance(now)
    return Math.max(0, limit - this.sum)
  }

  /** So many leave now; fewer than nothing: so many that were told to leave did not. */
  add(messages: number, now: number): void {
    this.advance(now)
    const slot = this.at % SECOND_MS
    const there = Math.max(-this.left[slot]!, messages)
    this.left[slot]! += there
    this.sum += there
  }

  /** Milliseconds until there is room below a limit; 0 if there is. */
  wait(limit: number, now: number): number {
    this.advance(now)
    let sum = this.sum
    for (let t = this.at - SECOND_MS + 1; sum >= limit; t++) {
      sum -= this.left[(t + SECOND_MS) % SECOND_MS]!
      if (sum < limit) return t + SECOND_MS - now
    }
    return 0
  }

  private advance(now: number): void {
    const to = Math.floor(now)
    if (to - this.at >= SECOND_MS) {
      this.left.fill(0)
      this.sum = 0
    } else
      for (let t = this.at + 1; t <= to; t++) {
        const slot = t % SECOND_MS
        this.sum -= this.left[slot]!
        this.left[slot] = 0
      }
    // a clock that steps back takes nothing
    this.at = Math.max(this.at, to)
  }
}
