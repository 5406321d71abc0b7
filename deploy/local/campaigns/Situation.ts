/** Where a campaign stands and what it waits for, in words. */
import type { CampaignState } from "#schema/campaign/Campaigns.ts"
import type { LimitedBy } from "#schema/campaign/Forecast.ts"
import type { Situation } from "#schema/campaign/Situations.ts"
import * as Screen from "../Screen.ts"

/** As clocks of its zone show it: the day too, unless it is today. */
export const onTheWall = (at: Date, { now, zone }: Pick<Situation, "now" | "zone">): string => {
  const [day, time] = clock(at, zone)
  return `${day === clock(now, zone)[0] ? "" : `${day} `}${time}`
}

const clock = (at: Date, zone: string): ReadonlyArray<string> => {
  const shape = { dateStyle: "short", timeStyle: "short" } as const
  try {
    // Swedish clocks write 2026-11-23 18:00
    return new Intl.DateTimeFormat("sv-SE", { ...shape, timeZone: zone }).format(at).split(" ")
  } catch {
    // Postgres knows names that JavaScript doesn't
    return new Intl.DateTimeFormat("sv-SE", { ...shape, timeZone: "UTC" }).format(at).concat(" UTC").split(/ (.*)/)
  }
}

/** What holds a campaign that sends. */
const HOLDS: Record<LimitedBy, (s: Situation) => string> = {
  schedule: (s) => (s.mode === "spread" ? ", spread" : s.mode === "trigger" ? ", as it is fed" : ""),
  ceiling: () => ", held by its ceiling",
  workspace: () => ", held by its workspace's ceiling",
  day: () => ", held by its workspace's messages a day",
  channel: () => ", as fast as its channel takes",
  share: () => ", sharing its channel with others",
  person: () => "",
  unknown: () => ""
}

const by = (s: Situation): string => (s.moved_by === null ? "" : ` by ${s.moved_by}`)
const at = (s: Situation): string => (s.moved_at === null ? "" : ` at ${onTheWall(s.moved_at, s)} ${s.zone}`)
const because = (s: Situation): string => (s.note === null ? "" : `: ${Screen.shown(s.note)}`)
/** Also of one whose engine hasn't noticed yet that its window is closed. */
const outside = (s: Situation): string =>
  `its window (${s.window_from} to ${s.window_to}): goes on by itself at ${onTheWall(s.opens_at!, s)} ${s.zone}`

const IN_WORDS: Record<CampaignState, (s: Situation) => string> = {
  draft: () => "draft",
  in_review: () => "in review: waits for somebody to approve it",
  scheduled: (s) => {
    const hand = s.starts_automatically ? "" : "somebody to press Start"
    if (s.starts_at !== null && s.starts_at > s.now)
      return `scheduled: starts at ${onTheWall(s.starts_at, s)} ${s.zone}${hand && `, then waits for ${hand}`}`
    return hand ? `waits for ${hand}: npm run press-start -- ${s.id}` : "scheduled: about to start"
  },
  sending: (s) =>
    s.opens_at !== null && s.opens_at > s.now ? `started outside ${outside(s)}` : `sending${holdInWords(s)}`,
  paused: (s) =>
    s.waits_for_window && s.opens_at !== null
      ? `paused by ${outside(s)}`
      : `paused${by(s)}${at(s)} (npm run resume -- ${s.id})`,
  done: (s) => `done${at(s)}`,
  rejected: (s) => `rejected${by(s)}${at(s)}${because(s)}`,
  cancelled: (s) => `stopped${by(s)}${at(s)}${because(s)}`,
  expired: (s) => `expired${at(s)}: its time had passed`,
  failed: (s) => `failed${at(s)}: ${s.failure ?? "no reason is on record"}`
}

/** Its state, who moved it there, and what it waits for. */
export const stateInWords = (s: Situation): string => IN_WORDS[s.state](s)

/** ", held by its ceiling" and the like; "" where nothing does, or that isn't known. */
export const holdInWords = (s: Situation): string => HOLDS[s.forecast?.limitedBy ?? "unknown"](s)

/** When it will be through, and what won't; "" where that isn't known. */
export const forecastInWords = (s: Situation): string => {
  const { finishesAt, leftOver = 0 } = s.forecast ?? {}
  if (s.state === "paused" && !s.waits_for_window) return ""
  if (leftOver > 0 && s.ends_at !== null)
    return `not in time: ${Screen.many(leftOver, "recipient")} left at its end, ${onTheWall(s.ends_at, s)} ${s.zone}`
  return finishesAt === undefined ? "" : `through at ${onTheWall(finishesAt, s)} ${s.zone}`
}

/** Whether it ought to be moving right now, so that stillness is worth a word: not where it is paced in seconds, or waits for its time. */
export const shouldMove = (s: Situation): boolean =>
  s.state === "scheduled"
    ? s.starts_automatically && (s.starts_at === null || s.starts_at <= s.now)
    : s.state === "sending" &&
      s.mode !== "trigger" &&
      s.forecast?.limitedBy !== "day" &&
      (s.forecast?.perSecond ?? Number.POSITIVE_INFINITY) >= 1
