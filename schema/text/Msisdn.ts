/**
 * Phone numbers as people write them, to E.164.
 *
 * The rule, of which libphonenumber is the authority:
 * - "+" or the country's international prefix: calling code and number follow.
 * - Other digits are read as dialled in the workspace's country (with or without its national prefix, with or without
 *   its calling code), and as an international number that lost its "+" (or has "00"). The first reading that is valid
 *   wins, the national one being first; when none is valid, the first that is possible by its length.
 * - A number whose length is possible is accepted even when no such range is known: new ranges open every month.
 *
 * It is fast because that verdict is the same for nearly all numbers with the same first five digits and length:
 * `NumberingPlan` proves it once, a table remembers it. The rest is asked of the library, number by number.
 *
 * A number is a double: 15 digits, E.164's most, are exact. A rejection is a negative code (`reasonOf`), so that a loop
 * over millions allocates nothing.
 */
import { type CountryCode, ParseError, type PhoneNumber, parsePhoneNumberWithError } from "libphonenumber-js/min"
import {
  isCountry,
  isValid,
  type LengthClass,
  lengthClass,
  type Reading,
  readAsDialled,
  readAsInternational
} from "./NumberingPlan.ts"
import { asciiDigits, isSpreadsheetNumber, tidy } from "./RawNumber.ts"

export { isCountry } from "./NumberingPlan.ts"

/** Why something is no number we can send to. Order is the code: append only. */
export const reasons = [
  "empty",
  "not a number",
  "too short",
  "too long",
  "not possible for its country",
  "no such country code",
  "damaged by a spreadsheet"
] as const

export type Reason = (typeof reasons)[number]

/** What it means, and what to do about it. */
export const explanations: Record<Reason, string> = {
  empty: "There is nothing in this line.",
  "not a number": "This is not a phone number: it has letters or signs that phone numbers do not have.",
  "too short": "This has too few digits to be a phone number. Check whether its beginning is missing.",
  "too long": "This has too many digits to be a phone number. Check whether two numbers ran together.",
  "not possible for its country": "Numbers of this country do not have this many digits. Check the number.",
  "no such country code": "No country has this calling code. Check the digits after the plus.",
  "damaged by a spreadsheet":
    "A spreadsheet rounded this number (4.477E+11) or gave it decimals. Format the column as text and export it again."
}

const code = (reason: Reason): number => -1 - reasons.indexOf(reason)
const EMPTY = code("empty")
const NOT_A_NUMBER = code("not a number")
const TOO_SHORT = code("too short")
const TOO_LONG = code("too long")
const DAMAGED = code("damaged by a spreadsheet")
const NO_COUNTRY_CODE = code("no such country code")

const ofLength: Record<Exclude<LengthClass, "possible">, number> = {
  "too short": TOO_SHORT,
  "too long": TOO_LONG,
  between: code("not possible for its country")
}

/** The reason of a negative result. */
export const reasonOf = (result: number): Reason => reasons[-1 - result]!

export interface Normaliser {
  readonly country: CountryCode
  /** Digits of the E.164 number, or a negative code for `reasonOf`. `bytes` is ASCII or UTF-8; `end` is exclusive. */
  readonly ofBytes: (bytes: Uint8Array, start: number, end: number) => number
  /** The same for text. */
  readonly ofText: (text: string) => number
  /** As `ofText`, without the fast path: the library's own answer. For tests, and for what the fast path leaves. */
  readonly ofTextByLibrary: (text: string) => number
}

/**
 * A normaliser for workspaces of `country` (ISO 3166 alpha-2, as `isCountry` accepts). Throws `RangeError` for another:
 * a workspace's country is checked when it is set. Keep it: what it learns makes it fast, and takes 4 MB at most.
 */
