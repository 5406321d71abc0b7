/**
 * The audience of a benchmark, as a formula: number i of a campaign, and back. Consecutive recipients are far apart, as in
 * a real list, so that the index over numbers and the stop list are worked as they would be; and nothing has to be kept to
 * compare ten million of them.
 *
 * 52,579 × 19,019 = 10⁹ + 1, so the one undoes the other modulo 10⁹, in exact arithmetic of doubles.
 */

/** Country code and room for nine digits. */
const FIRST = 998_000_000_000
const ROOM = 1_000_000_000
const STRIDE = 52_579
const BACK = 19_019

/** E.164 without the plus sign. i: from 0, below 10⁹. */
export const numberOf = (i: number): number => FIRST + ((i * STRIDE) % ROOM)

/** Which number it is, or -1 when it is none of ours. */
export const indexOf = (number: number): number => {
  const n = number - FIRST
  return n >= 0 && n < ROOM ? (n * BACK) % ROOM : -1
}
