/**
 * What a forecaster remembers from one round to the next: the calendars, how far each lane was, and whether anything has changed at
 * all since it last foresaw. Pure.
 */
import { type Calendars, type Daily, dailies, keyOf, type LaneRow } from "#schema/campaign/Forecasts.ts"
import type { ForecastWindows } from "#schema/campaign/ForecastWindows.ts"

/** One takes the database some 20 ms: those that are missing are read a few a round. */
const CALENDARS_A_ROUND = 5

/** They reach for more than a year, so it is soon enough; and rules of time zones do change. */
const CALENDARS_FOR_MS = 24 * 3_600_000

/** Between two looks: in less time what a flush brings says nothing of a speed. */
const LEAST_MEASURED_MS = 4_000

/** Of what is measured anew. */
const WEIGHT = 0.3

/** A speed that is less off than this is not written again before so long. */
const SAME_SPEED = 0.05
const SAY_AGAIN_MS = 60_000

interface Look {
  readonly accepted: number
  readonly atMs: number
}

export class ForecasterMemory {
  private known = new Map<string, { readonly windows: ForecastWindows; readonly untilMs: number }>()
  private before = ""
  private looks = new Map<string, Look>()
  private readonly speeds = new Map<number, { readonly perSecond: number; readonly saidAt: number }>()

  get calendars(): Calendars {
    return new Map([...this.known].map(([key, { windows }]) => [key, windows]))
  }

  /** Those that are to be read now. */
  missing(rows: ReadonlyArray<LaneRow>): ReadonlyArray<Daily> {
    const now = rows[0]?.now_ms ?? 0
    const isMissing = (daily: Daily) => (this.known.get(keyOf(daily))?.untilMs ?? 0) <= now
    return dailies(rows).filter(isMissing).slice(0, CALENDARS_A_ROUND)
  }

  /** Forgets calendars that nobody goes by any more. */
  learn(calendars: Calendars, rows: ReadonlyArray<LaneRow>): void {
    const untilMs = (rows[0]?.now_ms ?? 0) + CALENDARS_FOR_MS
    const wanted = new Set(dailies(rows).map(keyOf))
    for (const key of this.known.keys()) if (!wanted.has(key)) this.known.delete(key)
    for (const [key, windows] of calendars) this.known.set(key, { windows, untilMs })
    // who waits for a calendar is foreseen in the next round
    if (this.foreseeable(rows).length < rows.length) this.before = ""
  }

  /** Those whose calendars are there. */
  foreseeable(rows: ReadonlyArray<LaneRow>): ReadonlyArray<LaneRow> {
    return rows.filter((row) => dailies([row]).every((daily) => this.known.has(keyOf(daily))))
  }

  /** What was foreseen could not be kept: it is to be said again. */
  forget(): void {
    this.before = ""
  }

  /** Whether a forecast may have changed: while nothing is sent, only if a row has. */
  isNews(rows: ReadonlyArray<LaneRow>): boolean {
    const now = JSON.stringify(rows.map(({ now_ms, begins_ms, ...row }) => [row, begins_ms > now_ms ? begins_ms : 0]))
    const isSame = now === this.before && !rows.some(({ state }) => state === "sending")
    this.before = now
    return !isSame
  }

  /**
   * How fast channels went, in messages a second, if there was more to send than they took; of those of which it is worth saying.
   * An operator who accepts nothing at all has no speed: it is down.
   */
  measure(rows: ReadonlyArray<LaneRow>): ReadonlyMap<number, number> {
    const looks = new Map<string, Look>()
    const went = new Map<number, number>()
    const full = new Set<number>()
    for (const row of rows)
      row.channels.forEach((id, nth) => {
        const look = { accepted: row.accepted![nth]! * row.segments, atMs: row.now_ms }
        const key = `${row.lane_id} ${id}`
        const before = this.looks.get(key)
        const isShort = before !== undefined && look.atMs - before.atMs < LEAST_MEASURED_MS
        looks.set(key, isShort ? before : look)
        if (before === undefined || isShort) return
        const perSecond = ((look.accepted - before.accepted) / (look.atMs - before.atMs)) * 1000
        went.set(id, (went.get(id) ?? 0) + perSecond)
        if (wantsAll(row)) full.add(id)
      })
    this.looks = looks
    const now = rows[0]?.now_ms ?? 0
    return new Map([...full].flatMap((id) => this.speed(id, went.get(id)!, now)))
  }

  private speed(channelId: number, measured: number, now: number): Array<[number, number]> {
    if (measured <= 0) return []
    const said = this.speeds.get(channelId)
    const perSecond = said === undefined ? measured : said.perSecond + WEIGHT * (measured - said.perSecond)
    const isSame = said !== undefined && Math.abs(perSecond - said.perSecond) < SAME_SPEED * said.perSecond
    const isSaid = isSame && now - said.saidAt < SAY_AGAIN_MS
    this.speeds.set(channelId, { perSecond, saidAt: isSaid ? said.saidAt : now })
    return isSaid ? [] : [[channelId, perSecond]]
  }
}

/** It sends as fast as its channels take it, and goes on to. */
const wantsAll = (row: LaneRow): boolean =>
  row.state === "sending" &&
  row.mode !== "spread" &&
  row.mode !== "trigger" &&
  row.per_second === null &&
  row.workspace_per_second === null &&
  row.day_left !== 0 &&
  row.recipients_left > 0
