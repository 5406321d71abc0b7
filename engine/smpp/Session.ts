/**
 * One bound SMPP session: a socket, a window of submits, and what the specification has a peer answer.
 *
 * The hot path is callbacks over arrays: one pass over what a read brought, then one write of everything that pass
 * produced. Connecting, binding and waiting are Effects and live in `engine/bind`.
 *
 * Promises: each request is answered as SMPP 3.4 says; a PDU that can't be understood is answered, logged with its bytes
 * and survived, unless where the next one begins is lost: then the session ends; once it has ended, its owner has been
 * told, once, and nothing more is written.
 */
import type { Socket } from "node:net"
import { commandId, commandName, isResponse } from "./command.ts"
import { FrameDecoder } from "./Frame.ts"
import { messageIdAt } from "./MessageId.ts"
import { Outgoing } from "./Outgoing.ts"
import { headerLength } from "./Pdu.ts"
import { refusalOf, smallest, writeDataSmResp, writeDeliverSmResp, writeHeader } from "./respond.ts"
import type { BindMode, EndReason, SessionOwner } from "./SessionOwner.ts"
import { nextSequence } from "./sequence.ts"
import { status } from "./status.ts"
import type { SubmitTemplate } from "./submit.ts"
import { connected, due, type LinkTimes, type TimerLimits } from "./timers.ts"
import { Window } from "./Window.ts"

/** Above this the socket doesn't keep up, and submitting waits: about a window of 500 long messages. */
const MOST_UNSENT = 128 * 1024

export class Session {
  readonly number: number
  readonly mode: BindMode
  private readonly socket: Socket
  private readonly owner: SessionOwner
  private readonly now: () => number
  private readonly window: Window
  private readonly limits: TimerLimits
  private readonly times: LinkTimes
  private readonly decoder = new FrameDecoder()
  private readonly out: Outgoing
  private sequence = 0
  private resumedAt = Number.NEGATIVE_INFINITY
  private over = false
  private unbinding = false

  /** The socket is bound already; `sequence` is the last one used on it. number: which bind of the channel, from 1. */
  constructor(o: {
    socket: Socket
    owner: SessionOwner
    number: number
    mode: BindMode
    windowSize: number
    sequence: number
    limits: TimerLimits
    /** monotonic ms */
    now: () => number
  }) {
    this.socket = o.socket
    this.out = new Outgoing(o.socket)
    this.owner = o.owner
    this.number = o.number
    this.mode = o.mode
    this.window = new Window(o.windowSize)
    this.sequence = o.sequence
    this.now = o.now
    this.limits = o.limits
    this.times = { ...connected(o.now()), boundAt: o.now() }
    this.socket.on("data", (chunk: Buffer) => this.receive(chunk))
    this.socket.on("drain", () => this.owner.turned(this, this.now()))
    this.socket.on("error", (error) => this.end({ _tag: "Closed", message: error.message }))
    this.socket.on("close", () => this.end({ _tag: "Closed", message: "the operator closed the connection" }))
    this.socket.resume()
  }

  get canSubmit(): boolean {
    return this.mode !== "receiver"
  }

  get canReceive(): boolean {
    return this.mode !== "transmitter"
  }

  /** Submits that may be written now. */
  get room(): number {
    return this.over || this.unbinding || this.out.unsent > MOST_UNSENT ? 0 : this.window.room
  }

  get windowSize(): number {
    return this.window.size
  }

  /** We have said goodbye, or the session is over. */
  get leaving(): boolean {
    return this.over || this.unbinding
  }

  get outstanding(): number {
    return this.window.outstanding
  }

  /** Writes one submit_sm, to leave with the next `flush`. The digits are digits[from..to). */
  submit(
    template: SubmitTemplate,
    digits: Buffer,
    from: number,
    to: number,
    reference: number,
    token: number,
    now: number
  ): void {
    do this.sequence = nextSequence(this.sequence)
    while (this.window.taken(this.sequence))
    const { out } = this
    out.reserve(template.mostOctets)
    out.at = template.write(out.slab, out.at, this.sequence, digits, from, to, reference)
    this.window.put(this.sequence, token, now)
  }

  /** Sends what has been written. */
  flush(): void {
    if (!this.over) this.out.flush()
  }

  /** deliver_sm_resp, ESME_ROK, for each; a negative number asks for data_sm_resp. */
  acknowledge(sequence_numbers: ReadonlyArray<number>): void {
    if (this.over) return
    const { out } = this
    for (const sequence_number of sequence_numbers) {
      out.reserve(smallest)
      out.at =
        sequence_number < 0
          ? writeDataSmResp(out.slab, out.at, -sequence_number)
          : writeDeliverSmResp(out.slab, out.at, sequence_number)
    }
    this.flush()
  }

  /** Answers a request that can't be taken. */
  refuse(command_id: number, command_status: number, sequence_number: number): void {
    this.header(command_id, command_status, sequence_number)
  }

  /** Says goodbye; the session ends when the operator has answered. */
  unbind(): void {
    if (this.over || this.unbinding) return
    this.unbinding = true
    this.times.unbindSentAt = this.now()
    this.sequence = nextSequence(this.sequence)
    this.header(commandId.unbind, 0, this.sequence)
    this.flush()
  }

