/**
 * Writes runs of numbers as the parameter of `load_audience`: a text[] in Postgres' binary form (see PgArray.ts), each
 * element the text of a bigint[].
 *
 * Promises: no string is made of a number, and buffers are used again. Strings joined and encoded loaded four million
 * numbers as fast, and held 90 MB more that waited for the collector.
 */

/** Recipients of a run: the most that one claim can hand out. */
export const RUN = 1_000

/** E.164 has at most 15 digits; then a comma. */
const MOST_OF_NUMBER = 16

const HEADER = 20
const TEXT = 25
const COMMA = 44
const OPEN = 123
const CLOSE = 125
const ZERO = 48

/** Fifteen digits in two halves that are small integers. */
const HALF = 10_000_000
const HALF_DIGITS = 7

export class RunWriter {
  private readonly runs: number
  private readonly free: Array<Buffer> = []
  private bytes: Buffer
  private at = HEADER
  private elements = 0
  /** Where the length of the open run stands, and how many numbers it has. */
  private openAt = HEADER
  private filled = 0

  /** runs: how many whole runs make a parameter. */
  constructor(runs: number) {
    this.runs = runs
    this.bytes = this.allocate()
  }

  /** Appends numbers (whole, positive, at most 15 digits) up to the end of a parameter; gives how many it took. */
  add(numbers: Float64Array, from: number): number {
    let at = from
    while (at < numbers.length && !this.isFull) {
      if (this.filled === 0) this.open()
      this.number(numbers[at++]!)
      if (++this.filled === RUN) this.close()
    }
    return at - from
  }

  get isFull(): boolean {
    return this.elements === this.runs
  }

  /** What was written, as bytes that stay as they are until they are given back; `undefined` when there is nothing. */
  take(): Buffer | undefined {
    if (this.filled > 0) this.close()
    if (this.elements === 0) return undefined
    const { bytes } = this
    bytes.writeInt32BE(1, 0)
    bytes.writeInt32BE(0, 4)
    bytes.writeInt32BE(TEXT, 8)
    bytes.writeInt32BE(this.elements, 12)
    bytes.writeInt32BE(1, 16)
    const taken = bytes.subarray(0, this.at)
    this.bytes = this.free.pop() ?? this.allocate()
    this.at = HEADER
    this.elements = 0
    return taken
  }

  /** The server has it: its memory may be written again. */
  giveBack(taken: Buffer): void {
    this.free.push(Buffer.from(taken.buffer, 0, taken.buffer.byteLength))
  }

  private allocate(): Buffer {
    // A buffer of its own, not of Node's pool: `giveBack` takes it whole.
    return Buffer.allocUnsafeSlow(HEADER + this.runs * (4 + 2 + RUN * MOST_OF_NUMBER))
  }

  private open(): void {
    this.openAt = this.at
    this.bytes[this.at + 4] = OPEN
    this.at += 5
  }

  private close(): void {
    // the last number's comma becomes the end
    this.bytes[this.at - 1] = CLOSE
    this.bytes.writeInt32BE(this.at - this.openAt - 4, this.openAt)
    this.filled = 0
    this.elements++
  }

  private number(value: number): void {
    const high = Math.floor(value / HALF)
    const low = value - high * HALF
    if (high === 0) this.digits(low, digitsOf(low))
    else {
      this.digits(high, digitsOf(high))
      this.digits(low, HALF_DIGITS)
    }
    this.bytes[this.at++] = COMMA
  }

  private digits(value: number, width: number): void {
    const { bytes } = this
    let rest = value | 0
    for (let at = this.at + width - 1; at >= this.at; at--) {
      const tenth = (rest / 10) | 0
      bytes[at] = ZERO + rest - tenth * 10
      rest = tenth
    }
    this.at += width
  }
}

const digitsOf = (value: number): number => {
  let width = 1
  for (let power = 10; power <= value; power *= 10) width++
  return width
}
