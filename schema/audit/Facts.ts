/** What a row's facts say, for the few actions that the verifier understands. Nothing in them is trusted to have its shape. */
import type { AuditRow } from "./AuditRow.ts"

export type Facts = Readonly<Record<string, unknown>>

const isRecord = (value: unknown): value is Facts =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** The facts, or undefined where they are no JSON object. */
export const factsOf = ({ facts }: Pick<AuditRow, "facts">): Facts | undefined => objectIn(facts)

/** A JSON object, or undefined where it is none. */
export const objectIn = (json: string): Facts | undefined => {
  try {
    const value: unknown = JSON.parse(json)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

/**
 * Whether a JSON text says nothing twice: no key of any of its objects. Of a key that is there twice one program shows the first
 * value and another the last; the rules never write one. False, too, of what is no JSON. Takes time in proportion to the text.
 */
export const saysOnce = (json: string): boolean => {
  try {
    return keysIn(JSON.parse(json)) === namesIn(json)
  } catch {
    return false
  }
}

/** Without recursion: somebody else chose how deep it is. */
const keysIn = (whole: unknown): number => {
  let count = 0
  const open: Array<unknown> = [whole]
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    if (typeof one !== "object" || one === null) continue
    const values = Object.values(one)
    if (!Array.isArray(one)) count += values.length
    for (const value of values) if (typeof value === "object" && value !== null) open.push(value)
  }
  return count
}

const [TAB, LF, CR, SPACE, COLON, BACKSLASH] = [9, 10, 13, 32, 58, 92]

/** The strings of a text that is JSON which a colon follows. */
const namesIn = (json: string): number => {
  let count = 0
  for (let at = json.indexOf('"'); at >= 0; at = json.indexOf('"', at + 1)) {
    do at = json.indexOf('"', at + 1)
    while (isEscaped(json, at))
    let next = at + 1
    while (isSpace(json.charCodeAt(next))) next++
    if (json.charCodeAt(next) === COLON) count++
  }
  return count
}

const isSpace = (code: number): boolean => code === SPACE || code === LF || code === CR || code === TAB

const isEscaped = (json: string, at: number): boolean => {
  let before = at
  while (json.charCodeAt(before - 1) === BACKSLASH) before--
  return (at - before) % 2 === 1
}

/** An object within, if it is one. */
export const recordIn = (facts: Facts | undefined, name: string): Facts | undefined => {
  const value = facts?.[name]
  return isRecord(value) ? value : undefined
}

/** A whole number from 0, also as decimal text. */
export const wholeIn = (facts: Facts | undefined, name: string): number | undefined => {
  const value = facts?.[name]
  const whole = typeof value === "string" && /^\d{1,16}$/.test(value) ? Number(value) : value
  return typeof whole === "number" && Number.isSafeInteger(whole) && whole >= 0 ? whole : undefined
}

export const textIn = (facts: Facts | undefined, name: string): string | undefined => {
  const value = facts?.[name]
  return typeof value === "string" ? value : undefined
}

/** 32 bytes as 64 lower-case hex digits. */
export const digestIn = (facts: Facts | undefined, name: string): string | undefined => {
  const value = textIn(facts, name)
  return value !== undefined && /^[0-9a-f]{64}$/.test(value) ? value : undefined
}

/** A list of texts, or undefined where nothing of that name is said; what is no text in it is left out. */
export const textsIn = (facts: Facts | undefined, name: string): ReadonlyArray<string> | undefined => {
  const value = facts?.[name]
  if (value === undefined || value === null) return undefined
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : []
}

/** A list of objects, or undefined where there is none; what is no object in it is undefined. */
export const listIn = (facts: Facts | undefined, name: string): ReadonlyArray<Facts | undefined> | undefined => {
  const value = facts?.[name]
  return Array.isArray(value) ? value.map((one) => (isRecord(one) ? one : undefined)) : undefined
}
