/** Whether arrivals kept a pace. Pure. */
import { mostWithin, type Stall } from "#bench/stage/arrivals.ts"
import { defaultBurst } from "#engine/dispatch/Pacer.ts"

export interface Paced {
  readonly contract: number
  readonly perSecond: number
  /** from the contract, in percent */
  readonly deviation: number
  readonly most100ms: number
  readonly allowed100ms: number
  /** ms after the first arrival at which that window began */
  readonly mostAtMs: number
  /** the longest time without an arrival */
  readonly longestGapMs: number
  readonly holds: boolean
}

const WINDOW_MS = 100
const MOST_DEVIATION = 1

/**
 * arrived: ms, in order; contract: messages a second; seconds: how long is looked at, from the first arrival on. What is
 * seen after a stall may have arrived at any time in it; a window is held to have too many only if they must have been in it.
 */
export const paced = (
  arrived: ArrayLike<number>,
  stalls: ReadonlyArray<Stall>,
  contract: number,
  seconds: number
): Paced => {
  const first = arrived[0]!
  let n = 0
  while (n < arrived.length && arrived[n]! < first + seconds * 1000) n++
  // the next one closes the last interval: between n + 1 arrivals there are n
  const until = n < arrived.length ? arrived[n]! : first + seconds * 1000
  const perSecond = (n * 1000) / (until - first)

  const looked = Array.from(arrived).slice(0, n)
  const { at, most } = mostWithin(looked, stalls, WINDOW_MS)
  let longestGapMs = 0
  for (let i = 1; i < n; i++) longestGapMs = Math.max(longestGapMs, looked[i]! - looked[i - 1]!)
  const allowed100ms = Math.floor(contract / 10 + defaultBurst(contract))
  const deviation = (perSecond / contract - 1) * 100
  return {
    contract,
    perSecond: Number(perSecond.toFixed(2)),
    deviation: Number(deviation.toFixed(3)),
    most100ms: most,
    allowed100ms,
    mostAtMs: Math.round(at - first),
    longestGapMs: Number(longestGapMs.toFixed(1)),
    holds: Math.abs(deviation) <= MOST_DEVIATION && most <= allowed100ms && n > 0
  }
}
