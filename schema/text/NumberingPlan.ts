/**
 * What libphonenumber's metadata says of all numbers that share their first digits and their length.
 *
 * It follows the library's own steps (parse, isPossible, isValid) on a number of which only the first digits are known,
 * and answers "open" wherever a step depends on the rest. It is asked once for each prefix and length; who needs an
 * answer for an open one asks the library about that very number.
 */
import { type CountryCode, Metadata } from "libphonenumber-js/core"
import metadata from "libphonenumber-js/min/metadata"
import { NumberPattern } from "./NumberPattern.ts"

/** How a length stands to a plan. */
export type LengthClass = "possible" | "too short" | "too long" | "between"

/** A reading of a number: so many leading characters are dropped, and the calling code is put before the rest. */
export interface Reading {
  readonly callingCode: string
  readonly dropped: number
  readonly length: LengthClass
  /** Whose plan decides when no country of the calling code claims the number: the one it was dialled in, or all. */
  readonly plan: string
}

export const countries = Object.keys(metadata.countries) as ReadonlyArray<CountryCode>

export const isCountry = (country: string): country is CountryCode => Object.hasOwn(metadata.countries, country)

/** How a national number of `digits` digits stands to the plan of a country or calling code. */
export const lengthClass = (countryOrCallingCode: string, digits: number): LengthClass =>
  classOf(planOf(countryOrCallingCode), digits)

/**
 * `text` (digits, unknown ones as "?") as dialled in `country`; "none" when it starts with the country's international
 * prefix and no calling code follows.
 */
export const readAsDialled = (text: string, country: CountryCode): Reading | "none" | "open" => {
  const plan = planOf(country)
  const prefix = plan.internationalPrefix.takesFromStart(text)
  if (prefix === "open") return "open"
  if (prefix !== "none" && prefix > 0 && prefix < text.length) {
    // The library looks at the first digit after it: no calling code begins with 0, so that was no prefix.
    if (text[prefix] === "?") return "open"
    if (text[prefix] !== "0") return readAsInternational(text, prefix)
  } else if (prefix === text.length) return "open"
  if (text.startsWith(plan.callingCode)) {
    const inside = plan.callingCode.length
    const shorter = nationalStart(text.slice(inside), plan)
    const whole = nationalStart(text, plan)
    if (shorter === "open" || whole === "open") return "open"
    const strip = tooLongOrBetter(text, whole, inside + shorter, plan)
    if (strip === "open") return "open"
    if (strip) return finish(text, inside, plan.callingCode)
  }
  return finish(text, 0, country)
}

/** `text` from `start` on as calling code and national number; "none" when no calling code is there. */
export const readAsInternational = (text: string, start: number): Reading | "none" | "open" => {
  if (text[start] === "0") return "none"
  for (let end = start + 1; end <= start + 3; end++) {
    const callingCode = text.slice(start, end)
    if (callingCode.includes("?")) return "open"
    if (isCallingCode(callingCode)) return finish(text, end, callingCode)
    if (end >= text.length) break
  }
  return "none"
}

/** Whether the library calls all these numbers valid, or none: it asks the patterns, not only the length. */
export const isValid = (national: string, reading: Reading): boolean | "open" => {
  const sharing = sharingOf(reading.callingCode)
  if (sharing.length === 1) return validIn(national, planOf(sharing[0]!))
  // The first country that claims the number is its country.
  for (const country of sharing) {
    const plan = planOf(country)
    const claimed =
      plan.leadingDigits === undefined
        ? matchesAType(national, plan)
        : { number: true, none: false, open: "open" as const }[starts(plan.leadingDigits.takesFromStart(national))]
    if (claimed === "open") return "open"
    if (claimed) return validIn(national, plan)
  }
  return validIn(national, planOf(reading.plan))
}

interface Plan {
  readonly callingCode: string
  readonly internationalPrefix: NumberPattern
  readonly nationalPrefix: NumberPattern | undefined
  readonly pattern: NumberPattern
  readonly leadingDigits: NumberPattern | undefined
  readonly lengths: ReadonlyArray<number>
  /** Undefined where the metadata has no types: validity is then the general pattern. */
  readonly types:
    | ReadonlyArray<{ readonly pattern: NumberPattern; readonly lengths: ReadonlyArray<number> | undefined }>
    | undefined
}

const TYPES = [
  "FIXED_LINE",
  "MOBILE",
  "PREMIUM_RATE",
  "TOLL_FREE",
  "SHARED_COST",
  "VOIP",
  "PERSONAL_NUMBER",
  "PAGER",
  "UAN",
  "VOICEMAIL"
]

// The library types only part of what its Metadata offers.
interface LibraryPlan {
  callingCode(): string
  IDDPrefix(): string | undefined
  nationalNumberPattern(): string
  possibleLengths(): ReadonlyArray<number>
  nationalPrefixForParsing(): string | undefined
  leadingDigits(): string | undefined
  hasTypes(): boolean
  type(name: string): { pattern(): string; possibleLengths(): ReadonlyArray<number> | undefined } | undefined
}

