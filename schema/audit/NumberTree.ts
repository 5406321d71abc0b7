/**
 * The tree by number of a finished campaign: its numbers in ascending order, each with its outcome's letter, in runs of at most 64.
 * A run is a leaf: SHA-256 of 0x00 and, for each entry, the number in 8 bytes (big-endian, as int8send) and the letter in one. A number
 * to which several messages went (a trigger campaign's) stands there as often.
 *
 * A proof shows the runs that hold the number or in which it would stand, or the two neighbours that it would stand between. Where the
 * number is the first or the last of what is shown, the neighbour there is shown too: so it is seen that there are no more of it.
 * That it was not there, or not more often, holds as far as whoever sealed the tree sorted it: the runs shown are checked, the others are
 * not seen.
 */
import { type InclusionProof, inclusionProof, isIncluded, leafHash, merkleRoot } from "./Merkle.ts"

/** A number (E.164 digits) and the letter of its outcome. */
export type Entry = readonly [number: number, outcome: string]

export const ENTRIES_A_RUN = 64

/** A run, and where it stands among all of its tree, from 0. */
export interface NearRun {
  readonly index: number
  readonly entries: ReadonlyArray<Entry>
}

/** A run with the proof that it stands there. */
export interface ShownRun extends InclusionProof, NearRun {}

export interface NumberProof {
  readonly number: number
  /** None only for a tree of nothing. */
  readonly runs: ReadonlyArray<ShownRun>
}

export type Proven =
  /** The outcome of each message that went to it; isAll: there can be no more than those. */
  | { readonly _tag: "Included"; readonly outcomes: ReadonlyArray<string>; readonly isAll: boolean }
  | { readonly _tag: "Absent" }
  | { readonly _tag: "NotProven"; readonly message: string }

/** Runs of entries that are in ascending order. */
export const runsOf = (entries: ReadonlyArray<Entry>): ReadonlyArray<ReadonlyArray<Entry>> =>
  Array.from({ length: Math.ceil(entries.length / ENTRIES_A_RUN) }, (_, i) =>
    entries.slice(i * ENTRIES_A_RUN, (i + 1) * ENTRIES_A_RUN)
  )

export const runHash = (entries: ReadonlyArray<Entry>): Buffer => {
  const content = Buffer.alloc(9 * entries.length)
  for (const [i, [number, outcome]] of entries.entries()) {
    content.writeBigInt64BE(BigInt(number), 9 * i)
    content[9 * i + 8] = outcome.charCodeAt(0)
  }
  return leafHash(content)
}

/** `by_number` of the campaign's seal. */
export const numberRoot = (runs: ReadonlyArray<ReadonlyArray<Entry>>): Uint8Array => merkleRoot(runs.map(runHash))

/**
 * Proves what a tree says about a number: that it was in it, or that it was not. leaves: the hashes of all runs; near: the runs
 * about the number, at least the one that holds it, or those that it would stand between or in (`number_proof` in
 * rules/ledger_seal.sql). No more of them is shown than has to be.
 */
export const proveNumber = (
  number: number,
  leaves: ReadonlyArray<Uint8Array>,
  near: ReadonlyArray<NearRun>
): NumberProof => {
  const sorted = near.toSorted((a, b) => a.index - b.index)
  const holding = sorted.filter(({ entries }) => entries[0]![0] <= number && number <= entries.at(-1)![0])
  const first = holding[0]
  const last = holding.at(-1)
  const isShown = ({ index }: NearRun) =>
    first === undefined ||
    last === undefined ||
    (first.index - (first.entries[0]![0] === number ? 1 : 0) <= index &&
      index <= last.index + (last.entries.at(-1)![0] === number ? 1 : 0))
  return {
    number,
    runs: sorted.filter(isShown).map(({ entries, index }) => ({ ...inclusionProof(leaves, index), entries }))
  }
}

const notProven = (message: string): Proven => ({ _tag: "NotProven", message })

/** What a proof proves under the root that the audit holds. root: 32 bytes. */
export const checkNumberProof = (root: Uint8Array, { number, runs }: NumberProof): Proven => {
  const wrong = wrongRuns(root, runs)
  if (wrong !== undefined) return notProven(wrong)
  const found = runs.flatMap((run) => run.entries).filter(([there]) => there === number)
  if (found.length > 0)
    return { _tag: "Included", outcomes: found.map(([, outcome]) => outcome), isAll: showsAll(number, runs) }
  return standsBetween(number, runs) ? { _tag: "Absent" } : notProven("the runs shown are not those around the number")
}

const wrongRuns = (root: Uint8Array, runs: ReadonlyArray<ShownRun>): string | undefined => {
  if (runs.length === 0 && Buffer.compare(merkleRoot([]), root) !== 0) return "no run is shown, and there are some"
  for (const run of runs) {
    if (!isRun(run.entries)) return "a run is not one: 1 to 64 numbers in ascending order, each with a letter"
    if (!isIncluded(root, runHash(run.entries), run)) return "a run does not lead to the root: it is not of this ledger"
  }
  return undefined
}

const isRun = (entries: ReadonlyArray<Entry>): boolean =>
  entries.length > 0 &&
  entries.length <= ENTRIES_A_RUN &&
  entries.every(
    ([number, outcome], i) =>
      Number.isSafeInteger(number) && /^[\x21-\x7e]$/.test(outcome) && (i === 0 || entries[i - 1]![0] <= number)
  )

/** The runs are next to each other, and before and after the number is another one, or nothing. */
const showsAll = (number: number, runs: ReadonlyArray<ShownRun>): boolean => {
  const first = runs[0]!
  const last = runs.at(-1)!
  return (
    runs.every(({ index, size }, i) => size === first.size && index === first.index + i) &&
    (first.index === 0 || first.entries[0]![0] < number) &&
    (last.index === last.size - 1 || number < last.entries.at(-1)![0])
  )
}

/** The runs are next to each other, or at an end, and the number would stand within what they span. */
const standsBetween = (number: number, runs: ReadonlyArray<ShownRun>): boolean => {
  const [one, two] = runs
  if (one === undefined) return true
  const afterFirst = one.entries[0]![0] < number
  if (two !== undefined) {
    const neighbours = runs.length === 2 && one.size === two.size && two.index === one.index + 1
    return neighbours && one.entries.at(-1)![0] < number && number < two.entries[0]![0]
  }
  const beforeLast = number < one.entries.at(-1)![0]
  return (afterFirst || one.index === 0) && (beforeLast || one.index === one.size - 1)
}
