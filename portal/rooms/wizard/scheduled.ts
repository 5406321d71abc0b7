/** What somebody typed into the form of a schedule, as it was typed, and the content that it stands for. */
import type { Typed } from "#portal/form.ts"
import type { Words } from "#portal/words.ts"
import type { Content } from "#schema/campaign/Campaigns.ts"
import type { Draft } from "#schema/campaign/Draft.ts"

const TEXTS = [
  "starts",
  "ends",
  "over",
  "window_from",
  "window_to",
  "per_second",
  "validity",
  "time_zone",
  "lost"
] as const

export type Scheduled = Readonly<Record<(typeof TEXTS)[number], string>> & { readonly byHand: boolean }

/** "2026-11-23 18:00" as an input of day and time has it. */
const asInput = (local: string | undefined): string => local?.replace(" ", "T") ?? ""
const number = (n: number | null): string => (n === null ? "" : String(n))

export const scheduleOf = (draft: Draft): Scheduled => ({
  starts: asInput(draft.starts?.local),
  ends: asInput(draft.ends?.local),
  over: number(draft.spread_minutes),
  window_from: draft.window_from ?? "",
  window_to: draft.window_to ?? "",
  per_second: number(draft.per_second),
  validity: number(draft.validity_minutes),
  time_zone: draft.time_zone,
  lost: draft.on_lost_answer,
  byHand: !draft.starts_automatically
})

export const scheduleTyped = (typed: Typed): Scheduled => ({
  ...(Object.fromEntries(TEXTS.map((name) => [name, typed(name).trim()])) as Record<(typeof TEXTS)[number], string>),
  byHand: typed("by_hand") === "yes"
})

const LOCAL = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d$/

/** The content of it, or which of its fields can't be read. A time that stays as it is is not said again: it may have passed meanwhile. */
export const contentOf = (schedule: Scheduled, draft: Draft, words: Words["wizard"]): Partial<Content> | string => {
  const times = { starts: words.starts, ends: words.ends } as const
  for (const [name, label] of Object.entries(times))
    if (schedule[name as "starts"] !== "" && !LOCAL.test(schedule[name as "starts"])) return words.notATime(label)
  const numbers = { over: words.over, per_second: words.perSecond, validity: words.validity } as const
  for (const [name, label] of Object.entries(numbers))
    if (!/^\d{0,9}$/.test(schedule[name as "over"])) return words.notANumber(label)
  const isSameZone = schedule.time_zone === draft.time_zone
  const at = (typed: string, was: string | undefined): string | null | undefined =>
    typed === "" ? null : isSameZone && typed === asInput(was) ? undefined : typed.replace("T", " ")
  const starts = at(schedule.starts, draft.starts?.local)
  const ends = at(schedule.ends, draft.ends?.local)
  const whole = (typed: string) => (typed === "" ? null : Number(typed))
  return {
    ...(starts === null ? { startsAt: null } : starts !== undefined && { startsLocal: starts }),
    ...(ends === null ? { endsAt: null } : ends !== undefined && { endsLocal: ends }),
    spreadMinutes: draft.mode === "spread" ? whole(schedule.over) : null,
    windowFrom: schedule.window_from || null,
    windowTo: schedule.window_to || null,
    perSecond: whole(schedule.per_second),
    validityMinutes: whole(schedule.validity),
    timeZone: schedule.time_zone,
    onLostAnswer: schedule.lost === "resend" ? "resend" : "hold",
    startsAutomatically: !schedule.byHand
  }
}
