// One connection of a client. Walks the frames of what arrived where they lie, hands submits to the operator, answers the rest
// itself, and gathers everything it says in one buffer that is written once, when the turn ends.
//
// open → bound (as transmitter, receiver or transceiver) → closed. Before `bound` only binds are answered. A frame that can't
// be one (command_length below 16 or beyond 64 KiB) is answered with generic_nack and ends the connection, because
// nothing that follows can be trusted.

import type { Socket } from "node:net"
import { commandId } from "#engine/smpp/command.ts"
import { FrameDecoder } from "#engine/smpp/Frame.ts"
import type { Account } from "./Account.ts"
import { readControl } from "./control.ts"
import { writeUint32 } from "./digits.ts"
import type { Operator } from "./Operator.ts"
import type { OutBuffer } from "./OutBuffers.ts"
import { ReceiptWindow } from "./ReceiptWindow.ts"
import { longestReceipt } from "./ReceiptWriter.ts"

const { submit_sm, data_sm, deliver_sm_resp } = commandId
/** So much unsent and the client is not read any more: it must take its answers first. */
const unsentAtMost = 1 << 20

export class Link {
  readonly number: number
  readonly socket: Socket
  account: Account | undefined = undefined
  transmits = false
  receives = false
  closed = false
  /** Submits taken and not answered. */
  outstanding = 0
  /** Submits so far. */
  submits = 0
  /** When something last arrived, in milliseconds. */
  heardAt: number
  /** When enquire_link was sent that has not been answered; 0 for none. */
  enquiredAt = 0
  /** True while the operator doesn't read on because the window is full. */
  stalled = false
  /** What this connection still owes: receipts sent and not answered. */
  unacknowledged: ReceiptWindow
  private readonly operator: Operator
  private out: OutBuffer | undefined = undefined
  private readonly decoder = new FrameDecoder()
  private blocked = false
  private ending = false
  private dirty = false

  constructor(operator: Operator, socket: Socket, number: number) {
    this.operator = operator
    this.socket = socket
    this.number = number
    this.heardAt = operator.now
    this.unacknowledged = new ReceiptWindow(operator.settings.receiptWindow)
    operator.connected(this)
    socket.setNoDelay(true)
    socket.on("data", (chunk: Buffer) => this.receive(chunk))
    socket.on("drain", () => {
      this.blocked = false
      this.readOn()
      operator.touch()
    })
    // A cut connection is everyday life here; "close" follows and cleans up.
    socket.on("error", () => {})
    socket.on("close", () => this.close())
    if (operator.paused) socket.pause()
  }

  /** Whether a receipt can be sent now. */
  get takesReceipt(): boolean {
    return this.receives && !this.closed && !this.blocked && !this.unacknowledged.full
  }

  /** The buffer with room for so many octets. */
  room(octets: number): OutBuffer {
    if (this.out !== undefined && this.out.length + octets > this.out.bytes.length) this.flush()
    this.out ??= this.take()
    if (!this.dirty) {
      this.dirty = true
      this.operator.dirty.push(this)
      this.operator.touch()
    }
    return this.out
  }

  private take(): OutBuffer {
    const out = this.operator.buffers.take()
    out.run = this.operator.run
    return out
  }

  /** A PDU of a header alone; `row` if it answers a submit. */
  header(command_id: number, command_status: number, sequence_number: number, row = -1) {
    const out = this.room(16)
    const { bytes, length } = out
    writeUint32(bytes, length, 16)
    writeUint32(bytes, length + 4, command_id)
    writeUint32(bytes, length + 8, command_status)
    writeUint32(bytes, length + 12, sequence_number)
    out.length = length + 16
    if (row >= 0) out.rows[out.answered++] = row
  }

  /** Octets as they are. */
  raw(octets: Uint8Array) {
    const out = this.room(octets.length)
    out.bytes.set(octets, out.length)
    out.length += octets.length
  }

  /** Writes what was gathered. */
  flush() {
    this.dirty = false
    const out = this.out
    if (out === undefined) return
    this.out = undefined
    const { operator } = this
    if (!this.socket.writable || out.length === 0) return operator.buffers.give(out)
    const room = this.socket.write(out.bytes.subarray(0, out.length), (error) => {
      if (!error) operator.submits.written(out)
      operator.buffers.give(out)
    })
    if (!room && this.socket.writableLength > unsentAtMost) {
      this.blocked = true
      this.socket.pause()
    }
  }

  /** Goes on with what was left unread when the window was full. */
  unstall() {
    this.stalled = false
    if (!this.closed && !this.ending) this.read()
    this.readOn()
  }

  /** Reads again, unless something forbids it. */
  readOn() {
    if (!this.closed && !this.blocked && !this.stalled && !this.operator.paused) this.socket.resume()
  }

  /** Ends the connection once; what it still owes goes back to its account. */
  close() {
    if (this.closed) return
    this.closed = true
    this.transmits = false
    this.receives = false
    this.socket.destroy()
    if (this.out !== undefined) this.operator.buffers.give(this.out)
    this.out = undefined
    this.operator.left(this)
    // Rows go on naming this link; its window, which may have grown large, isn't needed for that.
    this.unacknowledged = new ReceiptWindow(0)
  }

  /** Says what there is to say, then ends; nothing more is read. */
  end() {
    this.transmits = false
    this.receives = false
    this.ending = true
    this.flush()
    this.socket.end(() => this.close())
  }

  /** Lets go of all that was under way, without a word. */
  forget() {
    this.outstanding = 0
    this.unacknowledged = new ReceiptWindow(this.operator.settings.receiptWindow)
  }

  /** Sends one receipt; only while `takesReceipt`. */
  receipt(row: number) {
    const out = this.room(longestReceipt)
    const sequence = this.unacknowledged.put(row, this.operator.now)
    out.length = this.operator.receipts.write(out.bytes, out.length, sequence, row)
  }

  private receive(chunk: Buffer) {
    if (this.closed || this.ending) return
    this.heardAt = this.operator.tick()
    this.operator.touch()
    this.decoder.push(chunk)
    this.read()
  }

  private read() {
    const { decoder, operator } = this
    const { receipts, submits } = operator
    while (!this.stalled && decoder.next()) {
      const { commandId: command_id, buffer, start, end, sequence } = decoder
      if (command_id === submit_sm) submits.take(this, buffer, start, end, sequence, false)
      else if (command_id === deliver_sm_resp) receipts.acknowledged(this, sequence, decoder.status)
      else if (command_id === data_sm) submits.take(this, buffer, start, end, sequence, true)
      else readControl(operator, this, command_id, sequence, buffer.subarray(start, end))
      if (this.closed || this.ending) return
    }
    if (this.stalled) this.socket.pause()
    if (decoder.error === undefined) return
    const { command_id, command_status, sequence_number } = decoder.error.answer
    operator.tally.malformed++
    this.header(command_id, command_status, sequence_number)
    this.end()
  }
}
