// One message id, many dresses: operators show it decimal in one place and hexadecimal in another, with or without leading
// zeros, in either case; some give a UUID. Underneath it is a number, the id of row 0 plus the row's number.

import { decimalLength, hexLength, writeDecimal, writeHex } from "./digits.ts"
import { bits, salt } from "./draw.ts"

export const idForms = ["decimal", "hex", "HEX", "uuid"] as const
export type IdForm = (typeof idForms)[number]

/** The longest id with its terminator (SMPP 3.4, 5.2.23). */
export const longestId = 64

export class MessageIdDress {
  private readonly form: IdForm
  private readonly width: number
  private readonly seed: number
  /** Up to this value the last length still holds. */
  private sameBelow = 0
  private sameFrom = 0
  private lastLength = 0

  /** @param width at least so many characters, filled with zeros on the left; 0 for none. A UUID is as long as it is. */
  constructor(form: IdForm, width: number, seed: number) {
    this.form = form
    this.width = width
    this.seed = seed
  }

  /** Writes the id and returns how many octets it took, at most 64 − 1; no terminator. */
  write(out: Uint8Array, at: number, id: number, row: number): number {
    if (this.form === "uuid") return this.uuid(out, at, row)
    const length = id >= this.sameFrom && id < this.sameBelow ? this.lastLength : this.measure(id)
    if (this.form === "decimal") writeDecimal(out, at, id, length)
    else writeHex(out, at, id, length, this.form === "HEX")
    return length
  }

  private measure(id: number): number {
    const base = this.form === "decimal" ? 10 : 16
    const digits = base === 10 ? decimalLength(id) : hexLength(id)
    this.sameFrom = digits === 1 ? 0 : base ** (digits - 1)
    this.sameBelow = base ** digits
    this.lastLength = Math.max(digits, this.width)
    return this.lastLength
  }

  /** A version 4 UUID out of the seed and the row. */
  private uuid(out: Uint8Array, at: number, row: number): number {
    for (let word = 0, to = at; word < 4; word++) {
      writeHex(out, to, bits(this.seed + word, row, salt.uuid), 8, false)
      to += 8
    }
    out.copyWithin(at + 24, at + 20, at + 32)
    out.copyWithin(at + 19, at + 16, at + 20)
    out.copyWithin(at + 14, at + 12, at + 16)
    out.copyWithin(at + 9, at + 8, at + 12)
    for (const dash of [8, 13, 18, 23]) out[at + dash] = 0x2d
    out[at + 14] = 0x34
    out[at + 19] = [0x38, 0x39, 0x61, 0x62][out[at + 19]! & 3]!
    return 36
  }
}
