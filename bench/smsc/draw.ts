// Chance that can be repeated: a draw is a hash of the seed, the number of the submit and the question asked, so the n-th
// submit always gets the same fate, whatever options are on and whatever was asked before.

/** What a draw decides. Each question has its own salt, so that the answers don't hang together. */
export const salt = {
  silent: 0x1b873593,
  error: 0x2545f491,
  latency: 0x3c6ef372,
  state: 0x4f1bbcdc,
  delay: 0x510e527f,
  early: 0x6a09e667,
  stray: 0x7137449b,
  duplicate: 0x0fc19dc6,
  uuid: 0x19a4c116
} as const

/** 32 bits, unsigned, for this row of this run. */
export const bits = (seed: number, row: number, question: number): number => {
  let h = Math.imul(row ^ question, 0x9e3779b1) ^ Math.imul(seed, 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d)
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b)
  return (h ^ (h >>> 16)) >>> 0
}

/** A number from 0 up to, but never, 1. */
export const draw = (seed: number, row: number, question: number): number => bits(seed, row, question) / 0x100000000
