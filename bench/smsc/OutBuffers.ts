// Where answers and receipts are written together until the turn ends: one buffer, one write. Buffers go back to the pool when
// the kernel has taken what was in them. Beside the octets each remembers which rows it answers.

const bytesEach = 128 * 1024
/** The shortest answer has 17 octets, so a buffer is full before its rows are. */
const rowsEach = bytesEach / 16
/** Kept for later; more than this many are left to the garbage collector. */
const keep = 64

export class OutBuffer {
  readonly bytes = Buffer.allocUnsafeSlow(bytesEach)
  readonly rows = new Int32Array(rowsEach)
  length = 0
  answered = 0
  /** Rows are counted anew after a reset; those of an earlier run are nobody's any more. */
  run = 0
}

export class OutBuffers {
  private readonly idle: Array<OutBuffer> = []

  take(): OutBuffer {
    return this.idle.pop() ?? new OutBuffer()
  }

  give(buffer: OutBuffer) {
    buffer.length = 0
    buffer.answered = 0
    if (this.idle.length < keep) this.idle.push(buffer)
  }
}
