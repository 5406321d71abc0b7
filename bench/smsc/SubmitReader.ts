// Reads a submit_sm (SMPP 3.4, 4.4.1) or data_sm (4.7.1) where it lies in the read buffer: no copy, no object, no string. One
// reader serves all links; what it found stays in its fields until the next read.

import { status } from "#engine/smpp/status.ts"

const { ESME_RINVMSGLEN, ESME_RINVCMDLEN, ESME_RINVSRCADR, ESME_RINVDSTADR } = status

const TAG_SAR_MSG_REF_NUM = 0x020c
const TAG_SAR_TOTAL_SEGMENTS = 0x020e
const TAG_SAR_SEGMENT_SEQNUM = 0x020f
const TAG_MESSAGE_PAYLOAD = 0x0424

export class SubmitReader {
  /** The destination as a number; 0 if it wasn't one. */
  destination = 0
  /** How many digits it was written with, without a leading +. */
  digits = 0
  /** Where the source address lies in the bytes that were read. */
  sourceFrom = 0
  sourceTo = 0
  source_addr_ton = 0
  source_addr_npi = 0
  esm_class = 0
  registered_delivery = 0
  data_coding = 0
  /** Concatenation by UDH (3GPP 23.040, 9.2.3.24.1 and .8) or by sar_* TLVs; parts is 0 for a message of one part. */
  ref = 0
  part = 0
  parts = 0

  /**
   * Reads the PDU whose header is at `start` and which ends before `end`.
   * @returns the command_status that this PDU deserves by its form alone: 0, or ESME_RINVDSTADR, ESME_RINVSRCADR,
   * ESME_RINVMSGLEN, ESME_RINVCMDLEN
   */
  read(bytes: Uint8Array, start: number, end: number, data_sm: boolean): number {
    this.destination = 0
    this.digits = 0
    this.ref = 0
    this.part = 0
    this.parts = 0
    this.registered_delivery = 0
    let at = start + 16
    while (at < end && bytes[at] !== 0) at++ // service_type
    at++
    this.source_addr_ton = bytes[at]!
    this.source_addr_npi = bytes[at + 1]!
    at += 2
    this.sourceFrom = at
    while (at < end && bytes[at] !== 0) at++
    this.sourceTo = Math.min(at, end)
    at += 3 // the terminator, dest_addr_ton, dest_addr_npi
    if (at < end && bytes[at] === 0x2b) at++
    const first = at
    let number = 0
    let numeric = true
    while (at < end) {
      const byte = bytes[at]!
      if (byte === 0) break
      if (byte < 0x30 || byte > 0x39) numeric = false
      number = number * 10 + (byte - 0x30)
      at++
    }
    const digits = at - first
    at++
    const fits = numeric && digits > 0 && digits <= 15
    if (fits) {
      this.destination = number
      this.digits = digits
    }
    if (data_sm) {
      if (at + 3 > end) return ESME_RINVCMDLEN
      this.esm_class = bytes[at]!
      this.registered_delivery = bytes[at + 1]!
      this.data_coding = bytes[at + 2]!
      at += 3
    } else {
      if (at + 3 > end) return ESME_RINVCMDLEN
      this.esm_class = bytes[at]!
      at += 3 // esm_class, protocol_id, priority_flag
      while (at < end && bytes[at] !== 0) at++ // schedule_delivery_time
      at++
      while (at < end && bytes[at] !== 0) at++ // validity_period
      at++
      if (at + 5 > end) return ESME_RINVCMDLEN
      this.registered_delivery = bytes[at]!
      this.data_coding = bytes[at + 2]!
      const length = bytes[at + 4]!
      at += 5
      if (at + length > end) return ESME_RINVMSGLEN
      if ((this.esm_class & 0x40) !== 0 && length > 0) this.header(bytes, at, at + length)
      at += length
    }
    if (at < end && !this.tlvs(bytes, at, end)) return ESME_RINVCMDLEN
    if (!fits) return ESME_RINVDSTADR
    return this.sourceTo - this.sourceFrom > 20 ? ESME_RINVSRCADR : 0
  }

  /** The user data header at the beginning of the message. */
  private header(bytes: Uint8Array, from: number, to: number) {
    const end = Math.min(to, from + 1 + bytes[from]!)
    let at = from + 1
    while (at + 2 <= end) {
      const element = bytes[at]!
      const length = bytes[at + 1]!
      at += 2
      if (at + length > end) return
      if (element === 0x00 && length === 3) this.concatenated(bytes[at]!, bytes[at + 2]!, bytes[at + 1]!)
      if (element === 0x08 && length === 4)
        this.concatenated((bytes[at]! << 8) | bytes[at + 1]!, bytes[at + 3]!, bytes[at + 2]!)
      at += length
    }
  }

  private concatenated(ref: number, part: number, parts: number) {
    this.ref = ref
    this.part = part
    this.parts = parts
  }

  private tlvs(bytes: Uint8Array, from: number, end: number): boolean {
    let at = from
    while (at + 4 <= end) {
      const tag = (bytes[at]! << 8) | bytes[at + 1]!
      const length = (bytes[at + 2]! << 8) | bytes[at + 3]!
      at += 4
      if (at + length > end) return false
      if (tag === TAG_SAR_MSG_REF_NUM && length === 2) this.ref = (bytes[at]! << 8) | bytes[at + 1]!
      else if (tag === TAG_SAR_TOTAL_SEGMENTS && length === 1) this.parts = bytes[at]!
      else if (tag === TAG_SAR_SEGMENT_SEQNUM && length === 1) this.part = bytes[at]!
      else if (tag === TAG_MESSAGE_PAYLOAD && (this.esm_class & 0x40) !== 0 && length > 0)
        this.header(bytes, at, at + length)
      at += length
    }
    return at === end
  }
}
