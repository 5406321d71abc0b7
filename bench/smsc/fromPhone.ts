// A message from a phone to one of our senders: the deliver_sm of an answer such as STOP.

import { longestReceipt } from "./ReceiptWriter.ts"

export interface PhoneMessage {
  /** The phone's number, digits only. */
  readonly from: string
  /** The sender it answers to. */
  readonly to: string
  readonly text: string
  /** The account that gets it; without it, the first one that is bound. */
  readonly systemId?: string
}

/** The PDU, with sequence number 0; undefined if an address is longer than 20 characters or the text than 254 octets. */
export const phonePdu = ({ from, to, text }: PhoneMessage): Buffer | undefined => {
  const plain = /^[\x20-\x7e\r\n]*$/.test(text)
  // Characters whose octet in the default alphabet is another one than in ASCII go as UCS-2 too.
  const ascii = plain && !/[$@[\\\]^_`{|}~]/.test(text)
  const short_message = ascii ? Buffer.from(text, "latin1") : Buffer.from(text, "utf16le").swap16()
  if (!/^\d{1,20}$/.test(from) || to.length === 0 || to.length > 20 || short_message.length > 254) return undefined
  const digits = /^\d+$/.test(to)
  const pdu = Buffer.concat([
    Buffer.alloc(16),
    Buffer.from([0, 1, 1]),
    Buffer.from(`${from}\0`, "latin1"),
    Buffer.from(digits ? [1, 1] : [5, 0]),
    Buffer.from(`${to}\0`, "latin1"),
    Buffer.from([0, 0, 0, 0, 0, 0, 0, ascii ? 0 : 8, 0, short_message.length]),
    short_message
  ])
  pdu.writeUInt32BE(pdu.length, 0)
  pdu.writeUInt32BE(0x00000005, 4)
  return pdu.length <= longestReceipt ? pdu : undefined
}
