/**
 * When a campaign leaves and how fast, as somebody types it, read into what the database keeps.
 *
 * What can't be understood is told before anything is started, with what would be right. Whether the times make sense together is the
 * database's to say (schema/rules/schedule.sql), and it says so before a file is read.
 */
import { Effect } from "effect"
import type { Content } from "#schema/campaign/Campaigns.ts"
import { SqlClient } from "#schema/Database.ts"
import { refusal } from "../Refusal.ts"
import * as Screen from "../Screen.ts"

export interface ScheduleOptions {
  readonly at: string | undefined
  readonly spread: string | undefined
  readonly window: string | undefined
  readonly ceiling: string | undefined
  readonly end: string | undefined
  readonly zone: string | undefined
  readonly startByHand: boolean
}

/** As a clock on the wall shows it; without a date the next time it does. */
interface WallTime {
  readonly date: string | undefined
  readonly time: string
}

/** What was typed, understood, and not yet seen by any clock. */
export interface Typed {
  readonly at: WallTime | undefined
  readonly end: WallTime | undefined
  readonly isSpread: boolean
  readonly minutes: number | undefined
  readonly window: readonly [from: string, to: string] | undefined
  readonly perSecond: number | undefined
  readonly zone: string | undefined
  readonly startByHand: boolean
}

/** The part of the content that says when. */
export type Schedule = Pick<
  Content,
  | "mode"
  | "startsLocal"
  | "endsLocal"
  | "windowFrom"
  | "windowTo"
  | "perSecond"
  | "spreadMinutes"
  | "startsAutomatically"
> & { readonly timeZone: string }

const WALL = /^(?:(\d{4}-\d\d-\d\d)[ T])?(\d?\d):(\d\d)$/

/** undefined: it is no time, or no day of any calendar. */
export const wallTime = (text: string): WallTime | undefined => {
  const [, date, hour, minute] = WALL.exec(text.trim()) ?? []
  if (hour === undefined || Number(hour) > 23 || Number(minute) > 59) return undefined
  if (date !== undefined && new Date(`${date}T00:00Z`).toJSON()?.slice(0, 10) !== date) return undefined
  return { date, time: `${hour.padStart(2, "0")}:${minute}` }
}

const MINUTES = { m: 1, h: 60, d: 24 * 60 } as const

/** "30m", "90 min", "2h", "3 days", "1h 30m" in minutes. */
export const minutesOf = (text: string): number | undefined => {
  if (!/^\s*(?:\d{1,6}\s*(?:m|min|minutes?|h|hours?|d|days?)\s*)+$/i.test(text)) return undefined
  return [...text.matchAll(/(\d+)\s*([mhd])/gi)].reduce(
    (sum, [, n, unit]) => sum + Number(n) * MINUTES[unit!.toLowerCase() as keyof typeof MINUTES],
    0
  )
}

const asTime = Effect.fnUntraced(function* (flag: string, text: string) {
  const found = wallTime(text)
  if (found !== undefined) return found
  return yield* refusal(
    `${flag} “${Screen.shown(text)}” is no time.`,
    `Write it as ${flag} "2026-11-23 18:00", or ${flag} 18:00 for the next 18:00.`
  )
})

/** What was typed, or what is wrong with it. */
export const readSchedule = Effect.fnUntraced(function* (o: ScheduleOptions) {
  const until = o.spread === undefined ? undefined : /^\s*until\s+(.*)$/i.exec(o.spread)?.[1]
  const minutes = o.spread === undefined || until !== undefined ? undefined : minutesOf(o.spread)
  if (o.spread !== undefined && minutes === undefined && (until === undefined || wallTime(until) === undefined))
    return yield* refusal(
      `--spread “${Screen.shown(o.spread)}” is no stretch of time.`,
      'Write it as --spread 30m, 2h or 3d, or as --spread "until 2026-12-01 18:00".'
    )
  if (until !== undefined && o.end !== undefined)
    return yield* refusal("--spread until … and --end both say when it ends.", "Leave one of them out.")
  const window = o.window === undefined ? undefined : o.window.split(/\s*[-–]\s*/).map(wallTime)
  const [from, to] = window ?? []
  const isWindow = window?.length === 2 && window.every((side) => side !== undefined && side.date === undefined)
  if (o.window !== undefined && !isWindow)
    return yield* refusal(
      `--window “${Screen.shown(o.window)}” is no window.`,
      "Write it as --window 09:00-18:00: from when to when each day."
    )
  if (o.ceiling !== undefined && !/^\d{1,9}$/.test(o.ceiling))
    return yield* refusal(
      `--ceiling “${Screen.shown(o.ceiling)}” is no number of messages a second.`,
      "Write it as --ceiling 50."
    )
  const end = until ?? o.end
  return {
    at: o.at === undefined ? undefined : yield* asTime("--at", o.at),
    end: end === undefined ? undefined : yield* asTime("--end", end),
    isSpread: o.spread !== undefined,
    minutes,
    window: from === undefined || to === undefined ? undefined : ([from.time, to.time] as const),
    perSecond: o.ceiling === undefined ? undefined : Number(o.ceiling),
    zone: o.zone,
    startByHand: o.startByHand
  } satisfies Typed
})

