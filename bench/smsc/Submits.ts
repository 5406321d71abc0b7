// What the operator does with a submit: takes or refuses it, answers it now or later, and has its receipt sent.
//
// A submit's life: read → refused or taken → (latency) answered → (delay) receipt sent → acknowledged. A link that dies in
// between takes nothing with it: the operator has the message, so the receipt goes to another bind of the account, or waits.

import { commandId } from "#engine/smpp/command.ts"
import { status as statusByName } from "#engine/smpp/status.ts"
import { writeUint32 } from "./digits.ts"
import { draw, salt } from "./draw.ts"
import type { Link } from "./Link.ts"
import { longestId, MessageIdDress } from "./MessageIdDress.ts"
import type { Operator } from "./Operator.ts"
import type { Settings } from "./Options.ts"
import type { OutBuffer } from "./OutBuffers.ts"
import { flag, UNANSWERED } from "./Received.ts"
import { SubmitReader } from "./SubmitReader.ts"

const { submit_sm_resp, data_sm_resp } = commandId
const { ESME_RINVBNDSTS, ESME_RTHROTTLED } = statusByName

export class Submits {
  private readonly operator: Operator
  private readonly reader = new SubmitReader()
  private settings!: Settings
  private dress!: MessageIdDress
  private burst = 1

  constructor(operator: Operator) {
    this.operator = operator
  }

  apply(settings: Settings) {
    this.settings = settings
    this.burst = settings.burst > 0 ? settings.burst : Math.max(1, settings.rate / 10)
    this.dress = new MessageIdDress(settings.id, settings.idWidth, settings.seed)
  }

  /** A submit_sm or data_sm whose header is at `start` and which ends before `end`. */
  take(link: Link, bytes: Buffer, start: number, end: number, sequence: number, data_sm: boolean) {
    if (!link.transmits) return link.header(data_sm ? data_sm_resp : submit_sm_resp, ESME_RINVBNDSTS, sequence)
    const { operator, reader, settings } = this
    const { received, tally } = operator
    const form = reader.read(bytes, start, end, data_sm)
    const row = received.add()
    const chunk = received.chunk(row)
    const i = received.index(row)
    chunk.destination[i] = reader.destination
    chunk.arrived[i] = operator.now
    chunk.digits[i] = reader.digits
    chunk.bind[i] = link.number
    chunk.ref[i] = reader.ref
    chunk.part[i] = reader.part
    chunk.parts[i] = reader.parts
    chunk.sender[i] = operator.senders.number(
      bytes,
      reader.sourceFrom,
      reader.sourceTo,
      reader.source_addr_ton,
      reader.source_addr_npi
    )
    const asks = reader.registered_delivery & 3
    chunk.flags[i] =
      (asks === 1 ? flag.receiptAlways : asks === 2 ? flag.receiptOnFailure : 0) | (data_sm ? flag.dataSm : 0)
    tally.submits++
    link.submits++
    if (settings.keep > 0) this.keep(bytes, start, end)
    if (settings.closeAfter > 0 && link.submits >= settings.closeAfter) {
      chunk.status[i] = UNANSWERED
      tally.silent++
      return link.close()
    }
    if (form === 0 && settings.silent > 0 && draw(settings.seed, row, salt.silent) < settings.silent) {
      chunk.status[i] = UNANSWERED
      tally.silent++
      if (settings.silentReceipts) operator.receipts.decide(link, row, false)
      return
    }
    chunk.status[i] = form !== 0 ? form : this.fate(link, row, reader.destination)
    link.outstanding++
    if (settings.latency.zero) return this.answer(link, row, sequence)
    operator.answerLater(settings.latency.at(draw(settings.seed, row, salt.latency)), row, link, sequence)
    if (settings.windowFull === "stall" && settings.window > 0 && link.outstanding >= settings.window)
      link.stalled = true
  }

  private fate(link: Link, row: number, destination: number): number {
    const { settings, operator } = this
    const { script } = operator
    if (settings.rate > 0 && !link.account!.admits(settings.rate, this.burst, operator.now)) return ESME_RTHROTTLED
    if (settings.window > 0 && link.outstanding >= settings.window) return ESME_RTHROTTLED
    if (script.nextStatuses.length > 0) return script.nextStatuses.shift()!
    if (script.statusByNumber.size > 0) {
      const status = script.statusByNumber.get(destination)
      if (status !== undefined) return status
    }
    return settings.errors.empty ? 0 : settings.errors.pick(draw(settings.seed, row, salt.error), 0)
  }

  /** Writes the answer, if there is still somebody to answer, and has the receipt decided. */
  answer(link: Link, row: number, sequence: number) {
    const { settings, operator } = this
    const { received, receipts, tally } = operator
    const chunk = received.chunk(row)
    const i = received.index(row)
    const status = chunk.status[i]!
    const command_id = (chunk.flags[i]! & flag.dataSm) === 0 ? submit_sm_resp : data_sm_resp
    link.outstanding--
    tally.answered++
    if (status !== 0) {
      tally.refused(status)
      if (!link.closed) link.header(command_id, status, sequence, row)
      return
    }
    tally.accepted++
    const early = settings.early > 0 && draw(settings.seed, row, salt.early) < settings.early
    if (early) receipts.decide(link, row, true)
    if (!link.closed) {
      const out = link.room(17 + longestId)
      const { bytes, length } = out
      const end = length + 16 + this.dress.write(bytes, length + 16, operator.idBase + row, row)
      bytes[end] = 0
      writeUint32(bytes, length, end + 1 - length)
      writeUint32(bytes, length + 4, command_id)
      writeUint32(bytes, length + 8, 0)
      writeUint32(bytes, length + 12, sequence)
      out.length = end + 1
      out.rows[out.answered++] = row
    }
    if (!early) receipts.decide(link, row, false)
  }

  /** The kernel took these answers. */
  written(out: OutBuffer) {
    const { received, run } = this.operator
    if (out.run !== run) return
    for (let n = 0; n < out.answered; n++) {
      const row = out.rows[n]!
      received.chunk(row).flags[received.index(row)]! |= flag.written
    }
  }

  private keep(bytes: Buffer, start: number, end: number) {
    const { kept } = this.operator
    kept.push(Buffer.from(bytes.subarray(start, end)))
    while (kept.length > this.settings.keep) kept.shift()
  }
}
