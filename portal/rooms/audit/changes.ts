/**
 * What a row of the audit tells beside its sentence: what became of what, and what else is on record. Numbers in it are masked: who may
 * see one whole asks for it, with a reason. Pure; the words are the catalog's.
 */
import type { Listed } from "#schema/audit/AuditList.ts"

export interface Change {
  readonly field: string
  readonly before: unknown
  readonly after: unknown
}

export interface Said {
  readonly field: string
  readonly value: unknown
}

type Facts = Readonly<Record<string, unknown>>

const isRecord = (value: unknown): value is Facts =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Of acts that say their before and after by value alone: what it is of; else it is a campaign's state. */
const FIELDS: Readonly<Record<string, string>> = {
  "campaign.slow": "per_second",
  "campaign.count_parts": "segments",
  "campaign.choose_channels": "channels"
}

const has = (facts: Facts | null, side: "before" | "after") => facts !== null && side in facts

/** Only what became something else; of what was created or removed, all of it. */
export const changesOf = ({ action, facts, personal }: Listed): ReadonlyArray<Change> => {
  if (![facts, personal].some((of) => has(of, "before") || has(of, "after"))) return []
  const side = (name: "before" | "after"): Facts => {
    const own = facts[name]
    const values = isRecord(own) || own === undefined ? own : { [FIELDS[action] ?? "state"]: own }
    const words = personal?.[name]
    return { ...(isRecord(words) ? words : {}), ...values }
  }
  const [before, after] = [side("before"), side("after")]
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((field) => JSON.stringify(before[field] ?? null) !== JSON.stringify(after[field] ?? null))
    .map((field) => ({ field, before: before[field], after: after[field] }))
}

/** Said elsewhere in the row, or in its sentence. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  ...["before", "after", "by", "request", "campaign_id", "person_id", "decision", "preset_id", "name"],
  ...["session_id", "invitation_id", "invited_by", "join_request_id", "passkeys", "credential_id", "public_key"]
])

/** What else is on record, people's words first. */
export const saidIn = ({ facts, personal }: Listed): ReadonlyArray<Said> =>
  [...Object.entries(personal ?? {}), ...Object.entries(facts)]
    .filter(([field, value]) => !ELSEWHERE.has(field) && value !== null)
    .map(([field, value]) => ({ field, value: masked(field, value) }))

/** As `masked` in rules/numbers.sql. */
const maskedNumber = (value: unknown): string => {
  const digits = String(value).padStart(6, "0")
  const kept = Math.min(5, digits.length - 4)
  return `+${digits.slice(0, kept)}${"•".repeat(digits.length - 2 - kept)}${digits.slice(-2)}`
}

/** Of many, how many. */
const masked = (field: string, value: unknown): unknown => {
  if (field === "number") return maskedNumber(value)
  if (field !== "numbers" && field !== "shown") return value
  if (!Array.isArray(value)) return undefined
  return value.length === 1 ? maskedNumber(value[0]) : { numbers: value.length }
}

export interface From {
  readonly name: string | undefined
  readonly email: string | undefined
  readonly address: string | undefined
  readonly agent: string | undefined
  readonly request_id: string | undefined
}

const text = (of: unknown, name: string): string | undefined => {
  const value = isRecord(of) ? of[name] : undefined
  return typeof value === "string" && value !== "" ? value : undefined
}

/** Who it was as they were called then, and from where. */
export const fromOf = ({ personal }: Listed): From => ({
  name: text(personal?.by, "name"),
  email: text(personal?.by, "email"),
  address: text(personal?.request, "address"),
  agent: text(personal?.request, "agent"),
  request_id: text(personal?.request, "request_id")
})

/** Where the number is that was revealed. */
export const revealedIn = ({ action, facts, object_id }: Listed): string | undefined => {
  const { lane, seq } = facts
  if (action !== "number.reveal" || typeof lane !== "number" || typeof seq !== "number") return undefined
  return `campaigns/${object_id}/numbers/${lane}/${seq}`
}
