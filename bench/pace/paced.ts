/** Whether arrivals kept a pace. Pure. */
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

/** A time, ms of the same clock, in which nobody could see what arrived. */
export interface Stall {
  readonly from: number
  readonly to: number
}

/** What arrived in a stall is seen in the turns right after it. */
const SEEN_WITHIN_MS = 2

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

  const earliest = Float64Array.from(arrived)
  let stall = 0
  for (let i = 0; i < n; i++) {
    while (stall < stalls.length && stalls[stall]!.to + SEEN_WITHIN_MS < arrived[i]!) stall++
    if (stall < stalls.length && stalls[stall]!.from < arrived[i]!) earliest[i] = stalls[stall]!.from
  }

  let most100ms = 0
  let mostAtMs = 0
  let longestGapMs = 0
  for (let from = 0, to = 0; from < n; from++) {
    while (to < arrived.length && arrived[to]! < earliest[from]! + WINDOW_MS) to++
    if (to - from > most100ms) {
      most100ms = to - from
      mostAtMs = Math.round(arrived[from]! - first)
    }
    if (from > 0) longestGapMs = Math.max(longestGapMs, arrived[from]! - arrived[from - 1]!)
  }
  const allowed100ms = Math.floor(contract / 10 + defaultBurst(contract))
  const deviation = (perSecond / contract - 1) * 100
  return {
    contract,
    perSecond: Number(perSecond.toFixed(2)),
    deviation: Number(deviation.toFixed(3)),
    most100ms,
    allowed100ms,
    mostAtMs,
    longestGapMs: Number(longestGapMs.toFixed(1)),
    holds: Math.abs(deviation) <= MOST_DEVIATION && most100ms <= allowed100ms && n > 0
  }
}
