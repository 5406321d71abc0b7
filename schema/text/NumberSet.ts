/**
 * A set of E.164 numbers, for dropping duplicates from an audience of millions.
 *
 * Promises: `add` says whether the number is new; ten million numbers take 101 MB, and growing holds a few megabytes
 * beside that, against about 500 MB of a JavaScript Set.
 *
 * Open addressing with linear probing in Float64Arrays: a number of 15 digits is exact in a double, and 0, which is
 * no number, marks a free slot. There are sixteen tables, chosen by hash: one that grows holds its old and its new
 * slots at once, and so it is a sixteenth that is held twice, never the whole.
 */

// An unsuccessful search takes 13 probes in a table that is four fifths full (Knuth 6.4, (1 + 1/(1−α)²)/2), all within
// two or three cache lines, and half of that on the way there. At nine tenths they would be 50.
const LOAD = 0.8

const TABLES = 16
const TABLE_MASK = TABLES - 1
const FIRST_LENGTH = 64

export class NumberSet {
  private readonly tables = Array.from({ length: TABLES }, () => new Table())

  /** Numbers in the set. */
  get size(): number {
    return this.tables.reduce((sum, table) => sum + table.count, 0)
  }

  /** Bytes that the tables take now. */
  get byteLength(): number {
    return this.tables.reduce((sum, table) => sum + table.slots.byteLength, 0)
  }

  /** Adds a positive integer below 2^53; `true` when it was not there before. */
  add(number: number): boolean {
    const hash = hashOf(number)
    return this.tables[hash & TABLE_MASK]!.add(number, hash)
  }

  has(number: number): boolean {
    const hash = hashOf(number)
    return this.tables[hash & TABLE_MASK]!.has(number, hash)
  }
}

class Table {
  slots = new Float64Array(FIRST_LENGTH)
  count = 0
  private limit = FIRST_LENGTH * LOAD

  add(number: number, hash: number): boolean {
    const slots = this.slots
    const length = slots.length
    let slot = slotOf(hash, length)
    for (;;) {
      const found = slots[slot]!
      if (found === number) return false
      if (found === 0) break
      if (++slot === length) slot = 0
    }
    slots[slot] = number
    if (++this.count > this.limit) this.grow()
    return true
  }

  has(number: number, hash: number): boolean {
    const slots = this.slots
    const length = slots.length
    let slot = slotOf(hash, length)
    for (;;) {
      const found = slots[slot]!
      if (found === number) return true
      if (found === 0) return false
      if (++slot === length) slot = 0
    }
  }

  private grow(): void {
    const before = this.slots
    // Doubling in two steps (64, 96, 128, 192 …): a set that just grew is more than half full, not 0.4.
    const powerOfTwo = (before.length & (before.length - 1)) === 0
    const length = powerOfTwo ? before.length * 1.5 : (before.length / 3) * 4
    const slots = new Float64Array(length)
    for (let index = 0; index < before.length; index++) {
      const number = before[index]!
      if (number === 0) continue
      let slot = slotOf(hashOf(number), length)
      while (slots[slot] !== 0) if (++slot === length) slot = 0
      slots[slot] = number
    }
    this.slots = slots
    this.limit = length * LOAD
    // Frees the old slots now: the collector counts them too late, and would let 100 MB of them pile up.
    before.buffer.transfer(0)
  }
}

/** The upper bits of the hash, spread over any length; the lower ones chose the table. */
const slotOf = (hash: number, length: number): number => (((hash >>> 0) / TWO_32) * length) | 0

// Odd constants from the golden ratio and from MurmurHash3's finaliser: neighbours (a range of numbers is the usual
// audience) must not run together into one cluster.
const GOLDEN = 0x9e3779b1
const MIX = 0x85ebca6b
const TWO_32 = 4_294_967_296

/** 32 bits that depend on both halves of the number. */
const hashOf = (number: number): number => {
  const high = (number / TWO_32) | 0
  const low = (number - high * TWO_32) | 0
  let hash = Math.imul(low ^ Math.imul(high, MIX), GOLDEN)
  hash = Math.imul(hash ^ (hash >>> 15), MIX)
  return hash ^ (hash >>> 13)
}