export const makeNormaliser = (country: string): Normaliser => {
  if (!isCountry(country)) throw new RangeError(`"${country}" is not a country with phone numbers (ISO 3166 alpha-2).`)
  const dialled = new Verdicts((known, digits) => learnDialled(known, digits, country))
  const ofTextByLibrary = (text: string): number => askLibrary(text, country)

  const ofBytes = (bytes: Uint8Array, start: number, end: number): number => {
    let at = start
    while (at < end && isBlank(bytes[at]!)) at++
    while (end > at && isBlank(bytes[end - 1]!)) end--
    if (at === end) return EMPTY
    const plus = bytes[at] === PLUS
    if (plus) at++
    let digits = 0
    let value = 0
    let lead = 0
    let plain = true
    for (; at < end; at++) {
      const digit = bytes[at]! - ZERO
      if (digit >= 0 && digit <= 9) {
        value = value * 10 + digit
        if (digits++ < KNOWN) lead = value
      } else if (isSeparator(bytes[at]!)) plain = false
      else return ofTextByLibrary(decode(bytes, start, end))
    }
    // Fewer than three digits are a number or not by rules of their own; more than 20 are in no table; and decimals
    // (447700900123.0) look like a separator.
    if (digits < 3 || digits > MOST_DIGITS || (!plain && hasDecimals(bytes, start, end))) {
      return ofTextByLibrary(decode(bytes, start, end))
    }
    const result = (plus ? international : dialled).apply(lead, digits, value)
    return result === 0 ? ofTextByLibrary(decode(bytes, start, end)) : result
  }

  const ofText = (text: string): number => {
    const length = text.length
    if (length > scratch.length) return ofTextByLibrary(text)
    for (let index = 0; index < length; index++) {
      const codeUnit = text.charCodeAt(index)
      if (codeUnit > 127) return ofTextByLibrary(text)
      scratch[index] = codeUnit
    }
    return ofBytes(scratch, 0, length)
  }

  return { country, ofBytes, ofText, ofTextByLibrary }
}

const ZERO = 48
const PLUS = 43
const DOT = 46

const scratch = new Uint8Array(64)
const utf8 = new TextDecoder()
const decode = (bytes: Uint8Array, start: number, end: number): string => utf8.decode(bytes.subarray(start, end))

const isBlank = (byte: number): boolean => byte === 32 || byte === 9
/** Space ( ) - . /, all of which the library takes anywhere among the digits. */
const isSeparator = (byte: number): boolean =>
  byte === 32 || byte === 45 || byte === DOT || byte === 40 || byte === 41 || byte === 47

const hasDecimals = (bytes: Uint8Array, start: number, end: number): boolean => {
  let at = end - 1
  while (at > start && bytes[at] === ZERO) at--
  return bytes[at] === DOT && isSpreadsheetNumber(decode(bytes, start, end).trim())
}

/** First digits that a verdict rests on: five settle nearly all numbers, and keep a table at 4 MB. */
const KNOWN = 5
const MOST_DIGITS = 20
const LENGTHS = MOST_DIGITS + 1

const UNLEARNT = 0
const ASK = 1

type Verdict = { readonly reading: Reading; readonly known: string } | number | "open"

/** Verdicts by first digits and number of digits, learnt when first asked for. */
class Verdicts {
  private readonly table = new Uint16Array(10 ** KNOWN * LENGTHS)
  // What is added to the digits to get the number: minus what is dropped, plus the calling code. Or the rejection.
  private readonly deltas: Array<number> = [0, 0]
  private readonly rejections: Array<number> = [0, 0]
  private readonly indexes = new Map<string, number>()
  private readonly learn: (known: string, digits: number) => Verdict

  constructor(learn: (known: string, digits: number) => Verdict) {
    this.learn = learn
  }

  /** The number, a rejection, or 0 when the library must be asked. */
  apply(lead: number, digits: number, value: number): number {
    const key = lead * LENGTHS + digits
    let index = this.table[key]!
    if (index === UNLEARNT) {
      index = this.indexOf(this.learn(String(lead).padStart(Math.min(digits, KNOWN), "0"), digits), digits)
      this.table[key] = index
    }
    if (index === ASK) return 0
    const rejection = this.rejections[index]!
    return rejection === 0 ? value + this.deltas[index]! : rejection
  }

  private indexOf(verdict: Verdict, digits: number): number {
    if (verdict === "open") return ASK
    if (typeof verdict === "number") return this.intern(0, verdict)
    const { callingCode, dropped } = verdict.reading
    const national = digits - dropped
    if (callingCode.length + national > 15) return this.intern(0, TOO_LONG)
    // Exact only while the digits as written are: leading zeros weigh nothing.
    const significant = digits - /^0*/.exec(verdict.known)![0].length
    if (significant > 15 || dropped > KNOWN) return ASK
    return this.intern((Number(callingCode) - Number(verdict.known.slice(0, dropped))) * 10 ** national, 0)
  }

