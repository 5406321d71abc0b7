/** A plan as the database is asked for it: moments for what is so long after the beginning, and what makes sense together. Pure. */
import type { CampaignPlan, Plan } from "./plan.ts"

/** A campaign's numbers are its own, and come one after the other. */
export const firstNumber = (campaign: number): number => 998_900_000_000 + campaign * 10_000

export interface Schedule {
  readonly startsMs: number | null
  /** null: never, or so many minutes after it was opened */
  readonly endsMs: number | null
  readonly spreadMinutes: number | null
  readonly window: { readonly from: string; readonly to: string; readonly zone: string } | null
}

export const scheduleOf = (plan: Plan, c: CampaignPlan): Schedule => {
  const startsInMs = c.startsInMs ?? (c.mode === "scheduled" ? 2_000 : null)
  const startsMs = startsInMs === null ? null : plan.beginsMs + startsInMs
  const lastsMs = c.lastsMs ?? (c.mode === "spread" || c.mode === "trigger" ? plan.spanMs / 2 : null)
  const inMinutes = c.mode === "spread" && c.inMinutes && c.window === null
  return {
    startsMs,
    endsMs: lastsMs === null || inMinutes ? null : (startsMs ?? plan.beginsMs) + lastsMs,
    spreadMinutes: inMinutes ? Math.max(1, Math.round(lastsMs! / 60_000)) : null,
    window: c.window === null ? null : windowOf(plan.beginsMs, c.window)
  }
}

/** None where clocks that go back show the same at both ends. */
const windowOf = (beginsMs: number, { minutes, opensIn, zone }: NonNullable<CampaignPlan["window"]>) => {
  const from = onTheClock(beginsMs + opensIn * 60_000, zone)
  const to = onTheClock(beginsMs + (opensIn + minutes) * 60_000, zone)
  return from === to ? null : { from, to, zone }
}

const clocks = new Map<string, Intl.DateTimeFormat>()

/** What a clock on the wall there shows, as 2027-03-28 18:00:00. */
export const localTime = (ms: number, zone: string): string => {
  let clock = clocks.get(zone)
  if (clock === undefined) {
    clock = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" })
    clocks.set(zone, clock)
  }
  return clock.format(ms)
}

const onTheClock = (ms: number, zone: string): string => localTime(ms, zone).slice(11, 16)

/** What a claim hands out is a quarter of a second of work: a history has about so many claims a campaign, and the recipients for it. */
const CLAIMS = 10

/** Nobody asks for a spread that is faster than its channels and ceilings allow: it would be refused at submission. */
const recipientsOf = (plan: Plan, c: CampaignPlan, schedule: Schedule): number => {
  if (c.mode === "trigger") return 0
  const house = plan.workspaces[c.workspace % plan.workspaces.length]!
  const contracts = channelsOf(plan, c).map((i) => plan.channels[i]!.perSecond ?? UNPACED)
  const fastest =
    Math.min(
      c.perSecond ?? UNPACED,
      house.perSecond ?? UNPACED,
      contracts.reduce((a, b) => a + b, 0)
    ) / c.segments
  if (c.mode !== "spread") return Math.min(c.recipients, Math.ceil(CLAIMS * Math.max(1, fastest / 6)))
  const seconds =
    schedule.spreadMinutes === null
      ? (schedule.endsMs! - (schedule.startsMs ?? plan.beginsMs)) / 1000
      : schedule.spreadMinutes * 60
  const most = Math.min(c.recipients, Math.floor(seconds * fastest * 0.9))
  return Math.max(1, most / seconds < 4 || seconds > CLAIMS ? Math.min(CLAIMS, most) : most)
}

const UNPACED = 1_000

export const channelsOf = (plan: Plan, c: CampaignPlan): ReadonlyArray<number> => [
  ...new Set(c.channels.map((i) => i % plan.channels.length))
]

export const wanted = (plan: Plan) => ({
  workspaces: plan.workspaces,
  channels: plan.channels,
  campaigns: plan.campaigns.map((c, i) => {
    const schedule = scheduleOf(plan, c)
    return {
      workspace: c.workspace % plan.workspaces.length,
      channels: channelsOf(plan, c),
      recipients: recipientsOf(plan, c, schedule),
      first: firstNumber(i),
      content: {
        mode: c.mode,
        segments: c.segments,
        on_lost_answer: c.resend ? "resend" : "hold",
        starts_automatically: c.startsAutomatically,
        starts_at: iso(schedule.startsMs),
        ends_at: iso(schedule.endsMs),
        time_zone: schedule.window?.zone ?? "UTC",
        window_from: schedule.window?.from ?? null,
        window_to: schedule.window?.to ?? null,
        per_second: c.perSecond,
        spread_minutes: schedule.spreadMinutes
      }
    }
  })
})

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())
