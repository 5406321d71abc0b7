// A length of time by chance: always the same, anywhere between two, or lognormal, which is how operators' answers spread.
// Written `20`, `5..50` or `20/200` (median / 99th percentile); all in milliseconds.

export interface Distribution {
  /** As it was written. */
  readonly text: string
  /** True when every draw is 0: what depends on it then happens in the same turn. */
  readonly zero: boolean
  /** Milliseconds for a draw of 0 ≤ u < 1. */
  readonly at: (u: number) => number
}

/** z of the 99th percentile of the standard normal distribution. */
const z99 = 2.3263478740408408

/** The longest time the simulator waits with anything: a day. */
const longest = 86_400_000

const numberOf = (text: string): number | undefined =>
  /^\d+(\.\d+)?$/.test(text) && Number(text) <= longest ? Number(text) : undefined

/** Reads `20`, `5..50` or `20/200`; undefined for anything else. */
export const distribution = (text: string): Distribution | undefined => {
  const fixed = numberOf(text)
  if (fixed !== undefined) return { text, zero: fixed === 0, at: () => fixed }
  const range = text.split("..")
  if (range.length === 2) {
    const from = numberOf(range[0]!)
    const to = numberOf(range[1]!)
    if (from === undefined || to === undefined || to < from) return undefined
    return { text, zero: to === 0, at: (u) => from + (to - from) * u }
  }
  const spread = text.split("/")
  if (spread.length === 2) {
    const median = numberOf(spread[0]!)
    const p99 = numberOf(spread[1]!)
    if (median === undefined || p99 === undefined || median <= 0 || p99 < median) return undefined
    const mu = Math.log(median)
    const sigma = (Math.log(p99) - mu) / z99
    return { text, zero: false, at: (u) => Math.min(longest, Math.exp(mu + sigma * normal(u))) }
  }
  return undefined
}

/** The standard normal deviate below which a share u of all lies (Acklam's approximation, relative error below 1.2e-9). */
export const normal = (u: number): number => {
  const p = Math.min(1 - 1e-10, Math.max(1e-10, u))
  if (p < 0.02425) return tail(Math.sqrt(-2 * Math.log(p)))
  if (p > 1 - 0.02425) return -tail(Math.sqrt(-2 * Math.log(1 - p)))
  const q = p - 0.5
  const r = q * q
  return (
    ((((((-3.969683028665376e1 * r + 2.209460984245205e2) * r - 2.759285104469687e2) * r + 1.38357751867269e2) * r -
      3.066479806614716e1) *
      r +
      2.506628277459239) *
      q) /
    (((((-5.447609879822406e1 * r + 1.615858368580409e2) * r - 1.556989798598866e2) * r + 6.680131188771972e1) * r -
      1.328068155288572e1) *
      r +
      1)
  )
}

const tail = (q: number): number =>
  (((((-7.784894002430293e-3 * q - 3.223964580411365e-1) * q - 2.400758277161838) * q - 2.549732539343734) * q +
    4.374664141464968) *
    q +
    2.938163982698783) /
  ((((7.784695709041462e-3 * q + 3.224671290700398e-1) * q + 2.445134137142996) * q + 3.754408661907416) * q + 1)