  private intern(delta: number, rejection: number): number {
    const name = `${delta} ${rejection}`
    const known = this.indexes.get(name)
    if (known !== undefined) return known
    this.deltas.push(delta)
    this.rejections.push(rejection)
    this.indexes.set(name, this.deltas.length - 1)
    return this.deltas.length - 1
  }
}

const learnInternational = (known: string, digits: number): Verdict => {
  const reading = readAsInternational(known.padEnd(digits, "?"), 0)
  if (reading === "open") return "open"
  if (reading === "none") return NO_COUNTRY_CODE
  return reading.length === "possible" ? { reading, known } : ofLength[reading.length]
}

/** Numbers with a plus are the same in every country: one table for all. */
const international = new Verdicts(learnInternational)

const learnDialled = (known: string, digits: number, country: CountryCode): Verdict => {
  const text = known.padEnd(digits, "?")
  const national = readAsDialled(text, country)
  if (national === "open") return "open"
  const foreign = readAsInternational(text, text.startsWith("00") ? 2 : 0)
  const nationalPossible = national !== "none" && national.length === "possible"
  if (foreign === "open") return "open"
  const foreignPossible = foreign !== "none" && foreign.length === "possible"
  if (!nationalPossible) {
    if (foreignPossible) return { reading: foreign, known }
    return national === "none" ? NO_COUNTRY_CODE : ofLength[national.length as Exclude<LengthClass, "possible">]
  }
  const chosen = { reading: national, known }
  if (!foreignPossible) return chosen
  if (national.dropped === foreign.dropped && national.callingCode === foreign.callingCode) return chosen
  const nationalValid = isValid(text.slice(national.dropped), national)
  if (nationalValid === true) return chosen
  const foreignValid = isValid(text.slice(foreign.dropped), foreign)
  if (foreignValid === false) return chosen
  return nationalValid === false && foreignValid === true ? { reading: foreign, known } : "open"
}

/** The rule of this file's head, one number at a time, with nothing but the library's public functions. */
const askLibrary = (raw: string, country: CountryCode): number => {
  const text = tidy(raw)
  if (text === "") return EMPTY
  if (isSpreadsheetNumber(text)) return DAMAGED
  // Letters are an extension or no number, and we can send to neither. The library says so too, ten times as slowly.
  if (/\p{L}/u.test(text)) return NOT_A_NUMBER
  // The library reads no more than 250 characters.
  if (text.length > 250) return /^[\d\s()+./-]+$/.test(text) ? TOO_LONG : NOT_A_NUMBER
  const dialled = parse(text, country)
  if (dialled === NOT_A_NUMBER || text.startsWith("+")) return typeof dialled === "number" ? dialled : settle(dialled)
  const digits = asciiDigits(text).replace(/\D/g, "")
  const foreign = parse(`+${digits.startsWith("00") ? digits.slice(2) : digits}`, country)
  const candidates = [dialled, foreign].filter((found) => typeof found !== "number" && found.isPossible())
  const best = candidates.find((found) => typeof found !== "number" && found.isValid()) ?? candidates[0] ?? dialled
  return typeof best === "number" ? best : settle(best)
}

const parse = (text: string, country: CountryCode): PhoneNumber | number => {
  try {
    const found = parsePhoneNumberWithError(text, { defaultCountry: country, extract: false })
    return found.ext === undefined ? found : NOT_A_NUMBER
  } catch (error) {
    if (!(error instanceof ParseError)) throw error
    switch (error.message) {
      case "TOO_SHORT":
        return TOO_SHORT
      case "TOO_LONG":
        return TOO_LONG
      case "INVALID_COUNTRY":
        return NO_COUNTRY_CODE
      default:
        return NOT_A_NUMBER
    }
  }
}

const settle = (found: PhoneNumber): number => {
  const length = lengthClass(found.country ?? found.countryCallingCode, found.nationalNumber.length)
  if (!found.isPossible()) return length === "possible" ? ofLength.between : ofLength[length]
  return found.number.length > 16 ? TOO_LONG : Number(found.number.slice(1))
}
