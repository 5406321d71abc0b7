/**
 * How many SMS a text is, and the octets of each.
 *
 * Promises: the parts joined are the encoded text, nothing lost or added; an escape and its extension character, or a
 * surrogate pair, are never in two parts; `measure` and `split` always agree. No part carries a user data header: the
 * wire adds the six octets of a concatenation header (3GPP TS 23.040, 9.2.3.24.1), for which room is left here.
 */
import { Result, Schema } from "effect"
import { type Encoding, encode, isLatin1 } from "./Encoding.ts"
import { septetLength, septetsOf } from "./Gsm.ts"

/**
 * What 140 octets hold, alone and beside a 6-octet header: GSM septets, UTF-16 code units, Latin-1 octets.
 * 3GPP TS 23.038, 4: 160 septets; (140 − 6) × 8 / 7 = 153; 140 / 2 = 70; 134 / 2 = 67.
 */
export const capacity = {
  gsm7: { alone: 160, concatenated: 153 },
  ucs2: { alone: 70, concatenated: 67 },
  latin1: { alone: 140, concatenated: 134 }
} as const satisfies Record<Encoding, { alone: number; concatenated: number }>

/**
 * Parts a text may have unless the caller says otherwise: 1,530 GSM or 670 UCS-2 characters. Handsets must join no
 * particular number; more than ten is where operators begin to refuse and where a slip of the pen gets dear.
 */
export const DEFAULT_MAXIMUM_PARTS = 10

/** The header counts parts in one octet: 3GPP TS 23.040, 9.2.3.24.1. */
export const GREATEST_MAXIMUM_PARTS = 255

/** The text needs more parts than it may have. */
export class TextTooLong extends Schema.TaggedError<TextTooLong>()("TextTooLong", {
  encoding: Schema.Literals(["gsm7", "ucs2", "latin1"]),
  parts: Schema.Int,
  maximumParts: Schema.Int,
  /** How many units (septets, code units, octets) must go. */
  excess: Schema.Int
}) {
  override get message() {
    return `The text takes ${this.parts} messages, and may take ${this.maximumParts}. Shorten it by ${this.excess} characters${
      this.encoding === "ucs2"
        ? ", or remove the characters that need Unicode: it then holds more than twice as much"
        : ""
    }.`
  }
}

/** The text has a character that the encoding lacks: it was not chosen by `encodingOf`. */
export class TextNotEncodable extends Schema.TaggedError<TextNotEncodable>()("TextNotEncodable", {
  encoding: Schema.Literals(["gsm7", "ucs2", "latin1"])
}) {
  override get message() {
    return `The text has characters that ${this.encoding} lacks. Send it as Unicode (UCS-2), or replace them.`
  }
}

/** What a live counter shows. */
export interface Measure {
  readonly encoding: Encoding
  /** Length in the encoding's own units: septets (an extension character is two), UTF-16 code units, or octets. */
  readonly units: number
  /** Messages; an empty text is one. */
  readonly parts: number
  /** Units that still fit into the last part. One may stay unused where a pair did not fit. */
  readonly remaining: number
}

/** A text ready for the wire. */
export interface Segments extends Measure {
  /** Encoded octets of each part, without header. They are views of one buffer. */
  readonly octets: ReadonlyArray<Uint8Array>
}

/** Length of `text` in units and parts, whatever its length; fails only when the encoding lacks a character. */
export const measure = (text: string, encoding: Encoding): Result.Result<Measure, TextNotEncodable> => {
  const units = unitsOf(text, encoding)
  if (units === undefined) return Result.fail(new TextNotEncodable({ encoding }))
  const cuts = cutsOf(text, encoding, units)
  const room = cuts.length === 0 ? capacity[encoding].alone : capacity[encoding].concatenated
  return Result.succeed({
    encoding,
    units,
    parts: cuts.length + 1,
    remaining: room - (units - (cuts.at(-1) ?? 0))
  })
}

/**
 * `text` as the octets of its parts. `maximumParts` is 10 unless given, and never above 255.
 *
 * Fails with `TextTooLong` when it needs more parts, `TextNotEncodable` when the encoding lacks a character.
 */
export const split = (
  text: string,
  encoding: Encoding,
  maximumParts: number = DEFAULT_MAXIMUM_PARTS
): Result.Result<Segments, TextTooLong | TextNotEncodable> => {
  const measured = measure(text, encoding)
  if (Result.isFailure(measured)) return Result.fail(measured.failure)
  const { parts, units } = measured.success
  const maximum = Math.max(1, Math.min(Math.floor(maximumParts), GREATEST_MAXIMUM_PARTS))
  const cuts = cutsOf(text, encoding, units)
  if (parts > maximum) {
    // What stands after the last part that may be: exact, pairs considered. With one part allowed there is no header.
    const kept = maximum === 1 ? capacity[encoding].alone : cuts[maximum - 1]!
    return Result.fail(new TextTooLong({ encoding, parts, maximumParts: maximum, excess: units - kept }))
  }
  const whole = encode(text, encoding)
  const octetsPerUnit = encoding === "ucs2" ? 2 : 1
  const octets = [...cuts, units].map((end, part) =>
    whole.subarray((cuts[part - 1] ?? 0) * octetsPerUnit, end * octetsPerUnit)
  )
  return Result.succeed({ ...measured.success, octets })
}

const unitsOf = (text: string, encoding: Encoding): number | undefined => {
  switch (encoding) {
    case "gsm7":
      return septetLength(text)
    case "ucs2":
      return text.length
    case "latin1":
      return isLatin1(text) ? text.length : undefined
  }
}

/** Where one part ends and the next begins, in units; empty when the text fits into one. */
const cutsOf = (text: string, encoding: Encoding, units: number): ReadonlyArray<number> => {
  if (units <= capacity[encoding].alone) return []
  const room = capacity[encoding].concatenated
  const cuts: Array<number> = []
  let start = 0
  let at = 0
  for (let index = 0; index < text.length; index++) {
    let width = 1
    if (encoding === "gsm7") width = septetsOf(text.charCodeAt(index))
    else if (encoding === "ucs2" && text.codePointAt(index)! > 0xffff) {
      width = 2
      index++
    }
    if (at + width - start > room) {
      cuts.push(at)
      start = at
    }
    at += width
  }
  return cuts
}
