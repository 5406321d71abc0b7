/**
 * Which encoding a text travels in, and what an author can do about it.
 *
 * The rule: the GSM alphabet when every character is in it, else UCS-2; Latin-1 only on a channel that asks for it, and
 * only for text that fits. A character is never replaced here: replacements are offered, the author decides.
 */
import { encodeGsm, isGsm } from "./Gsm.ts"

export type Encoding = "gsm7" | "ucs2" | "latin1"

/** What the operator of a channel takes as its default alphabet; SMPP 3.4 leaves it to the operator (5.2.19). */
export type ChannelCharset = "gsm7" | "latin1"

/** `data_coding` of each encoding: SMPP 3.4, 5.2.19. */
export const dataCoding = { gsm7: 0x00, latin1: 0x03, ucs2: 0x08 } as const satisfies Record<Encoding, number>

/** Whether every character is ISO 8859-1, one octet each. */
export const isLatin1 = (text: string): boolean => {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0xff) return false
  return true
}

/** The encoding of `text` on a channel of `charset`. On a Latin-1 channel what does not fit goes as UCS-2. */
export const encodingOf = (text: string, charset: ChannelCharset = "gsm7"): Encoding => {
  if (charset === "latin1") return isLatin1(text) ? "latin1" : "ucs2"
  return isGsm(text) ? "gsm7" : "ucs2"
}

/**
 * Octets of `text` as they go into `short_message`: unpacked septets, big-endian UTF-16 code units (what handsets show
 * of UCS-2; surrogate pairs included), or ISO 8859-1. Throws `RangeError` when the text does not fit the encoding:
 * choosing it (`encodingOf`) comes first.
 */
export const encode = (text: string, encoding: Encoding): Uint8Array => {
  switch (encoding) {
    case "gsm7":
      return encodeGsm(text)
    case "ucs2": {
      const octets = new Uint8Array(text.length * 2)
      for (let index = 0; index < text.length; index++) {
        const codeUnit = text.charCodeAt(index)
        octets[index * 2] = codeUnit >> 8
        octets[index * 2 + 1] = codeUnit & 0xff
      }
      return octets
    }
    case "latin1": {
      if (!isLatin1(text)) throw new RangeError("This text is not in Latin-1; choose its encoding first.")
      const octets = new Uint8Array(text.length)
      for (let index = 0; index < text.length; index++) octets[index] = text.charCodeAt(index)
      return octets
    }
  }
}

/** A character that forces a text into UCS-2. */
export interface ForcingCharacter {
  /** One whole character as the author sees it: a code point with the marks that combine with it. */
  readonly character: string
  /** `U+2019`, or `U+0065 U+0301`: for characters that cannot be seen. */
  readonly codePoint: string
  /** How often it occurs. */
  readonly count: number
  /** Where it occurs first: index in UTF-16 code units. */
  readonly firstAt: number
  /** What could stand in its place, in the channel's own charset; `undefined` when nothing says the same. */
  readonly replacement: string | undefined
}

/**
 * The characters of `text` that its channel's charset lacks, each once, in order of appearance, with the replacement
 * to offer. Empty when the text is not forced into UCS-2.
 */
export const charactersForcingUcs2 = (
  text: string,
  charset: ChannelCharset = "gsm7"
): ReadonlyArray<ForcingCharacter> => {
  const fits = charset === "latin1" ? isLatin1 : isGsm
  const found = new Map<string, { count: number; firstAt: number }>()
  for (const { 0: character, index } of text.matchAll(CHARACTER)) {
    if (fits(character)) continue
    const seen = found.get(character)
    if (seen === undefined) found.set(character, { count: 1, firstAt: index })
    else seen.count++
  }
  return Array.from(found, ([character, { count, firstAt }]) => {
    const composed = character.normalize("NFC")
    const offered = fits(composed) ? composed : replacementOf(composed)
    return {
      character,
      codePoint: Array.from(
        character,
        (point) => `U+${point.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`
      ).join(" "),
      count,
      firstAt,
      replacement: offered !== undefined && fits(offered) ? offered : undefined
    }
  })
}

/** `text` with every offered replacement taken: what the author gets who accepts them all. The rest stays as it is. */
export const withReplacements = (text: string, charset: ChannelCharset = "gsm7"): string => {
  const offers = new Map(
    charactersForcingUcs2(text, charset).map((forcing) => [forcing.character, forcing.replacement])
  )
  return text.replace(CHARACTER, (character) => offers.get(character) ?? character)
}

// A text pasted from macOS has "e" and a combining acute where we expect "é": one character to its author, and one
// that the GSM alphabet has.
const CHARACTER = /\P{M}\p{M}+|./gsu

// Typography that word processors and phones put in by themselves, and blanks that nobody sees. Letters are not here:
// what loses only its accent is found by decomposition below, and whether "ş" may become "s" is the author's to say.
const TYPOGRAPHY: Record<string, string> = {
  "‘": "'",
  "’": "'",
  "‚": "'",
  "‛": "'",
  "′": "'",
  "`": "'",
  "´": "'",
  ʼ: "'",
  "“": '"',
  "”": '"',
  "„": '"',
  "‟": '"',
  "″": '"',
  "«": '"',
  "»": '"',
  "‹": "'",
  "›": "'",
  "‐": "-",
  "‑": "-",
  "‒": "-",
  "–": "-",
  "—": "-",
  "―": "-",
  "−": "-",
  "…": "...",
  "•": "*",
  "·": ".",
  "×": "x",
  "⁄": "/",
  "\t": " ",
  "\u00a0": " ",
  "\u2002": " ",
  "\u2003": " ",
  "\u2007": " ",
  "\u2009": " ",
  "\u202f": " ",
  "\u3000": " ",
  "\u2028": "\n",
  "\u2029": "\n",
  "\u00ad": "",
  "\u200b": "",
  "\u200e": "",
  "\u200f": "",
  "\u2060": "",
  "\ufe0f": "",
  "\ufeff": "",
  "™": "(TM)",
  "©": "(C)",
  "®": "(R)",
  "№": "No",
  "½": "1/2",
  "¼": "1/4",
  "¾": "3/4",
  ł: "l",
  Ł: "L",
  đ: "d",
  Đ: "D",
  ı: "i",
  œ: "oe",
  Œ: "OE"
}

const replacementOf = (character: string): string | undefined => {
  if (Object.hasOwn(TYPOGRAPHY, character)) return TYPOGRAPHY[character]
  // Latin letters only: a Greek or Cyrillic letter without its accent is often another letter.
  const bare = character.normalize("NFD").replace(/\p{Mn}/gu, "")
  return bare !== character && /^[A-Za-z]+$/.test(bare) ? bare : undefined
}
