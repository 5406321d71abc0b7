// The packed form of what was received, for the benchmark: a header of 32 bytes and 32 bytes a row, all little-endian.
//
//   header   0 "SMSC"   4 u16 version (1)   6 u16 bytes a row   8 f64 rows   16 f64 id of row 0   24 eight zero bytes
//   row      0 f64 destination   8 f64 arrived, ms since 1970   16 u16 command_status (0xFFFF: never answered)   18 u16 ref
//           20 u8 part   21 u8 parts   22 u8 flags (`flag`)   23 u8 message_state of the receipt (0: none)   24 u16 bind
//           26 u8 receipts sent   27 u8 receipts acknowledged   28 u8 digits of the destination   29 three zero bytes
//
// The message id of a row, before it is dressed, is the id of row 0 plus the row's number.

import { flag, type Received, UNANSWERED } from "./Received.ts"

const headerBytes = 32
const rowBytes = 32

/** Header and rows `from` up to `to` (not included) of a listing of `rows`; the header only when `from` is 0. */
export const packReceived = (received: Received, from: number, to: number, rows: number, idBase: number): Buffer => {
  const offset = from === 0 ? headerBytes : 0
  const packed = Buffer.alloc(offset + (to - from) * rowBytes)
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength)
  if (from === 0) {
    packed.write("SMSC", 0, "latin1")
    view.setUint16(4, 1, true)
    view.setUint16(6, rowBytes, true)
    view.setFloat64(8, rows, true)
    view.setFloat64(16, idBase, true)
  }
  for (let row = from, at = offset; row < to; row++, at += rowBytes) {
    const chunk = received.chunk(row)
    const i = received.index(row)
    view.setFloat64(at, chunk.destination[i]!, true)
    view.setFloat64(at + 8, chunk.arrived[i]!, true)
    view.setUint16(at + 16, chunk.status[i]!, true)
    view.setUint16(at + 18, chunk.ref[i]!, true)
    packed[at + 20] = chunk.part[i]!
    packed[at + 21] = chunk.parts[i]!
    packed[at + 22] = chunk.flags[i]!
    packed[at + 23] = chunk.state[i]!
    view.setUint16(at + 24, chunk.bind[i]!, true)
    packed[at + 26] = chunk.receipts[i]!
    packed[at + 27] = chunk.acknowledged[i]!
    packed[at + 28] = chunk.digits[i]!
  }
  return packed
}

/** What `GET /received.bin` holds, as columns. */
export interface PackedReceived {
  readonly rows: number
  readonly idBase: number
  readonly destination: Float64Array
  readonly arrived: Float64Array
  /** 0xFFFF where no answer was given. */
  readonly command_status: Uint16Array
  /** 1 where the answer was written to the socket. */
  readonly written: Uint8Array
  readonly ref: Uint16Array
  readonly part: Uint8Array
  readonly state: Uint8Array
  readonly receipts: Uint8Array
  readonly acknowledged: Uint8Array
}

/** Reads the packed form back; throws on anything else. */
export const unpackReceived = (packed: Uint8Array): PackedReceived => {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength)
  if (packed.byteLength < headerBytes || view.getUint32(0) !== 0x534d5343 || view.getUint16(4, true) !== 1)
    throw new Error("not a listing of what the simulator received")
  const rows = view.getFloat64(8, true)
  if (packed.byteLength !== headerBytes + rows * rowBytes)
    throw new Error("the listing of received submits is cut short")
  const columns = {
    rows,
    idBase: view.getFloat64(16, true),
    destination: new Float64Array(rows),
    arrived: new Float64Array(rows),
    command_status: new Uint16Array(rows).fill(UNANSWERED),
    written: new Uint8Array(rows),
    ref: new Uint16Array(rows),
    part: new Uint8Array(rows),
    state: new Uint8Array(rows),
    receipts: new Uint8Array(rows),
    acknowledged: new Uint8Array(rows)
  }
  for (let row = 0, at = headerBytes; row < rows; row++, at += rowBytes) {
    columns.destination[row] = view.getFloat64(at, true)
    columns.arrived[row] = view.getFloat64(at + 8, true)
    columns.command_status[row] = view.getUint16(at + 16, true)
    columns.ref[row] = view.getUint16(at + 18, true)
    columns.part[row] = packed[at + 20]!
    columns.written[row] = packed[at + 22]! & flag.written
    columns.state[row] = packed[at + 23]!
    columns.receipts[row] = packed[at + 26]!
    columns.acknowledged[row] = packed[at + 27]!
  }
  return columns
}
