/**
 * The hot path's clock: milliseconds that never step back, whatever happens to the machine's time of day. Only differences
 * mean anything.
 */
export interface MonotonicClock {
  readonly now: () => number
}

export const monotonicClock: MonotonicClock = { now: () => performance.now() }
