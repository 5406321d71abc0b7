/**
 * What it costs to wait: `npm run bench:waiting`. Processor time of the engine's process and of all of Postgres, with no campaign at all,
 * with a thousand that are scheduled for tomorrow, and with a thousand that are sent over days and rest between two messages.
 *
 * Holds when a thousand that wait cost less than 2 % of a core more than none. Exit codes: 0; 1 when it doesn't hold, or something went
 * wrong.
 */
import { Effect } from "effect"
import { asked } from "#bench/asked.ts"
import { BenchError, type Child, cpuSeconds, serverCpuSeconds } from "#bench/engine/Child.ts"
import { conclude, type Figure } from "#bench/stage/Figure.ts"
import { channelFor, nowMs, play, runs, type Stage, say, until, within } from "#bench/stage/Stage.ts"
import { eventually, makeCampaign } from "#engine/TestCampaigns.ts"
import { SqlClient } from "#schema/Database.ts"
import { type SampleWorkspace, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"

const options = asked("What a thousand waiting campaigns cost: processor time of the engine and of Postgres.", {
  campaigns: { default: 1_000, least: 1, most: 100_000, help: "that wait, and that rest between their messages" },
  seconds: { default: 30, least: 5, most: 600, help: "for which each is measured" },
  runs: { default: 1, least: 1, most: 100, help: "one after the other; figures are medians" },
  json: { default: false, help: "no lines for people before the JSON object" }
})

const WORKSPACES = 5
const MAKERS = 3
const MOST_PERCENT = 2
const DAY_MS = 86_400_000
/** Until what opened has come to rest. */
const REST_MS = 5_000
/** A campaign that rests: a message every some minutes. */
const RESTING = { numbers: 1_000, days: 7 }

interface Cost {
  /** % of a core */
  readonly engine: number
  readonly postgres: number
}

const measured = Effect.fnUntraced(function* (stage: Stage, engine: Child) {
  yield* Effect.sleep(REST_MS)
  const of = () => ({ at: nowMs(), engine: cpuSeconds(engine.pid), postgres: serverCpuSeconds(stage.postmaster!) })
  const before = of()
  yield* within([engine], "measured", Effect.sleep(options.seconds * 1_000), options.seconds + 10)
  const after = of()
  const share = (seconds: number) => (seconds * 100_000) / (after.at - before.at)
  return {
    engine: share(after.engine - before.engine),
    postgres: share(after.postgres - before.postgres)
  } satisfies Cost
})

const waiting = Effect.fnUntraced(function* (stage: Stage) {
  if (stage.postmaster === undefined)
    return yield* new BenchError({
      message: "this looks at the processor time of a server of its own; unset DATABASE_URL"
    })
  const sql = yield* SqlClient
  const workspaces = yield* Effect.forEach(Array.from({ length: WORKSPACES }), () => sampleWorkspace())
  const channel = yield* channelFor(stage, workspaces)
  const engine = yield* stage.engine
  yield* until(stage, [engine], "the binds are up", ({ binds }) => binds > 0, 30)
  const make = (numbers: number, columns: Readonly<Record<string, unknown>>) =>
    Effect.forEach(
      Array.from({ length: options.campaigns }, (_, nth): SampleWorkspace => workspaces[nth % WORKSPACES]!),
      (workspace) => makeCampaign(workspace, { channels: [channel], numbers, columns }),
      { concurrency: MAKERS, discard: true }
    )
  const analyzed = sql.unsafe("ANALYZE")

  yield* analyzed
  const none = yield* measured(stage, engine)
  yield* say(`none: ${told(none)}`)

  yield* make(1, { mode: "scheduled", starts_at: new Date(Date.now() + DAY_MS) })
  yield* analyzed
  const scheduled = yield* measured(stage, engine)
  yield* say(`${options.campaigns} scheduled for tomorrow: ${told(scheduled)}`)

  yield* make(RESTING.numbers, { mode: "spread", spread_minutes: (RESTING.days * DAY_MS) / 60_000 })
  const sending = sql<{ n: number }>`SELECT count(*)::int AS n FROM campaign WHERE state = 'sending'`
  const allSending = Effect.map(sending, ([row]) => row!.n === options.campaigns)
  yield* within([engine], "all are sent", eventually("all are sent", allSending, 120), 121)
  yield* analyzed
  const resting = yield* measured(stage, engine)
  yield* say(`and ${options.campaigns} that rest between their messages: ${told(resting)}`)

  const both = ({ engine, postgres }: Cost) => engine + postgres
  const cost = (name: string, what: string, one: Cost): ReadonlyArray<Figure> => [
    { name: `${name}Engine`, what: `${what}: the engine, % of a core`, value: one.engine },
    { name: `${name}Postgres`, what: `${what}: Postgres, % of a core`, value: one.postgres }
  ]
  return [
    ...cost("none", "no campaign", none),
    ...cost("waiting", `${options.campaigns} scheduled`, scheduled),
    {
      name: "waitingCosts",
      what: `${options.campaigns} scheduled, more than none, % of a core`,
      value: both(scheduled) - both(none),
      most: MOST_PERCENT
    },
    ...cost("resting", `and ${options.campaigns} that rest`, resting),
    {
      name: "restingCosts",
      what: `${options.campaigns} that rest, more than those, % of a core`,
      value: both(resting) - both(scheduled)
    }
  ] satisfies ReadonlyArray<Figure>
})

const told = ({ engine, postgres }: Cost) =>
  `engine ${engine.toFixed(2)} %, Postgres ${postgres.toFixed(2)} % of a core`

play(Effect.flatMap(runs(options.runs, waiting), (figures) => conclude(figures, options.json)))