const plans = new Map<string, Plan>()

const planOf = (countryOrCallingCode: string): Plan => {
  const known = plans.get(countryOrCallingCode)
  if (known !== undefined) return known
  const selected = new Metadata(metadata)
  selected.selectNumberingPlan(countryOrCallingCode as CountryCode)
  const source = selected.numberingPlan as unknown as LibraryPlan
  const optional = (pattern: string | undefined) => (pattern ? new NumberPattern(pattern) : undefined)
  const plan: Plan = {
    callingCode: source.callingCode(),
    internationalPrefix: new NumberPattern(source.IDDPrefix() || "$"),
    nationalPrefix: optional(source.nationalPrefixForParsing()),
    pattern: new NumberPattern(source.nationalNumberPattern()),
    leadingDigits: optional(source.leadingDigits()),
    lengths: source.possibleLengths(),
    types: source.hasTypes()
      ? TYPES.flatMap((name) => {
          const type = source.type(name)
          const pattern = optional(type?.pattern())
          return pattern === undefined ? [] : [{ pattern, lengths: type?.possibleLengths() }]
        })
      : undefined
  }
  plans.set(countryOrCallingCode, plan)
  return plan
}

const callingCodes = metadata.country_calling_codes as unknown as Record<string, ReadonlyArray<string>>
const elsewhere = (metadata as unknown as { nonGeographic: Record<string, unknown> }).nonGeographic

const isCallingCode = (code: string): boolean => Object.hasOwn(callingCodes, code) || Object.hasOwn(elsewhere, code)

/** The countries of a calling code, main one first; the code itself where it belongs to none (satellites, +800). */
const sharingOf = (callingCode: string): ReadonlyArray<string> => callingCodes[callingCode] ?? [callingCode]

const classOf = (plan: Plan, digits: number): LengthClass => {
  const lengths = plan.lengths
  if (digits < lengths[0]!) return "too short"
  if (digits > lengths.at(-1)!) return "too long"
  return lengths.includes(digits) ? "possible" : "between"
}

/** The class on which every country of the calling code agrees. */
const agreedClass = (callingCode: string, digits: number): LengthClass | "open" => {
  const [first, ...others] = sharingOf(callingCode).map((country) => classOf(planOf(country), digits))
  return others.every((other) => other === first) ? first! : "open"
}

const finish = (text: string, start: number, countryOrCallingCode: string): Reading | "open" => {
  const plan = planOf(countryOrCallingCode)
  const dropped = nationalStart(text.slice(start), plan)
  if (dropped === "open") return "open"
  const length = agreedClass(plan.callingCode, text.length - start - dropped)
  if (length === "open") return "open"
  return { callingCode: plan.callingCode, dropped: start + dropped, length, plan: countryOrCallingCode }
}

/** How many characters of a national prefix the library drops (its extractNationalNumber). */
const nationalStart = (text: string, plan: Plan): number | "open" => {
  const prefix = text === "" ? "none" : (plan.nationalPrefix?.takesFromStart(text) ?? "none")
  if (prefix === "open") return "open"
  if (prefix === "none" || prefix === 0) return 0
  const before = matches(text, plan)
  if (before !== false) {
    const after = matches(text.slice(prefix), plan)
    if (before === true && after === false) return 0
    if (after !== true) return "open"
  }
  const length = agreedClass(plan.callingCode, text.length - prefix)
  if (length === "open") return "open"
  return length === "too short" || length === "between" ? 0 : prefix
}

/** The library's test for a calling code written without a plus, after it dropped a national prefix from both. */
const tooLongOrBetter = (text: string, whole: number, shorter: number, plan: Plan): boolean | "open" => {
  if (classOf(plan, text.length - whole) === "too long") return true
  const nationally = matches(text.slice(whole), plan)
  if (nationally === true) return false
  const without = matches(text.slice(shorter), plan)
  if (without === false) return false
  return nationally === false && without === true ? true : "open"
}

const matches = (national: string, plan: Plan): boolean | "open" => asTruth[plan.pattern.matchesWhole(national)]

const asTruth = { all: true, none: false, some: "open" } as const

const starts = (taken: number | "none" | "open") => (typeof taken === "number" ? "number" : taken)

const validIn = (national: string, plan: Plan): boolean | "open" =>
  plan.types === undefined ? matches(national, plan) : matchesAType(national, plan)

const matchesAType = (national: string, plan: Plan): boolean | "open" => {
  const general = matches(national, plan)
  if (general === false || plan.types === undefined) return false
  let answer: boolean | "open" = false
  for (const { lengths, pattern } of plan.types) {
    if (lengths !== undefined && !lengths.includes(national.length)) continue
    const found = asTruth[pattern.matchesWhole(national)]
    if (found === true) return general
    if (found === "open") answer = "open"
  }
  return answer
}
