/**
 * The GSM 7 bit default alphabet and its extension table (3GPP TS 23.038, 6.2.1 and 6.2.1.1; formerly GSM 03.38).
 *
 * Promises: what `isGsm` accepts, `encodeGsm` encodes and `decodeGsm` gives back unchanged; nothing is ever replaced
 * by something that looks like it. Septets are unpacked, one an octet, as SMPP carries data_coding 0x00.
 */

/** Septet 0x1B announces a character of the extension table: two septets for one character. */
export const ESCAPE = 0x1b

// Position is the septet. 0x1B itself is no character, hence the placeholder, which is never looked up.
const BASIC =
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u001bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
  "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"

const EXTENSION: ReadonlyArray<readonly [septet: number, character: string]> = [
  [0x0a, "\f"],
  [0x14, "^"],
  [0x28, "{"],
  [0x29, "}"],
  [0x2f, "\\"],
  [0x3c, "["],
  [0x3d, "~"],
  [0x3e, "]"],
  [0x40, "|"],
  [0x65, "€"]
]

const NOT_GSM = -1
const IS_EXTENSION = 0x80

// By UTF-16 code unit: a septet, a septet of the extension table with 0x80 set, or -1. Every GSM character is in the
// Basic Multilingual Plane, below U+20AD (the euro sign is the last).
const TABLE_LENGTH = 0x20ad
const septets = new Int16Array(TABLE_LENGTH).fill(NOT_GSM)
for (let septet = 0; septet < 128; septet++) if (septet !== ESCAPE) septets[BASIC.charCodeAt(septet)] = septet
for (const [septet, character] of EXTENSION) septets[character.charCodeAt(0)] = septet | IS_EXTENSION

const extended = new Map(EXTENSION)

const lookUp = (codeUnit: number): number => (codeUnit < TABLE_LENGTH ? septets[codeUnit]! : NOT_GSM)

/** Septets that one UTF-16 code unit takes: 1, 2 for the extension table, 0 when the alphabet lacks it. */
export const septetsOf = (codeUnit: number): 0 | 1 | 2 => {
  const found = lookUp(codeUnit)
  return found === NOT_GSM ? 0 : found < IS_EXTENSION ? 1 : 2
}

/** Whether every character of `text` is in the default alphabet or its extension table. Empty text is. */
export const isGsm = (text: string): boolean => {
  for (let index = 0; index < text.length; index++) if (lookUp(text.charCodeAt(index)) === NOT_GSM) return false
  return true
}

/** Septets that `text` takes, escapes included; `undefined` when it is not GSM text. */
export const septetLength = (text: string): number | undefined => {
  let length = 0
  for (let index = 0; index < text.length; index++) {
    const taken = septetsOf(text.charCodeAt(index))
    if (taken === 0) return undefined
    length += taken
  }
  return length
}

/**
 * Unpacked septets, one an octet; an extension character is 0x1B and its septet.
 *
 * Only for text that `isGsm` accepts: another character throws `RangeError`, because to choose the encoding first is
 * the caller's duty (`encodingOf`) and a silent "?" would change what was approved.
 */
export const encodeGsm = (text: string): Uint8Array => {
  const length = septetLength(text)
  if (length === undefined) throw new RangeError("This text is not in the GSM alphabet; choose its encoding first.")
  const octets = new Uint8Array(length)
  let at = 0
  for (let index = 0; index < text.length; index++) {
    const found = lookUp(text.charCodeAt(index))
    if (found >= IS_EXTENSION) octets[at++] = ESCAPE
    octets[at++] = found & 0x7f
  }
  return octets
}

/**
 * Text of unpacked septets. As 23.038 asks of a receiver: an escape before a septet without an extension character
 * shows the character of the basic table, a second escape shows a space, and bit 8 is ignored.
 */
export const decodeGsm = (octets: Uint8Array): string => {
  let text = ""
  for (let index = 0; index < octets.length; index++) {
    const septet = octets[index]! & 0x7f
    if (septet !== ESCAPE) {
      text += BASIC[septet]
      continue
    }
    if (index + 1 === octets.length) break
    const next = octets[++index]! & 0x7f
    text += extended.get(next) ?? (next === ESCAPE ? " " : BASIC[next])
  }
  return text
}