  /** Does what the timers say is due (timers.ts). */
  look(now: number): void {
    // while we don't read, silence is ours and not the operator's
    if (this.socket.isPaused()) return
    while (!this.over) {
      // answers that came while we didn't read have their time from when we read again
      const oldest = this.window.oldest()
      this.times.oldestRequestAt = oldest === undefined ? undefined : Math.max(oldest, this.resumedAt)
      const next = due(this.times, this.limits, now)
      switch (next.do) {
        case "wait":
          return
        case "give_up":
          this.window.expire(next.sentUntil, (token, sentAt) => this.owner.lost(this, token, sentAt, now))
          break
        case "enquire_link":
          this.times.enquiredAt = now
          this.sequence = nextSequence(this.sequence)
          this.header(commandId.enquire_link, 0, this.sequence)
          this.flush()
          break
        case "close":
          this.end({ _tag: "Silent", message: `the operator fell silent (${next.reason})` })
      }
    }
  }

  /** Hands out, once the session has ended, what was never answered. */
  drainOutstanding(lost: (token: number, sentAt: number) => void): void {
    this.window.expire(Number.POSITIVE_INFINITY, lost)
  }

  /** Stops reading (the journal is full), or goes on: TCP pushes back on the operator meanwhile. */
  setReading(reading: boolean): void {
    if (reading === !this.socket.isPaused()) return
    if (reading) {
      this.times.receivedAt = this.resumedAt = this.now()
      this.socket.resume()
    } else this.socket.pause()
  }

  end(reason: EndReason): void {
    if (this.over) return
    this.over = true
    this.socket.destroy()
    this.owner.ended(this, this.unbinding ? { _tag: "Unbound" } : reason)
  }

  /** A bug in the handling of one PDU costs this session, not the process with all the others. */
  private receive(chunk: Buffer): void {
    try {
      this.read(chunk)
    } catch (defect) {
      const message = defect instanceof Error ? (defect.stack ?? defect.message) : String(defect)
      this.owner.odd(this, `a defect of ours, the session ends: ${message}`, chunk)
      this.end({ _tag: "Broken", message: "a defect of ours" })
    }
  }

  private read(chunk: Buffer): void {
    const now = this.now()
    this.times.receivedAt = now
    const { decoder } = this
    decoder.push(chunk)
    while (!this.over && decoder.next()) this.handle(now)
    if (decoder.error !== undefined && !this.over) {
      const { answer, bytes, message } = decoder.error
      this.owner.odd(this, message, bytes)
      this.refuse(answer.command_id, answer.command_status, answer.sequence_number)
      this.flush()
      this.end({ _tag: "Broken", message })
    }
    if (this.over) return
    // what was read has taken its time: what leaves now is counted now
    this.owner.turned(this, this.now())
    this.flush()
  }

  private handle(now: number): void {
    const { decoder } = this
    switch (decoder.commandId) {
      case commandId.submit_sm_resp:
        return this.answer(decoder.status, decoder.status === 0, now)
      case commandId.deliver_sm:
      case commandId.data_sm:
        return this.owner.delivered(this, decoder.buffer, decoder.start, decoder.end, now)
      case commandId.enquire_link:
        return this.header(commandId.enquire_link_resp, 0, decoder.sequence)
      case commandId.enquire_link_resp:
      case commandId.alert_notification:
        return
      case commandId.unbind:
        this.header(commandId.unbind_resp, 0, decoder.sequence)
        this.flush()
        return this.end({ _tag: "Unbound" })
      case commandId.unbind_resp:
        return this.end({ _tag: "Unbound" })
      case commandId.generic_nack:
        return this.answer(decoder.status === 0 ? status.ESME_RUNKNOWNERR : decoder.status, false, now)
      default:
        return this.unexpected()
    }
  }

  private answer(command_status: number, withId: boolean, now: number): void {
    const { buffer, end, sequence, start } = this.decoder
    this.times.transactionAt = now
    const place = this.window.take(sequence)
    if (place < 0) {
      this.owner.odd(this, `an answer to sequence_number ${sequence}, which waits for none`)
      return
    }
    const message_id = withId ? messageIdAt(buffer, start, end) : ""
    this.owner.answered(this, this.window.token(place), command_status, message_id, this.window.sentAt(place), now)
  }

  private unexpected(): void {
    const { buffer, commandId: id, end, sequence, start } = this.decoder
    const name = commandName(id)
    this.owner.odd(
      this,
      `unexpected ${name ?? `command_id 0x${id.toString(16)}`}`,
      Buffer.from(buffer.subarray(start, end))
    )
    if (isResponse(id)) return
    const { command_id, command_status } = refusalOf(id)
    this.header(command_id, command_status, sequence)
  }

  private header(command_id: number, command_status: number, sequence_number: number): void {
    if (this.over) return
    const { out } = this
    out.reserve(headerLength)
    out.at = writeHeader(out.slab, out.at, headerLength, command_id, command_status, sequence_number)
  }
}
