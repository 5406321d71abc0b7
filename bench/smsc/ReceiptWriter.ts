// Receipts: deliver_sm with the text of SMPP 3.4 Appendix B and the TLVs receipted_message_id and message_state. All receipts
// of one sender, state and length of number and id are the same but for a few octets: they are copied from a template in
// which sequence, number, id and, once a minute, the dates are patched. Dates are UTC.

import { decimalLength, writeDecimal, writeUint32 } from "./digits.ts"
import { longestId, type MessageIdDress } from "./MessageIdDress.ts"
import type { Sender, Senders } from "./Senders.ts"
import { stateOf } from "./states.ts"

/** No receipt is longer. */
export const longestReceipt = 512

/** A number is written back in international form, whatever was sent (SMPP 3.4, 5.2.5, 5.2.6). */
const numberTon = 1
const numberNpi = 1

interface Template {
  readonly sender: number
  readonly digits: number
  readonly idLength: number
  readonly bytes: Buffer
  readonly numberAt: number
  readonly idAt: number
  /** 0 when there are no TLVs. */
  readonly tlvIdAt: number
  readonly submitAt: number
  readonly doneAt: number
  submitMinute: number
  doneMinute: number
}

/** So many senders, lengths and states before the templates are built anew. */
const mostTemplates = 4096

export class ReceiptWriter {
  private readonly senders: Senders
  private readonly dress: MessageIdDress
  private readonly tlvs: boolean
  private readonly id = new Uint8Array(longestId)
  private readonly recent: Array<Template | undefined> = []
  private templates = new Map<string, Template>()

  constructor(senders: Senders, dress: MessageIdDress, tlvs: boolean) {
    this.senders = senders
    this.dress = dress
    this.tlvs = tlvs
  }

  /**
   * Writes one receipt at `at`, where there must be room for `longestReceipt`, and returns where it ends.
   * @param digits length of the number; 0 takes as many as it has
   * @param submitted @param now milliseconds since 1970
   */
  write(
    out: Uint8Array,
    at: number,
    sequence: number,
    row: number,
    id: number,
    number: number,
    digits: number,
    sender: number,
    state: number,
    submitted: number,
    now: number
  ): number {
    const scratch = this.id
    const idLength = this.dress.write(scratch, 0, id, row)
    const width = digits === 0 ? decimalLength(number) : digits
    let template = this.recent[state]
    if (
      template === undefined ||
      template.sender !== sender ||
      template.digits !== width ||
      template.idLength !== idLength
    )
      template = this.find(sender, width, idLength, state)
    const submitMinute = Math.floor(submitted / 60_000)
    if (submitMinute !== template.submitMinute) {
      writeMinute(template.bytes, template.submitAt, submitMinute)
      template.submitMinute = submitMinute
    }
    const doneMinute = Math.floor(now / 60_000)
    if (doneMinute !== template.doneMinute) {
      writeMinute(template.bytes, template.doneAt, doneMinute)
      template.doneMinute = doneMinute
    }
    out.set(template.bytes, at)
    writeUint32(out, at + 12, sequence)
    writeDecimal(out, at + template.numberAt, number, width)
    const idAt = at + template.idAt
    for (let i = 0; i < idLength; i++) out[idAt + i] = scratch[i]!
    if (template.tlvIdAt !== 0) {
      const tlvIdAt = at + template.tlvIdAt
      for (let i = 0; i < idLength; i++) out[tlvIdAt + i] = scratch[i]!
    }
    return at + template.bytes.length
  }

  private find(sender: number, digits: number, idLength: number, state: number): Template {
    const key = `${sender} ${digits} ${idLength} ${state}`
    let template = this.templates.get(key)
    if (template === undefined) {
      if (this.templates.size >= mostTemplates) this.templates.clear()
      template = build(this.senders.at(sender), sender, digits, idLength, state, this.tlvs)
      this.templates.set(key, template)
    }
    this.recent[state] = template
    return template
  }
}

const build = (
  address: Sender,
  sender: number,
  digits: number,
  idLength: number,
  state: number,
  tlvs: boolean
): Template => {
  const named = stateOf(state)!
  const delivered = state === 2 ? "001" : "000"
  const before = Buffer.concat([
    Buffer.alloc(16),
    Buffer.from([0, numberTon, numberNpi]),
    Buffer.alloc(digits + 1),
    Buffer.from([address.ton, address.npi, ...address.address, 0]),
    // esm_class: SMSC delivery receipt (5.2.12); protocol_id, priority_flag, two empty times, registered_delivery,
    // replace_if_present_flag, data_coding, sm_default_msg_id
    Buffer.from([0x04, 0, 0, 0, 0, 0, 0, 0, 0])
  ])
  const head = Buffer.from("id:")
  const sub = Buffer.from(` sub:001 dlvrd:${delivered} submit date:`)
  const done = Buffer.from(" done date:")
  const tail = Buffer.from(` stat:${named.stat} err:${named.err} text:`)
  const text = Buffer.concat([head, Buffer.alloc(idLength), sub, Buffer.alloc(10), done, Buffer.alloc(10), tail])
  const idAt = before.length + 1 + head.length
  const submitAt = idAt + idLength + sub.length
  const parts = [before, Buffer.from([text.length]), text]
  if (tlvs) {
    parts.push(Buffer.from([0x00, 0x1e, 0, idLength + 1]), Buffer.alloc(idLength + 1))
    parts.push(Buffer.from([0x04, 0x27, 0, 1, named.message_state]))
  }
  const bytes = Buffer.concat(parts)
  bytes.writeUInt32BE(bytes.length, 0)
  bytes.writeUInt32BE(0x00000005, 4)
  return {
    sender,
    digits,
    idLength,
    bytes,
    numberAt: 19,
    idAt,
    tlvIdAt: tlvs ? before.length + 1 + text.length + 4 : 0,
    submitAt,
    doneAt: submitAt + 10 + done.length,
    submitMinute: -1,
    doneMinute: -1
  }
}

/** YYMMDDhhmm, UTC. */
const writeMinute = (out: Uint8Array, at: number, minute: number) => {
  const date = new Date(minute * 60_000)
  writeDecimal(out, at, date.getUTCFullYear() % 100, 2)
  writeDecimal(out, at + 2, date.getUTCMonth() + 1, 2)
  writeDecimal(out, at + 4, date.getUTCDate(), 2)
  writeDecimal(out, at + 6, date.getUTCHours(), 2)
  writeDecimal(out, at + 8, date.getUTCMinutes(), 2)
}
