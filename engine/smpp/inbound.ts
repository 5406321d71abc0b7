/**
 * What people send us: a deliver_sm or data_sm that is no receipt, with its text in letters and, if it is a part of a
 * longer message, which part.
 */
import { decodeGsm } from "#schema/text/Gsm.ts"
import type { Pdu } from "./Pdu.ts"
import { tlvValue } from "./tlv.ts"
import { decodeUdh, type PartOfMessage, possible, type Udh, udhIndicator } from "./udh.ts"

export interface InboundMessage {
  readonly source_addr: string
  readonly destination_addr: string
  readonly data_coding: number
  /** `undefined` when data_coding says that it is no text, or text in an alphabet that we don't read. */
  readonly text: string | undefined
  /** The message without its user data header. */
  readonly octets: Uint8Array
  readonly udh: Udh | undefined
  /** By user data header, or by the sar_ TLVs (5.3.2.22 to 24). */
  readonly part: PartOfMessage | undefined
}

export const inboundMessage = (pdu: Pdu<"deliver_sm"> | Pdu<"data_sm">): InboundMessage => {
  const short = pdu.command === "deliver_sm" ? pdu.short_message : new Uint8Array(0)
  const whole = short.length > 0 ? short : (tlvValue(pdu.tlvs, "message_payload") ?? short)
  const udh = (pdu.esm_class & udhIndicator) === 0 ? undefined : decodeUdh(whole)
  const octets = udh === undefined ? whole : whole.subarray(udh.length)
  const { source_addr, destination_addr, data_coding } = pdu
  const text = textOf(octets, data_coding)
  return { source_addr, destination_addr, data_coding, text, octets, udh, part: udh?.concatenation ?? sarOf(pdu) }
}

const sarOf = ({ tlvs }: Pdu<"deliver_sm"> | Pdu<"data_sm">): PartOfMessage | undefined => {
  const reference = tlvValue(tlvs, "sar_msg_ref_num")
  const total = tlvValue(tlvs, "sar_total_segments")
  const part = tlvValue(tlvs, "sar_segment_seqnum")
  if (reference === undefined || total === undefined || part === undefined) return undefined
  return possible({ reference, total, part })
}

/**
 * Text by data_coding (5.2.19). 0 is the operator's default, which is GSM's alphabet unless told otherwise; 0xF0 to 0xFF
 * is GSM's message class, with bit 2 for binary data; UCS-2 is read as UTF-16, as phones write it.
 */
export const textOf = (octets: Uint8Array, data_coding: number): string | undefined => {
  if ((data_coding & 0xf0) === 0xf0) return (data_coding & 0x04) === 0 ? decodeGsm(octets) : undefined
  switch (data_coding) {
    case 0:
      return decodeGsm(octets)
    case 1:
    case 3:
      return Buffer.from(octets).toString("latin1")
    case 8:
      return utf16.decode(octets.subarray(0, octets.length & ~1))
    default:
      return undefined
  }
}

const utf16 = new TextDecoder("utf-16be", { ignoreBOM: true })
