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
