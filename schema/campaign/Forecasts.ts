/**
 * Forecasts: of one campaign, for whoever may see it, drafts included; and of all that are alive, for the engine, which keeps them
 * (rules/forecast.sql). What is foreseen, and how, is said in Forecast.ts.
 */
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { refused } from "#schema/Refused.ts"
import { forecastAll, type House, type LimitedBy, type Load, type Outlook, type World } from "./Forecast.ts"
import { ForecastWindows } from "./ForecastWindows.ts"

/** NOTIFY channel that hints, by its id, at a campaign that will not be through in time, or after all will. */
export const FORECASTS = "countersign_forecast"

export interface Forecast {
  /** undefined: not known, or it will not be through at all. */
  readonly finishesAt: Date | undefined
  /** Messages a second, now or when it begins; undefined: not known. */
  readonly perSecond: number | undefined
  readonly limitedBy: LimitedBy
  /** Recipients that would be left at its end. */
  readonly leftOver: number
}

/** A lane of a campaign, as `forecast_loads` gives it; times in ms since 1970, rates in messages a second. */
export interface LaneRow {
  readonly campaign_id: number
  readonly workspace_id: number
  readonly name: string
  readonly state: string
  readonly mode: string
  /** It waits for somebody to start or to resume it. */
  readonly needs_person: boolean
  readonly begins_ms: number
  readonly ends_ms: number | null
  readonly segments: number
  readonly per_second: number | null
  readonly window_from: string | null
  readonly window_to: string | null
  readonly time_zone: string
  readonly workspace_per_second: number | null
  readonly workspace_per_day: number | null
  readonly day_left: number | null
  readonly workspace_zone: string
  readonly lane_id: number
  readonly recipients: number
  readonly recipients_left: number
  /** of a spread campaign that has begun: what its schedule asked of this lane */
  readonly asked_per_second: number | null
  readonly channels: ReadonlyArray<number>
  readonly contracts: ReadonlyArray<number | null> | null
  readonly speeds: ReadonlyArray<number | null> | null
  /** accepted by each channel's operator so far */
  readonly accepted: ReadonlyArray<number> | null
  readonly now_ms: number
}

/** Everything that is alive, as the engine sees it. */
export const everything = Effect.gen(function* () {
  const sql = yield* SqlClient
  return yield* sql<LaneRow>`SELECT * FROM forecast_loads()`
})

/** A daily window, from "09:00:00" to "18:00:00" of a time zone. From midnight to midnight: the days. */
export interface Daily {
  readonly from: string
  readonly to: string
  readonly zone: string
}

export type Calendars = ReadonlyMap<string, ForecastWindows>

export const keyOf = ({ from, to, zone }: Daily): string => `${from} ${to} ${zone}`

const windowOf = (row: LaneRow): Daily | undefined =>
  row.window_from === null ? undefined : { from: row.window_from, to: row.window_to!, zone: row.time_zone }

const daysOf = (row: LaneRow): Daily | undefined =>
  row.workspace_per_day === null ? undefined : { from: "00:00:00", to: "00:00:00", zone: row.workspace_zone }

/** The daily windows that rows go by, each once. */
export const dailies = (rows: ReadonlyArray<LaneRow>): ReadonlyArray<Daily> => {
  const all = rows.flatMap((row) => [windowOf(row), daysOf(row)]).filter((daily) => daily !== undefined)
  return [...new Map(all.map((daily) => [keyOf(daily), daily])).values()]
}

/** How far a forecast sees, as far as a schedule may reach (rules/schedule.sql): what is not through by then has no finish. */
const MOST_DAYS = 750

/** The calendar of each, from a moment on. */
export const calendars = Effect.fnUntraced(function* (wanted: ReadonlyArray<Daily>, sinceMs: number) {
  if (wanted.length === 0) return new Map<string, ForecastWindows>()
  const sql = yield* SqlClient
  const rows = yield* sql<{ nth: number; opens_ms: ReadonlyArray<number>; closes_ms: ReadonlyArray<number> }>`
    SELECT * FROM window_days(to_timestamp(${sinceMs / 1000}::float8), ${wanted.map(({ from }) => from)}::text[]::time[],
      ${wanted.map(({ to }) => to)}::text[]::time[], ${wanted.map(({ zone }) => zone)}::text[], ${MOST_DAYS})`
  return new Map(rows.map((row) => [keyOf(wanted[row.nth]!), new ForecastWindows(row.opens_ms, row.closes_ms)]))
})

