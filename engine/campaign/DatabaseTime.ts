/**
 * What time it is by the database's clock, by which campaigns start and the door opens: as it was last read, carried on by a clock
 * that doesn't jump.
 *
 * An answer that took long to come tells a time that is over: so the latest time that was told is believed, and left only slowly.
 */
import { type MonotonicClock, monotonicClock } from "#engine/dispatch/MonotonicClock.ts"

/** A difference that is none of a slow answer: the clock was set. */
const STEP_MS = 1_000

/** Back a look: two looks a second make it more than any clock drifts, and less than anybody notices. */
const CREEP_MS = 1

export class DatabaseTime {
  private aheadMs: number | undefined
  private readonly clock: MonotonicClock

  constructor(clock: MonotonicClock = monotonicClock) {
    this.clock = clock
  }

  /** Milliseconds since 1970. */
  get nowMs(): number {
    return this.clock.now() + (this.aheadMs ?? 0)
  }

  /** The database has just said that it is this time. */
  heard(nowMs: number): void {
    const ahead = nowMs - this.clock.now()
    const wasStep = this.aheadMs === undefined || Math.abs(ahead - this.aheadMs) > STEP_MS
    this.aheadMs = wasStep ? ahead : Math.max(ahead, this.aheadMs! - CREEP_MS)
  }
}
