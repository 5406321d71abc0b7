/**
 * Cuts a stream of bytes into lines without making a string of any.
 *
 * Promises: LF, CRLF and a lone CR end a line, also when a chunk ends between CR and LF; a last line needs no end; a
 * line of any length takes bounded memory: what is longer than `LONGEST_LINE` is handed on cut, and marked.
 */

/** Bytes: ample for a number with a hundred placeholder values, and small enough to hold. */
export const LONGEST_LINE = 65_536

/** How much of a longer line is handed on, to be shown. */
const SHOWN_OF_LONGER = 400

const LF = 10
const CR = 13

/** `bytes` from `start` to `end` (exclusive), valid during the call only. `cut`: the line was longer than allowed. */
export type OnLine = (bytes: Buffer, start: number, end: number, cut: boolean) => void

export class Lines {
  private readonly carry = Buffer.alloc(LONGEST_LINE)
  private carried = 0
  private carriedCut = false
  private afterCr = false
  private readonly onLine: OnLine

  constructor(onLine: OnLine) {
    this.onLine = onLine
  }

  push(chunk: Uint8Array): void {
    const length = chunk.length
    if (length === 0) return
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, length)
    let start = this.afterCr && bytes[0] === LF ? 1 : 0
    this.afterCr = false
    for (let at = start; at < length; at++) {
      const byte = bytes[at]!
      if (byte !== LF && byte !== CR) continue
      this.emit(bytes, start, at)
      if (byte === CR) {
        if (at + 1 === length) this.afterCr = true
        else if (bytes[at + 1] === LF) at++
      }
      start = at + 1
    }
    this.keep(bytes, start, length)
  }

  /** The last line, if it had no end. */
  end(): void {
    if (this.carried > 0) this.emit(this.carry, 0, 0)
  }

  private emit(bytes: Buffer, start: number, end: number): void {
    if (this.carried === 0) {
      const cut = end - start > LONGEST_LINE
      this.onLine(bytes, start, cut ? start + SHOWN_OF_LONGER : end, cut)
      return
    }
    this.keep(bytes, start, end)
    const length = this.carried
    const cut = this.carriedCut
    this.carried = 0
    this.carriedCut = false
    this.onLine(this.carry, 0, cut ? SHOWN_OF_LONGER : length, cut)
  }

  private keep(bytes: Buffer, start: number, end: number): void {
    const room = LONGEST_LINE - this.carried
    if (end - start > room) this.carriedCut = true
    this.carried += bytes.copy(this.carry, this.carried, start, Math.min(end, start + room))
  }
}
