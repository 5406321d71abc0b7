/**
 * Forecasts of all live campaigns, kept true while they run: every few seconds everything that is alive is read in one statement,
 * foreseen (#schema/campaign/Forecast.ts), and what has changed is written in one statement. Of a campaign that will not be through in time
 * it is said once, and once more if it will after all; of one that is done, how far off its first forecast was.
 *
 * Promises: it never holds up what sends: it works in turns of some milliseconds, and rests so much longer than it worked that
 * however many campaigns there are it takes less than a hundredth of a core. Several engines do the same work and write it once.
 */
import { Duration, Effect } from "effect"
import { Forecasting, type World } from "#schema/campaign/Forecast.ts"
import * as Forecasts from "#schema/campaign/Forecasts.ts"
import { type SqlClient, sqlMessage } from "#schema/Database.ts"
import { ForecasterMemory } from "./ForecasterMemory.ts"
import { tellNews } from "./ForecasterNews.ts"

/** Who looks at a screen, or has to be warned, needs it no sooner; and in less time no speed is measured. */
const LEAST_REST_MS = 5_000

/** Of the time that a round took. */
const REST_TIMES = 200

/** A round is some 500 ms at most, whatever there is (MOST_LOOKS). */
const LONGEST_REST_MS = 60_000

/** Some 3 ms. */
const LOOKS_A_TURN = 20_000

const foresee = Effect.fnUntraced(function* (world: World) {
  const forecasting = new Forecasting(world)
  while (!forecasting.advance(LOOKS_A_TURN)) yield* Effect.yieldNow
  return forecasting.outlooks
})

/** Foresees everything once, and keeps and tells what is new. */
export const forecastOnce = Effect.fnUntraced(function* (memory: ForecasterMemory) {
  const read = yield* Forecasts.everything
  const speeds = memory.measure(read)
  if (!memory.isNews(read)) return
  memory.learn(yield* Forecasts.calendars(memory.missing(read), read[0]?.now_ms ?? 0), read)
  const rows = memory.foreseeable(read)
  const outlooks = yield* foresee(Forecasts.worldOf(rows, memory.calendars))
  const byCampaign = [...Map.groupBy(rows, (row) => row.campaign_id).values()]
  const foreseen = byCampaign.map((lanes) => Forecasts.foreseenOf(lanes, outlooks))
  for (const news of yield* Forecasts.keep(foreseen, speeds)) yield* tellNews(news)
})

/** Does so for ever. */
export const forecaster: Effect.Effect<never, never, SqlClient> = Effect.suspend(() => {
  const memory = new ForecasterMemory()
  const once = Effect.catch(forecastOnce(memory), (error) => {
    memory.forget()
    return Effect.logWarning(`forecasts wait for the next time: ${sqlMessage(error)}`)
  })
  return Effect.flatMap(Effect.timed(once), ([took]) =>
    Effect.sleep(Math.min(Math.max(LEAST_REST_MS, Duration.toMillis(took) * REST_TIMES), LONGEST_REST_MS))
  ).pipe(Effect.forever)
})
