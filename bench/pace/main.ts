/**
 * A channel's pace, measured where it counts: `npm run bench:pace`. Channels of 10, 100 and 1,000 messages a second, each sent
 * by the real engine to the simulator for ten seconds; the times are the simulator's.
 *
 * Holds when the rate is within 1 % over ten seconds, and no window of 100 ms, wherever it begins, holds more than its tenth
 * of the rate and the burst. Exit codes: 0; 1 when it doesn't hold, or something went wrong.
 */
import { Console, Effect } from "effect"
import { asked } from "#bench/asked.ts"
import { prepare } from "#bench/engine/Campaign.ts"
import { BenchError, engineProcess } from "#bench/engine/Child.ts"
import { over } from "#bench/engine/Run.ts"
import { freshDatabase, type Server, server } from "#bench/engine/Server.ts"
import { scopedSmsc } from "#bench/smsc/Smsc.ts"
import { play, stallsOfThisProcess } from "#bench/stage/Stage.ts"
import * as Database from "#schema/Database.ts"
import { type Paced, paced } from "./paced.ts"

const RATES = [10, 100, 1_000]
const SECONDS = 10

asked(`A channel's pace, of ${RATES.join(", ")} messages a second in turn, measured where it arrives.`, {})

/** Two binds, as most channels have: the pace is the channel's, not a bind's. */
const BINDS = 2
const WINDOW = 100

const measure = (on: Server, perSecond: number) =>
  Effect.scoped(
    Effect.gen(function* () {
      const database = yield* freshDatabase(on)
      const smsc = yield* scopedSmsc({ port: 0 })
      const stalls = yield* stallsOfThisProcess
      return yield* Effect.gen(function* () {
        // half a second more than is looked at, and what is kept back
        const campaign = yield* prepare(Math.ceil(perSecond * (SECONDS + 0.5)) + 12, {
          port: smsc.port,
          binds: BINDS,
          window: WINDOW,
          perSecond
        })
        const engine = yield* engineProcess(database.engine)
        yield* Effect.raceFirst(
          Effect.promise(() => smsc.until((counts) => counts.binds === BINDS)),
          engine.ended
        )
        yield* campaign.approve
        yield* Effect.raceFirst(over(campaign), engine.ended)
        const arrived = Array.from(smsc.received(), (row) => row.arrived)
        return paced(arrived, stalls, perSecond, SECONDS)
      }).pipe(
        Effect.provide(Database.layer(database.owner, { applicationName: "countersign bench", maxConnections: 3 }))
      )
    })
  )

/** A machine that is busy with other things lets the engine run late, and what it misses it must not make up for; what fails is measured again, and the line says how often. */
const ATTEMPTS = 3

const patiently = (on: Server, perSecond: number, attempt = 1): ReturnType<typeof measure> =>
  Effect.flatMap(measure(on, perSecond), (result) =>
    result.holds || attempt === ATTEMPTS
      ? Effect.succeed({ ...result, attempts: attempt })
      : Effect.andThen(Console.error(`again: ${JSON.stringify(result)}`), patiently(on, perSecond, attempt + 1))
  )

const program = Effect.gen(function* () {
  const on = yield* server
  const results: Array<Paced> = []
  for (const perSecond of RATES) results.push(yield* patiently(on, perSecond))
  yield* Console.table(results)
  yield* Console.log(JSON.stringify(results))
  if (!results.every((r) => r.holds)) return yield* new BenchError({ message: "the pace was not kept" })
})

play(program)
