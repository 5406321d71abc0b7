/**
 * Postgres' binary form of one-dimensional arrays, written straight from typed arrays: what the journal's columns travel
 * as. The driver's own array codec takes an element at a time through a generic path; at 100,000 messages a second and
 * eleven columns that would be the largest part of a flush.
 *
 * Layout (array_recv): int32 dimensions, int32 has-nulls, int32 element type; then int32 length, int32 lower bound; then
 * each element as int32 byte length and its bytes, big endian. -1 as a byte length is null.
 */

/** Type OIDs of Postgres' catalogue (pg_type.dat): of an element, and of the array of it. */
const CHAR = 18
const INT2 = 21
const INT4 = 23
const INT8 = 20
const TEXT = 25
export const ArrayOid = { char: 1002, int2: 1005, int4: 1007, int8: 1016, text: 1009 } as const

const HEADER = 20

const header = (bytes: Buffer, element: number, length: number, hasNulls: number): void => {
  bytes.writeInt32BE(1, 0)
  bytes.writeInt32BE(hasNulls, 4)
  bytes.writeInt32BE(element, 8)
  bytes.writeInt32BE(length, 12)
  bytes.writeInt32BE(1, 16)
}

/** Where an array's octets come from. */
export interface Memory {
  /** So many octets, of any content. */
  take(octets: number): Buffer
}

const heap: Memory = { take: (octets) => Buffer.allocUnsafe(octets) }

/**
 * Memory for the arrays of one statement, used again for the next: at full speed they are 20 MB a second, which a garbage
 * collector that sees only small handles to it leaves lying about for long.
 */
export class Arena implements Memory {
  private bytes = Buffer.allocUnsafeSlow(64 * 1024)
  private at = 0
  private wanted = 0

  /** Everything that was taken may be overwritten from now on. */
  reset(): void {
    if (this.wanted > this.bytes.length) this.bytes = Buffer.allocUnsafeSlow(2 * this.wanted)
    this.at = this.wanted = 0
  }

  /** So many octets, of any content; apart from the arena while it is still too small. */
  take(octets: number): Buffer {
    this.wanted += octets
    if (this.at + octets > this.bytes.length) return Buffer.allocUnsafe(octets)
    const from = this.at
    this.at += octets
    return this.bytes.subarray(from, this.at)
  }
}

/** An array built in several runs: `add` copies one run of a column, `done` gives the whole. */
export class Int2Array {
  private readonly bytes: Buffer
  private at = HEADER
  constructor(length: number, memory: Memory = heap) {
    this.bytes = memory.take(HEADER + length * 6)
    header(this.bytes, INT2, length, 0)
  }
  add(values: Int16Array, length: number): void {
    const bytes = this.bytes
    let at = this.at
    for (let i = 0; i < length; i++) {
      const v = values[i]!
      bytes[at] = 0
      bytes[at + 1] = 0
      bytes[at + 2] = 0
      bytes[at + 3] = 2
      bytes[at + 4] = v >> 8
      bytes[at + 5] = v
      at += 6
    }
    this.at = at
  }
  done(): Uint8Array {
    return this.bytes
  }
}

export class Int4Array {
  private readonly bytes: Buffer
  private at = HEADER
  constructor(length: number, memory: Memory = heap) {
    this.bytes = memory.take(HEADER + length * 8)
    header(this.bytes, INT4, length, 0)
  }
  add(values: Int32Array, length: number): void {
    const bytes = this.bytes
    let at = this.at
    for (let i = 0; i < length; i++) {
      const v = values[i]!
      bytes[at] = 0
      bytes[at + 1] = 0
      bytes[at + 2] = 0
      bytes[at + 3] = 4
      bytes[at + 4] = v >> 24
      bytes[at + 5] = v >> 16
      bytes[at + 6] = v >> 8
      bytes[at + 7] = v
      at += 8
    }
    this.at = at
  }
  done(): Uint8Array {
    return this.bytes
  }
}

/** Elements of Postgres' one-byte type "char". */
export class CharArray {
  private readonly bytes: Buffer
  private at = HEADER
  constructor(length: number, memory: Memory = heap) {
    this.bytes = memory.take(HEADER + length * 5)
    header(this.bytes, CHAR, length, 0)
  }
  add(values: Uint8Array, length: number): void {
    const bytes = this.bytes
    let at = this.at
    for (let i = 0; i < length; i++) {
      bytes[at] = 0
      bytes[at + 1] = 0
      bytes[at + 2] = 0
      bytes[at + 3] = 1
      bytes[at + 4] = values[i]!
      at += 5
    }
    this.at = at
  }
  done(): Uint8Array {
    return this.bytes
  }
}

/** A text[] of strings, or nulls. NUL, which Postgres' text can't hold, becomes U+FFFD. */
export const textArray = (values: ReadonlyArray<string | null>, memory: Memory = heap): Uint8Array => {
  let size = HEADER
  let hasNulls = 0
  for (const v of values) {
    // at most three bytes of UTF-8 a code unit
    if (v === null) hasNulls = 1
    size += 4 + (v === null ? 0 : v.length * 3)
  }
  const bytes = memory.take(size)
  header(bytes, TEXT, values.length, hasNulls)
  let at = HEADER
  for (const v of values) {
    if (v === null) {
      bytes.writeInt32BE(-1, at)
      at += 4
      continue
    }
    const short = v.length <= SHORT && writeAscii(bytes, v, at + 4)
    const length = short ? v.length : bytes.write(v.includes("\0") ? v.replaceAll("\0", "\uFFFD") : v, at + 4, "utf8")
    bytes.writeInt32BE(length, at)
    at += 4 + length
  }
  return bytes.subarray(0, at)
}

/** Up to here a loop is faster than the call of Node's own writer: message ids and error codes are. */
const SHORT = 24

/** False: there is something else than ASCII in it, or a NUL, and what was written is to be written over. */
const writeAscii = (bytes: Buffer, text: string, from: number): boolean => {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 0 || code > 0x7f) return false
    bytes[from + i] = code
  }
  return true
}

/** An int8[] of whole numbers up to 2^53. */
export const int8Array = (values: ReadonlyArray<number>, memory: Memory = heap): Uint8Array => {
  const bytes = memory.take(HEADER + values.length * 12)
  header(bytes, INT8, values.length, 0)
  let at = HEADER
  for (const v of values) {
    bytes.writeInt32BE(8, at)
    bytes.writeInt32BE(Math.floor(v / 0x1_0000_0000), at + 4)
    bytes.writeUInt32BE(v % 0x1_0000_0000, at + 8)
    at += 12
  }
  return bytes
}
