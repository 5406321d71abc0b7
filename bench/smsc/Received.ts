// What the simulator was given, for whoever compares it number by number with the ledger: one row a submit, in the order of
// arrival, in columns of typed arrays. Grows by whole chunks, so nothing is ever copied: ten million rows are 310 MB.

const chunkBits = 16
const chunkRows = 1 << chunkBits
const mask = chunkRows - 1

/** command_status of a row that was never answered. */
export const UNANSWERED = 0xffff

/** Bits of a row's flags. */
export const flag = {
  /** The answer was handed to the kernel by a write that did not fail. Whether the peer read it, only the peer knows. */
  written: 1,
  /** registered_delivery asked for a receipt whatever happens. */
  receiptAlways: 2,
  /** registered_delivery asked for a receipt of failure only. */
  receiptOnFailure: 4,
  /** It came as data_sm. */
  dataSm: 8
} as const

/** One submit, as `GET /received` shows it. */
export interface ReceivedRow {
  readonly row: number
  readonly destination: string
  readonly command_status: number | null
  readonly written: boolean
  readonly ref: number
  readonly part: number
  readonly parts: number
  readonly arrived: number
  readonly bind: number
  /** message_state of its receipt, 0 before it was decided. */
  readonly state: number
  readonly receipts: number
  readonly acknowledged: number
}

/** The columns of 65,536 rows, cut from one ArrayBuffer: 31 bytes a row. */
export class Chunk {
  readonly destination: Float64Array
  readonly arrived: Float64Array
  readonly status: Uint16Array
  readonly ref: Uint16Array
  readonly bind: Uint16Array
  readonly sender: Uint16Array
  readonly part: Uint8Array
  readonly parts: Uint8Array
  readonly digits: Uint8Array
  readonly flags: Uint8Array
  readonly state: Uint8Array
  readonly receipts: Uint8Array
  readonly acknowledged: Uint8Array

  constructor() {
    const bytes = new ArrayBuffer(chunkRows * 31)
    const n = chunkRows
    this.destination = new Float64Array(bytes, 0, n)
    this.arrived = new Float64Array(bytes, 8 * n, n)
    this.status = new Uint16Array(bytes, 16 * n, n)
    this.ref = new Uint16Array(bytes, 18 * n, n)
    this.bind = new Uint16Array(bytes, 20 * n, n)
    this.sender = new Uint16Array(bytes, 22 * n, n)
    this.part = new Uint8Array(bytes, 24 * n, n)
    this.parts = new Uint8Array(bytes, 25 * n, n)
    this.digits = new Uint8Array(bytes, 26 * n, n)
    this.flags = new Uint8Array(bytes, 27 * n, n)
    this.state = new Uint8Array(bytes, 28 * n, n)
    this.receipts = new Uint8Array(bytes, 29 * n, n)
    this.acknowledged = new Uint8Array(bytes, 30 * n, n)
  }
}

export class Received {
  private chunks: Array<Chunk> = []
  /** Rows so far. */
  length = 0

  /** The next row's number; its columns are then filled in `chunk(row)` at `index(row)`. */
  add(): number {
    const row = this.length++
    if ((row & mask) === 0) this.chunks.push(new Chunk())
    return row
  }

  chunk(row: number): Chunk {
    return this.chunks[row >>> chunkBits]!
  }

  index(row: number): number {
    return row & mask
  }

  clear() {
    this.chunks = []
    this.length = 0
  }

  /** The digits of the destination as they were sent (a leading + is dropped); empty if they were no number. */
  destination(row: number): string {
    const i = row & mask
    const chunk = this.chunk(row)
    return chunk.digits[i] === 0 ? "" : String(chunk.destination[i]).padStart(chunk.digits[i]!, "0")
  }

  at(row: number): ReceivedRow {
    if (row < 0 || row >= this.length) throw new RangeError(`no row ${row} of ${this.length}`)
    const i = row & mask
    const chunk = this.chunk(row)
    const status = chunk.status[i]!
    return {
      row,
      destination: this.destination(row),
      command_status: status === UNANSWERED ? null : status,
      written: (chunk.flags[i]! & flag.written) !== 0,
      ref: chunk.ref[i]!,
      part: chunk.part[i]!,
      parts: chunk.parts[i]!,
      arrived: chunk.arrived[i]!,
      bind: chunk.bind[i]!,
      state: chunk.state[i]!,
      receipts: chunk.receipts[i]!,
      acknowledged: chunk.acknowledged[i]!
    }
  }

  *[Symbol.iterator](): Generator<ReceivedRow> {
    for (let row = 0; row < this.length; row++) yield this.at(row)
  }

  /**
   * How many submits arrived in each window of time, from the first arrival on: for checks of pace.
   * @param windowMs length of a window in milliseconds
   */
  arrivals(windowMs: number): { readonly from: number; readonly windowMs: number; readonly counts: Array<number> } {
    const from = this.length === 0 ? 0 : this.chunks[0]!.arrived[0]!
    const counts: Array<number> = []
    for (let row = 0; row < this.length; row++) {
      const window = Math.max(0, Math.floor((this.chunk(row).arrived[row & mask]! - from) / windowMs))
      while (counts.length <= window) counts.push(0)
      counts[window]!++
    }
    return { from, windowMs, counts }
  }
}
