/**
 * The settings of a workspace in sections, each with a form of its own: what was typed, what of it can't be read, what it asks to change,
 * and what would be weaker than before. Pure; what holds is the database's to say (rules/workspace_settings.sql).
 */
import type { Settings } from "#schema/people/WorkspaceSettings.ts"

export type Field = keyof Settings

export const SECTIONS = {
  workspace: ["name", "country", "time_zone"],
  approvals: ["approvals_needed", "large_from_recipients", "large_approvals_needed", "require_signed_approvals"],
  "sign-in": ["require_second_factor", "open_to_requests"],
  limits: ["per_second", "per_day"],
  retention: ["keep_content_months", "keep_audit_months"]
} as const satisfies Readonly<Record<string, ReadonlyArray<Field>>>

export type Section = keyof typeof SECTIONS

export const isSection = (text: string): text is Section => Object.hasOwn(SECTIONS, text)

/** By field, as a form has them. */
export type Typed = Readonly<Partial<Record<Field, string>>>

const TEXTS: ReadonlySet<Field> = new Set<Field>(["name", "country", "time_zone"])
const SWITCHES: ReadonlySet<Field> = new Set<Field>([
  ...(["require_signed_approvals", "require_second_factor", "open_to_requests"] as const)
])

export const isSwitch = (field: Field): boolean => SWITCHES.has(field)
export const isText = (field: Field): boolean => TEXTS.has(field)

/** What stands in the fields of a section before anybody types. */
export const typedOf = (settings: Settings): Typed =>
  Object.fromEntries(
    Object.entries(settings).map(([field, value]) => [
      field,
      value === true ? "yes" : value === false ? "" : `${value ?? ""}`
    ])
  )

/** A number as people write it, with spaces or commas between thousands; null: none; undefined: no whole number. */
const countIn = (text: string): number | null | undefined => {
  const digits = text.replace(/[\s,.']/g, "")
  if (digits === "") return null
  return /^\d{1,9}$/.test(digits) ? Number(digits) : undefined
}

export interface Asked {
  /** What the form asks for; without what can't be read. */
  readonly wanted: Partial<Settings>
  /** No whole numbers. */
  readonly unread: ReadonlyArray<Field>
}

/** isNamer: the name is the super admins'. */
export const askedIn = (section: Section, typed: (name: string) => string, isNamer: boolean): Asked => {
  const fields: ReadonlyArray<Field> = SECTIONS[section]
  const read = fields
    .filter((field) => field !== "name" || isNamer)
    .map((field) => {
      if (SWITCHES.has(field)) return [field, typed(field) === "yes"] as const
      if (field === "country") return [field, typed(field).trim().toUpperCase()] as const
      return [field, TEXTS.has(field) ? typed(field).trim() : countIn(typed(field))] as const
    })
  const wanted = Object.fromEntries(read.filter(([, value]) => value !== undefined)) as Partial<Settings>
  // where none is large, nothing else is to be said about them
  const isNoneLarge = section === "approvals" && wanted.large_from_recipients === null
  return {
    wanted: isNoneLarge ? { ...wanted, large_approvals_needed: null } : wanted,
    unread: read.filter(([, value]) => value === undefined).map(([field]) => field)
  }
}

export type Weaker =
  | "approvals_needed"
  | "large"
  | "require_signed_approvals"
  | "require_second_factor"
  | "limits"
  | "keep_content_months"
  | "keep_audit_months"

/** What would hold back less, prove less or keep less than now: asked about once before it is saved. */
export const weakerIn = (now: Settings, wanted: Partial<Settings>): ReadonlyArray<Weaker> => {
  const next = { ...now, ...wanted }
  const isShorter = (field: "keep_content_months" | "keep_audit_months") =>
    (next[field] ?? Number.POSITIVE_INFINITY) < (now[field] ?? Number.POSITIVE_INFINITY)
  const isHigher = (field: "per_second" | "per_day") =>
    (next[field] ?? Number.POSITIVE_INFINITY) > (now[field] ?? Number.POSITIVE_INFINITY)
  const isOff = (field: "require_signed_approvals" | "require_second_factor") => now[field] && !next[field]
  const found: ReadonlyArray<readonly [Weaker, boolean]> = [
    ["approvals_needed", next.approvals_needed < now.approvals_needed],
    ["large", isLargeWeaker(now, next)],
    ["require_signed_approvals", isOff("require_signed_approvals")],
    ["require_second_factor", isOff("require_second_factor")],
    ["limits", isHigher("per_second") || isHigher("per_day")],
    ["keep_content_months", isShorter("keep_content_months")],
    ["keep_audit_months", isShorter("keep_audit_months")]
  ]
  return found.filter(([, is]) => is).map(([what]) => what)
}

/** Whether a campaign of some size would need fewer approvals than it does now. */
const isLargeWeaker = (now: Settings, next: Settings): boolean => {
  const needed = (of: Settings, recipients: number) =>
    of.large_from_recipients !== null && recipients >= of.large_from_recipients
      ? (of.large_approvals_needed ?? of.approvals_needed)
      : of.approvals_needed
  const sizes = [now.large_from_recipients, next.large_from_recipients].filter((n) => n !== null)
  return sizes.some((size) => needed(next, size) < needed(now, size))
}