/** A row's part of the world; undefined: it sends nothing that can be foreseen, see `known`. */
const isFlowing = (row: LaneRow): boolean => !row.needs_person && row.mode !== "trigger"

/** speeds: what channels were measured to take, if that is less than their contract or there is none. */
export const worldOf = (rows: ReadonlyArray<LaneRow>, days: Calendars): World => {
  const flowing = rows.filter(isFlowing)
  const loads = [...Map.groupBy(flowing, (row) => row.campaign_id).values()].map((lanes) => loadOf(lanes, days))
  const houses = new Map(flowing.map((row) => [row.workspace_id, houseOf(row, days)]))
  const channels = new Map<number, number>()
  for (const { channels: ids, contracts, speeds } of flowing)
    ids.forEach((id, nth) => {
      channels.set(id, takes(contracts![nth] ?? undefined, speeds![nth] ?? undefined))
    })
  return { now: rows[0]?.now_ms ?? 0, loads, houses, channels }
}

/** A contract that the operator has not kept lately: less is believed. */
const takes = (contract: number | undefined, speed: number | undefined): number => {
  if (contract === undefined) return speed ?? Number.POSITIVE_INFINITY
  return speed !== undefined && speed < 0.9 * contract ? Math.min(contract, speed) : contract
}

const loadOf = (lanes: ReadonlyArray<LaneRow>, days: Calendars): Load => {
  const row = lanes[0]!
  const window = windowOf(row)
  return {
    campaignId: row.campaign_id,
    houseId: row.workspace_id,
    beginsAt: row.begins_ms,
    endsAt: row.ends_ms ?? Number.POSITIVE_INFINITY,
    isSpread: row.mode === "spread",
    segments: row.segments,
    perSecond: row.per_second ?? Number.POSITIVE_INFINITY,
    windows: window && days.get(keyOf(window)),
    lanes: lanes.map((lane) => ({
      left: lane.recipients_left,
      askedPerSecond: lane.asked_per_second ?? undefined,
      channels: lane.channels
    }))
  }
}

const houseOf = (row: LaneRow, days: Calendars): House => {
  const daily = daysOf(row)
  return {
    houseId: row.workspace_id,
    perSecond: row.workspace_per_second ?? Number.POSITIVE_INFINITY,
    day: daily && { messages: row.workspace_per_day!, left: row.day_left!, days: days.get(keyOf(daily))! }
  }
}

/** What can be said of a campaign that is not in the world: a triggered one, or one that waits for somebody. */
export const outlookOf = (row: LaneRow, outlooks: ReadonlyMap<number, Outlook>): Outlook => {
  const outlook = outlooks.get(row.campaign_id)
  if (outlook !== undefined) return outlook
  const nothing = { finishesAt: undefined, perSecond: undefined, leftOver: 0 }
  if (row.needs_person) return { ...nothing, limitedBy: "person" }
  return { ...nothing, finishesAt: row.ends_ms ?? undefined, limitedBy: "schedule" }
}

/** A forecast as the engine has kept it, and, when the campaign is done, how wrong it was. */
export interface Kept {
  readonly campaign_id: number
  /** The first one since it was scheduled. */
  readonly first_finishes_at: Date | null
  readonly made_at: Date
  readonly finishes_at: Date | null
  readonly per_second: number | null
  readonly limited_by: LimitedBy
  readonly left_over: number
  /** It was said that it will not be through in time. */
  readonly warned: boolean
  readonly settled_at: Date | null
  /** Seconds; later than foreseen is more than 0. Of the first forecast. */
  readonly error_seconds: number | null
  /** Of the time that it took: of the first, and of the one when half of it was sent. */
  readonly error_share: number | null
  readonly half_error_share: number | null
}

