/**
 * A file of distinct Uzbek mobile numbers, scattered over their ranges as a real list is.
 *
 *   node bench/load/numbersFile.ts staff.txt 1000000
 */
import { closeSync, openSync, writeSync } from "node:fs"

/** Four ranges of ten million: 90, 91, 93, 94. */
const RANGES = [90, 91, 93, 94]
const RANGE = 10_000_000
export const MOST_NUMBERS = RANGES.length * RANGE

/** Odd and not a multiple of five: i × STRIDE mod 40,000,000 meets every number once before it repeats. */
const STRIDE = 15_485_863

/** The i-th number of the file. */
export const numberAt = (i: number): number => {
  // Below 2^50: exact.
  const place = (i * STRIDE) % MOST_NUMBERS
  return 998_000_000_000 + RANGES[Math.floor(place / RANGE)]! * RANGE + (place % RANGE)
}

/** Writes `count` numbers, one a line. Throws `RangeError` above `MOST_NUMBERS`. */
export const writeNumbers = (path: string, count: number): void => {
  if (!(count >= 1 && count <= MOST_NUMBERS)) throw new RangeError(`1 to ${MOST_NUMBERS} numbers, not ${count}`)
  const file = openSync(path, "w")
  const lines: Array<string> = []
  for (let i = 0; i < count; i++) {
    lines.push(`+${numberAt(i)}`)
    if (lines.length === 10_000 || i === count - 1) {
      writeSync(file, `${lines.join("\n")}\n`)
      lines.length = 0
    }
  }
  closeSync(file)
}

if (import.meta.main) writeNumbers(process.argv[2]!, Number(process.argv[3]))
