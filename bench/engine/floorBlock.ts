/**
 * A block in the floor's hands, and its columns since the last flush, already as Postgres receives them: an element's length
 * stands before it from the start, only values are written, and a flush joins the blocks' runs.
 */

/** Recipients of a block at most. */
const MOST = 1_000
/** Octets of ids or errors with their lengths: 60 a message, three times what comes. */
const TEXT_ROOM = 60 * MOST

/** Octets of values, each behind the four octets of its length. */
const fixed = (octets: number): Buffer => {
  const column = Buffer.alloc(MOST * (4 + octets))
  for (let at = 3; at < column.length; at += 4 + octets) column[at] = octets
  return column
}

const attempts = () => ({
  n: 0,
  nth: fixed(2),
  part: fixed(2),
  try: fixed(2),
  bind: fixed(2),
  verdict: fixed(1),
  status: fixed(4),
  id: Buffer.allocUnsafe(TEXT_ROOM),
  idEnd: 0,
  submitted: fixed(4),
  answered: fixed(4)
})

const receipts = () => ({
  n: 0,
  nth: fixed(2),
  part: fixed(2),
  state: fixed(2),
  error: Buffer.allocUnsafe(TEXT_ROOM),
  errorEnd: 0,
  received: fixed(4)
})

export type Attempts = ReturnType<typeof attempts>
export type Receipts = ReturnType<typeof receipts>

export interface Block {
  readonly id: string
  readonly month: string
  readonly size: number
  readonly claimedAt: number
  readonly digits: Buffer
  readonly starts: Int32Array
  readonly letters: Buffer
  slot: number
  next: number
  /** recipients not answered, and not receipted */
  open: number
  moving: number
  dirty: boolean
  attempts: Attempts
  receipts: Receipts
  readonly grown: { delivered: number; undelivered: number; expired: number }
}

const spareAttempts: Array<Attempts> = []
const spareReceipts: Array<Receipts> = []

const COMMA = 0x2c

/** numbers: as the door gives them. */
export const block = (id: string, month: string, size: number, numbers: string): Block => {
  const digits = Buffer.from(`${numbers},`, "latin1")
  const starts = new Int32Array(size + 1)
  const letters = Buffer.alloc(size, "s")
  let open = 0
  let nth = 0
  for (let at = 0; at < digits.length; at++) {
    if (digits[at] !== COMMA) continue
    if (at > starts[nth]!) {
      letters[nth] = 0x77
      open++
    }
    starts[++nth] = at + 1
  }
  return {
    id,
    month,
    size,
    claimedAt: performance.now(),
    digits,
    starts,
    letters,
    slot: -1,
    next: 0,
    open,
    moving: open,
    dirty: false,
    attempts: spareAttempts.pop() ?? attempts(),
    receipts: spareReceipts.pop() ?? receipts(),
    grown: { delivered: 0, undelivered: 0, expired: 0 }
  }
}

/** Begins a block's columns anew, after a flush has copied them. */
export const emptied = (b: Block): void => {
  b.attempts.n = b.attempts.idEnd = b.receipts.n = b.receipts.errorEnd = 0
  b.grown.delivered = b.grown.undelivered = b.grown.expired = 0
  b.dirty = false
}

/** Gives a finished block's columns back. */
export const released = (b: Block): void => {
  spareAttempts.push(b.attempts)
  spareReceipts.push(b.receipts)
}

export const writeInt16 = (column: Buffer, i: number, value: number): void => {
  const at = i * 6
  column[at + 4] = value >> 8
  column[at + 5] = value
}

export const writeInt32 = (column: Buffer, i: number, value: number): void => {
  const at = i * 8
  column[at + 4] = value >> 24
  column[at + 5] = value >> 16
  column[at + 6] = value >> 8
  column[at + 7] = value
}

/** Appends from[start..end) to a column of texts; gives where the column ends now. */
export const writeText = (column: Buffer, at: number, from: Buffer, start: number, end: number): number => {
  column[at] = column[at + 1] = column[at + 2] = 0
  column[at + 3] = end - start
  let to = at + 4
  for (let i = start; i < end; i++) column[to++] = from[i]!
  return to
}

/** The head of a one-dimensional array in binary form (array_recv). */
export const arrayHead = (elementOid: number, length: number): Buffer => {
  const head = Buffer.alloc(20)
  head.writeInt32BE(1, 0)
  head.writeInt32BE(elementOid, 8)
  head.writeInt32BE(length, 12)
  head.writeInt32BE(1, 16)
  return head
}