/** The first time after `since` ("2026-11-23 17:05") that clocks show it. */
const nextAfter = (since: string, { date, time }: WallTime): string => {
  if (date !== undefined) return `${date} ${time}`
  const day = since.slice(0, 10)
  if (time > since.slice(11, 16)) return `${day} ${time}`
  return `${new Date(Date.parse(`${day}T00:00Z`) + 86_400_000).toJSON().slice(0, 10)} ${time}`
}

/** What was typed at a time that clocks of `timeZone` show as `localNow`. */
export const scheduleAt = (typed: Typed, localNow: string, timeZone: string): Schedule => {
  const startsLocal = typed.at && nextAfter(localNow, typed.at)
  const endsLocal = typed.end && nextAfter(startsLocal ?? localNow, typed.end)
  const mode = typed.isSpread ? "spread" : startsLocal === undefined ? "on_demand" : "scheduled"
  return {
    mode,
    timeZone,
    startsAutomatically: !typed.startByHand,
    ...(startsLocal === undefined ? {} : { startsLocal }),
    ...(endsLocal === undefined ? {} : { endsLocal }),
    ...(typed.minutes === undefined ? {} : { spreadMinutes: typed.minutes }),
    ...(typed.window === undefined ? {} : { windowFrom: typed.window[0], windowTo: typed.window[1] }),
    ...(typed.perSecond === undefined ? {} : { perSecond: typed.perSecond })
  }
}

/** By the database's clock, in the zone that was given or the workspace's. A zone that there is not is refused here. */
export const scheduled = Effect.fnUntraced(function* (typed: Typed, workspaceId: number) {
  const sql = yield* SqlClient
  const [row] = yield* sql<{ zone: string; local: string }>`
    SELECT z.name AS zone, to_char(now() AT TIME ZONE z.name, 'YYYY-MM-DD HH24:MI') AS local
      FROM workspace w JOIN pg_timezone_names z ON z.name = coalesce(${typed.zone ?? null}, w.time_zone) WHERE w.id = ${workspaceId}`
  if (row === undefined)
    return yield* refusal(
      `There is no time zone “${Screen.shown(typed.zone ?? "")}”.`,
      "It is written as --zone Asia/Tashkent, --zone Europe/Berlin or --zone UTC."
    )
  return scheduleAt(typed, row.local, row.zone)
})

/** As clocks of a zone show it: "2026-11-23 18:00". */
const shownBy = (zone: string, at: Date): string =>
  new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "short", timeZone: zone }).format(at)

/** By how much clocks go back: an hour, and half of one on Lord Howe Island. */
const TURNS_MS = [3_600_000, 1_800_000]

/** What is to be known of a local time that clocks skip, or show twice, on that day; `at`: what it was taken for. */
export const clockWords = (local: string, zone: string, at: Date): string | undefined => {
  const shown = shownBy(zone, at)
  const time = local.slice(11)
  if (shown !== local) return `clocks go forward that night, so ${time} is ${shown.slice(11)}`
  const isTwice = TURNS_MS.some((ms) => shownBy(zone, new Date(at.getTime() + ms)) === local)
  return isTwice ? `clocks go back that night, and the first ${time} is meant` : undefined
}

/** When, and how fast, in lines for a person; none: at once, and as fast as its channel. */
export const scheduleWords = (schedule: Schedule): ReadonlyArray<string> => {
  const { endsLocal, mode, perSecond, spreadMinutes, startsLocal, timeZone, windowFrom, windowTo } = schedule
  const start = startsLocal === undefined ? "when it is signed" : `${startsLocal} ${timeZone}`
  const byHand = schedule.startsAutomatically === false ? ", when somebody presses Start" : ""
  const end = endsLocal === undefined ? "" : ` until ${endsLocal} ${timeZone}`
  const over = !spreadMinutes ? end : ` over ${Screen.duration(spreadMinutes * 60)}`
  const lines = [
    ...(mode === "spread" ? [`evenly${over}, from ${start}${byHand}`] : []),
    ...(mode !== "spread" && `${startsLocal ?? ""}${byHand}` !== "" ? [`${start}${byHand}`] : []),
    ...(mode !== "spread" && endsLocal !== undefined
      ? [`what has not left by ${endsLocal} ${timeZone} is not sent`]
      : []),
    ...(windowFrom && windowTo ? [`only from ${windowFrom} to ${windowTo} each day, ${timeZone}`] : []),
    ...(perSecond ? [`at most ${Screen.many(perSecond, "message")} a second`] : [])
  ]
  return lines
}
