/**
 * How long things took: how many took at most so long, for a histogram that is read at scrape time. Adding one is two plain
 * additions, so that a message may.
 */

/** Upper bounds in ms, the same for all histograms: from an operator in the same rack to one that answers within its minute. */
export const BOUNDS_MS: ReadonlyArray<number> = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000
]

/** Up to here the bucket is looked up; longer ones are few, and searched. */
const LOOKED_UP_MS = 1_000

const searched = (ms: number): number => {
  let bucket = 0
  while (bucket < BOUNDS_MS.length && ms > BOUNDS_MS[bucket]!) bucket++
  return bucket
}

const buckets = Uint8Array.from({ length: LOOKED_UP_MS + 1 }, (_, ms) => searched(ms))

export class Durations {
  /** how many fell between a bound and the one before it; the last: above all bounds */
  readonly counts: Array<number> = new Array(BOUNDS_MS.length + 1).fill(0)
  sumMs = 0

  add(ms: number): void {
    this.sumMs += ms
    // bounds are whole: what is above one is above it when rounded up too
    const bucket = ms <= LOOKED_UP_MS ? buckets[Math.ceil(ms)]! : searched(ms)
    this.counts[bucket]!++
  }
}
