// Octets that no operator should send, and some do.

import { writeUint32 } from "./digits.ts"

const header = (command_length: number, command_id: number, body = 0): Buffer => {
  const pdu = Buffer.alloc(16 + body)
  writeUint32(pdu, 0, command_length)
  writeUint32(pdu, 4, command_id)
  writeUint32(pdu, 12, 0x7ffffff0)
  return pdu
}

const kinds = {
  /** command_length smaller than a header. */
  short: () => header(4, 0x00000005),
  /** command_length of two gigabytes. */
  huge: () => header(0x7fffffff, 0x00000005),
  /** A command that SMPP doesn't know. */
  unknown: () => header(16, 0x00000333),
  /** An answer to nothing. */
  unasked: () => header(17, 0x80000004, 1),
  /** A deliver_sm whose strings never end. */
  unterminated: () => header(80, 0x00000005, 64).fill(0x41, 16),
  /** A deliver_sm whose sm_length reaches beyond its end. */
  overrun: () => {
    const pdu = header(16 + 20, 0x00000005, 20)
    pdu[16 + 16] = 200
    return pdu
  },
  /** The first half of a deliver_sm; the rest never comes. */
  half: () => header(200, 0x00000005, 40),
  /** Not SMPP at all. */
  garbage: () => Buffer.from("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", "latin1")
} as const

export type MalformedKind = keyof typeof kinds

export const malformedKinds = Object.keys(kinds) as ReadonlyArray<MalformedKind>

export const malformed = (kind: MalformedKind): Buffer => kinds[kind]()