const readKept = Effect.fnUntraced(function* (campaignIds: ReadonlyArray<number>) {
  const sql = yield* SqlClient
  return yield* sql<Kept>`
    SELECT campaign_id, first_finishes_at, made_at, finishes_at, per_second, limited_by, left_over, warned, settled_at, error_seconds, error_share, half_error_share
      FROM campaign_forecast WHERE campaign_id = ANY (${campaignIds}::int[]) ORDER BY campaign_id`
})

/** Of each campaign given that has one. */
export const kept = Effect.fn("Forecasts.kept")(readKept, Effect.mapError(refused))

/**
 * When a campaign will be through if nothing changes; of a draft, as if it were approved now. undefined: it is over, or has no
 * audience yet. Asked while acting, or by the system.
 *
 * What an engine has foreseen knows what neighbours send on the same channels. Before there is such a forecast, whoever acts in a
 * workspace has one that takes its channels for its own.
 */
export const forecast = Effect.fn("Forecasts.forecast")(function* (campaignId: number) {
  const sql = yield* SqlClient
  const [known] = yield* readKept([campaignId])
  if (known !== undefined && known.settled_at === null)
    return {
      finishesAt: known.finishes_at ?? undefined,
      perSecond: known.per_second ?? undefined,
      limitedBy: known.limited_by,
      leftOver: known.left_over
    } satisfies Forecast
  const rows = yield* sql<LaneRow>`SELECT * FROM forecast_loads(${campaignId})`
  const row = rows.find((one) => one.campaign_id === campaignId)
  if (row === undefined) return undefined
  const days = yield* calendars(dailies(rows), row.now_ms)
  const { finishesAt, ...outlook } = outlookOf(row, forecastAll(worldOf(rows, days)))
  const forecast: Forecast = { ...outlook, finishesAt: finishesAt === undefined ? undefined : new Date(finishesAt) }
  return forecast
}, Effect.mapError(refused))

/** What people should know of a forecast. */
export interface News {
  readonly what: "late" | "in time" | "settled"
  readonly campaign_id: number
  readonly name: string
  /** As the clock on the wall of its author shows it. */
  readonly ends_local: string | null
  readonly recipients: number | null
  readonly left_over: number | null
  readonly limited_by: LimitedBy | null
  readonly error_seconds: number | null
  readonly error_share: number | null
}

/** One forecast to keep. */
export interface Foreseen extends Outlook {
  readonly campaignId: number
  /** half of it is sent */
  readonly isHalf: boolean
}

/** Of a campaign's lanes, what is to be kept of it. */
export const foreseenOf = (lanes: ReadonlyArray<LaneRow>, outlooks: ReadonlyMap<number, Outlook>): Foreseen => {
  const left = lanes.reduce((sum, lane) => sum + lane.recipients_left, 0)
  const all = lanes.reduce((sum, lane) => sum + lane.recipients, 0)
  return { ...outlookOf(lanes[0]!, outlooks), campaignId: lanes[0]!.campaign_id, isHalf: left <= all / 2 }
}

/** Keeps what has changed of forecasts, and settles those of campaigns that have ended; speeds: as measured, by channel. */
export const keep = Effect.fn("Forecasts.keep")(function* (
  foreseen: ReadonlyArray<Foreseen>,
  speeds: ReadonlyMap<number, number>
) {
  const sql = yield* SqlClient
  return yield* sql<News>`
    SELECT * FROM keep_forecasts(${foreseen.map((one) => one.campaignId)}::int[], ${floats(foreseen.map((one) => one.finishesAt))}::text::float8[],
      ${floats(foreseen.map((one) => one.perSecond))}::text::float8[], ${foreseen.map((one) => one.limitedBy)}::text[],
      ${foreseen.map((one) => one.leftOver)}::int[], ${foreseen.map((one) => one.isHalf)}::boolean[],
      ${[...speeds.keys()]}::int[], ${[...speeds.values()]}::float8[])`
})

/** As Postgres writes them: the driver takes no array of nothing but nulls. */
const floats = (all: ReadonlyArray<number | undefined>): string => `{${all.map((n) => n ?? "NULL").join(",")}}`
