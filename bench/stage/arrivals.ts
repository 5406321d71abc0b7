/**
 * What is said of times of arrival: the most in any stretch, and stretches side by side. Pure; ms of one clock.
 *
 * The clock is the simulator's process. While the machine does not let it run, what comes waits in the socket and looks like a burst:
 * a stall is such a time, and a stretch is held to have too many only if they must have been in it.
 */

/** A time in which nobody could see what arrived. */
export interface Stall {
  readonly from: number
  readonly to: number
}

/** What arrived in a stall is seen in the turns right after it. */
const SEEN_WITHIN_MS = 2

/** For each arrival the earliest moment at which it may have come. Both in order. */
export const earliest = (arrived: ArrayLike<number>, stalls: ReadonlyArray<Stall>): Float64Array => {
  const may = Float64Array.from(arrived)
  let stall = 0
  for (let i = 0; i < arrived.length; i++) {
    while (stall < stalls.length && stalls[stall]!.to + SEEN_WITHIN_MS < arrived[i]!) stall++
    if (stall < stalls.length && stalls[stall]!.from < arrived[i]!) may[i] = stalls[stall]!.from
  }
  return may
}

/** The most that must have arrived within some stretch of so many ms, and when it began. */
export const mostWithin = (arrived: ArrayLike<number>, stalls: ReadonlyArray<Stall>, ms: number) => {
  const may = earliest(arrived, stalls)
  let most = 0
  let at = Number.NaN
  for (let from = 0, to = 0; from < arrived.length; from++) {
    while (to < arrived.length && arrived[to]! < may[from]! + ms) to++
    if (to - from > most) {
      most = to - from
      at = arrived[from]!
    }
  }
  return { most, at }
}

/** How many arrived from one moment until before another. */
export const between = (arrived: ArrayLike<number>, from: number, until: number): number => {
  let n = 0
  for (let i = 0; i < arrived.length; i++) if (arrived[i]! >= from && arrived[i]! < until) n++
  return n
}

/** The first moment, not before `since`, from which on so many ms have at most so many. arrived: in order. */
export const keptFrom = (arrived: ArrayLike<number>, since: number, most: number, ms: number): number => {
  let first = 0
  while (first < arrived.length && arrived[first]! < since) first++
  let at = since
  for (let i = first; i + most < arrived.length && arrived[i + most]! < at + ms; i++)
    at = arrived[i]! + Number.EPSILON * arrived[i]!
  return at
}

/** How many arrived in each of so many stretches of so many ms, side by side. */
export const stretches = (arrived: ArrayLike<number>, from: number, ms: number, many: number): Array<number> => {
  const counts = Array<number>(many).fill(0)
  for (let i = 0; i < arrived.length; i++) {
    const nth = Math.floor((arrived[i]! - from) / ms)
    if (nth >= 0 && nth < many) counts[nth]!++
  }
  return counts
}

/** The value below which such a share of them lies: 0.99 of a hundred is the ninety-ninth. */
export const percentile = (values: ReadonlyArray<number>, share: number): number =>
  values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(values.length * share) - 1)] ?? Number.NaN
