/**
 * Cuts what comes from a socket into PDUs, whatever way it is split.
 *
 *     decoder.push(chunk)
 *     while (decoder.next()) handle(decoder.buffer, decoder.start, decoder.end, decoder.commandId)
 *     if (decoder.error !== undefined) …
 *
 * Promises: nothing is allocated a frame; a frame that lies whole in its chunk is not copied, of one that doesn't only what
 * is carried over and what completes it; command_length is checked before anything is made or awaited for it; and after
 * an error nothing more is handed out, because where the next PDU begins can't be known.
 */
import { commandId } from "./command.ts"
import { headerLength } from "./Pdu.ts"
import type { Answer } from "./PduError.ts"
import { status } from "./status.ts"

/**
 * The longest PDU taken: 64 KiB. A TLV holds at most 65,535 octets and messages of real operators stay below 2 KiB, so
 * what is longer is a broken stream or an attack; and a connection can't make us hold more than this.
 */
export const defaultLongest = 0x10000

export class FrameError {
  readonly _tag = "FrameError"
  readonly reason: "too_short" | "too_long"
  readonly commandLength: number
  /** What had come of the header, 4 to 16 octets, for the log. */
  readonly bytes: Uint8Array

  constructor(reason: FrameError["reason"], commandLength: number, bytes: Uint8Array) {
    this.reason = reason
    this.commandLength = commandLength
    this.bytes = bytes
  }

  get message(): string {
    return `command_length ${this.commandLength} is ${this.reason === "too_short" ? "less than a header" : "above the bound"}`
  }

  /** generic_nack (4.3), with the sequence number if it had come, else zero. After it the connection is closed. */
  get answer(): Answer {
    const { bytes } = this
    const sequence_number = bytes.length < headerLength ? 0 : uint32(bytes, 12)
    return { command_id: commandId.generic_nack, command_status: status.ESME_RINVCMDLEN, sequence_number }
  }
}

const noBytes = Buffer.alloc(0)

/** Room for the frame that is split between chunks: any usual PDU fits, a longer one gets a buffer of its own length. */
const usualTail = 2048

export class FrameDecoder {
  /** The frame that `next` handed out is `buffer[start..end)`; it stands until the next call of `next` or `push`. */
  buffer: Buffer = noBytes
  start = 0
  end = 0
  commandId = 0
  status = 0
  sequence = 0
  error: FrameError | undefined = undefined

  private readonly longest: number
  private chunk: Buffer = noBytes
  private at = 0
  /** The beginning of a frame that came with earlier chunks. */
  private tail: Buffer = noBytes
  private tailLength = 0

  /** @param longest the largest command_length taken, in octets */
  constructor(longest: number = defaultLongest) {
    this.longest = longest
  }

  /** Octets that wait for the rest of their frame. */
  get waiting(): number {
    return this.tailLength + this.chunk.length - this.at
  }

  /**
   * What the socket gave. The chunk belongs to the decoder until `next` has returned false; then it may be written again.
   * Before that, chunks are joined, which costs a copy. Ignored after an error.
   */
  push(chunk: Buffer): void {
    if (this.error !== undefined) return
    this.chunk = this.at < this.chunk.length ? Buffer.concat([this.chunk.subarray(this.at), chunk]) : chunk
    this.at = 0
  }

  /** Whether there was one more whole frame; its place and header are then in the public fields. */
  next(): boolean {
    if (this.error !== undefined) return false
    if (this.tailLength > 0) return this.nextFromTail()
    const { chunk, at } = this
    const left = chunk.length - at
    if (left < 4) return this.carry()
    const length = uint32(chunk, at)
    if (length < headerLength || length > this.longest) return this.refuse(length, chunk, at, left)
    if (length > left) return this.carry(length)
    this.at = at + length
    return this.hand(chunk, at, length)
  }

  private hand(buffer: Buffer, start: number, length: number): true {
    this.buffer = buffer
    this.start = start
    this.end = start + length
    this.commandId = uint32(buffer, start + 4)
    this.status = uint32(buffer, start + 8)
    this.sequence = uint32(buffer, start + 12)
    return true
  }

  /** Keeps the rest of the chunk, which is the beginning of a frame of `length` octets, if that is known yet. */
  private carry(length = 0): false {
    const left = this.chunk.length - this.at
    if (left > 0) {
      this.makeRoom(Math.max(length, left))
      this.chunk.copy(this.tail, 0, this.at)
      this.tailLength = left
    }
    this.release()
    return false
  }

  private nextFromTail(): boolean {
    if (this.tailLength < 4) {
      this.take(4)
      if (this.tailLength < 4) return this.release()
    }
    const length = uint32(this.tail, 0)
    if (length < headerLength || length > this.longest) {
      this.take(headerLength)
      return this.refuse(length, this.tail, 0, this.tailLength)
    }
    this.makeRoom(length)
    this.take(length)
    if (this.tailLength < length) return this.release()
    this.tailLength = 0
    const frame = this.tail
    // A frame of unusual length leaves, and its buffer with it.
    if (frame.length > usualTail) this.tail = noBytes
    return this.hand(frame, 0, length)
  }

  /** Moves octets from the chunk, until the tail has so many. */
  private take(length: number): void {
    const from = this.at
    const to = Math.min(this.chunk.length, from + length - this.tailLength)
    if (to <= from) return
    this.chunk.copy(this.tail, this.tailLength, from, to)
    this.tailLength += to - from
    this.at = to
  }

  private makeRoom(length: number): void {
    if (length <= this.tail.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(length, usualTail))
    this.tail.copy(larger, 0, 0, this.tailLength)
    this.tail = larger
  }

  private release(): false {
    this.chunk = noBytes
    this.at = 0
    return false
  }

  private refuse(length: number, buffer: Buffer, at: number, left: number): false {
    const bytes = Uint8Array.prototype.slice.call(buffer, at, at + Math.min(left, headerLength))
    this.error = new FrameError(length < headerLength ? "too_short" : "too_long", length, bytes)
    this.tail = noBytes
    this.tailLength = 0
    return this.release()
  }
}

const uint32 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
