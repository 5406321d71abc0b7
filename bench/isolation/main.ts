/**
 * `npm run bench:isolation`: what row-level security costs dispatch, finer than whole runs of the engine can tell
 * (`bench:engine -- --isolation`), whose speed varies by more from run to run than what is asked.
 *
 * One connection of the engine's role claims blocks and writes down their answers and receipts by the engine's own statements,
 * some with row-level security and some without, by turns in one campaign, so that both find the same tables. Counted is the
 * processor time of that connection's server process: it is all that row-level security can cost, and what else runs on the machine
 * hardly touches it. The last line is one JSON object, in microseconds a message.
 */
import { readFileSync } from "node:fs"
import { NodeRuntime } from "@effect/platform-node"
import { Cause, Effect, Layer } from "effect"
import { asked } from "#bench/asked.ts"
import { prepare } from "#bench/engine/Campaign.ts"
import { median, range } from "#bench/engine/report.ts"
import { ownDatabase } from "#bench/ownDatabase.ts"
import { dispatchSettings } from "#deploy/local/embedded/settings.ts"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import * as Channels from "#schema/channel/Channels.ts"
import { layer, SqlClient } from "#schema/Database.ts"
import { engineUrl } from "#schema/LoginRole.ts"
import { type PretendBlock, PretendEngine } from "#schema/testing/PretendEngine.ts"
import { switchIsolation } from "./switch.ts"

const { blocks, pairs } = asked("What row-level security costs the statements of dispatch.", {
  pairs: { default: 40, least: 2, most: 1_000, help: "turns with it, and as many without" },
  blocks: { default: 50, least: 1, most: 1_000, help: "of 1,000 recipients, a turn" }
})

/** A turn begins with some that are not counted: what was planned before the switch is planned anew. */
const WARM_UP = 3

const BLOCK = 1_000

/** Answers of a block are in one flush, its receipts in the next: about what the engine does at full speed. */
const dispatched = (engine: PretendEngine, block: PretendBlock) => {
  const nths = Array.from(block.parts, (_, nth) => nth).filter((nth) => !block.suppressed.has(nth))
  return Effect.andThen(
    engine.flush([{ block, answers: nths.map((nth) => ({ nth, part: 1, verdict: "a" as const })) }]),
    engine.flush([{ block, receipts: nths.map((nth) => ({ nth, part: 1, state: 2 })) }])
  )
}

const claimed = Effect.fnUntraced(function* (engine: PretendEngine, laneId: number, count: number) {
  for (let i = 0; i < count; i++) yield* dispatched(engine, (yield* engine.claim(laneId, BLOCK))!)
})

/** Nanoseconds that a process has had a processor: the first number of its schedstat. */
const processorNanos = (pid: number): number => Number(readFileSync(`/proc/${pid}/schedstat`, "latin1").split(" ")[0])

const compared = Effect.gen(function* () {
  const owner = yield* ownDatabase("isolation", dispatchSettings)
  const asOwner = yield* Layer.build(layer(owner, { applicationName: "countersign bench", maxConnections: 1 }))
  const asEngine = yield* Layer.build(
    layer(yield* engineUrl(owner), { applicationName: "countersign bench", maxConnections: 1 })
  )
  const turns = 2 * pairs
  const campaign = yield* Effect.provide(
    prepare(turns * (blocks + WARM_UP) * BLOCK, { port: 2775, binds: 1, window: 100 }),
    asOwner
  )
  yield* Effect.provide(campaign.approve, asOwner)
  const turn = Effect.fnUntraced(function* (engine: PretendEngine, pid: number, on: boolean) {
    yield* Effect.provide(switchIsolation(on), asOwner)
    yield* claimed(engine, campaign.laneId, WARM_UP)
    const before = processorNanos(pid)
    yield* claimed(engine, campaign.laneId, blocks)
    return (processorNanos(pid) - before) / 1_000 / (blocks * BLOCK)
  })
  return yield* Effect.provide(
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const [server] = yield* sql<{ pid: number }>`SELECT pg_backend_pid() AS pid`
      const epoch = (yield* Channels.take(campaign.channelId))!
      yield* Campaigns.move(campaign.campaignId, "open")
      const engine = new PretendEngine({ channelId: campaign.channelId, epoch })
      const sides = { with: [] as Array<number>, without: [] as Array<number> }
      for (let pair = 0; pair < pairs; pair++) {
        // the first of each pair changes
        for (const on of pair % 2 === 0 ? [true, false] : [false, true])
          sides[on ? "with" : "without"].push(yield* turn(engine, server!.pid, on))
      }
      return sides
    }),
    asEngine
  )
})

const round = (value: number, digits: number) => Number(value.toFixed(digits))

/** Between which two of the values the true median lies, 95 times of 100: by their ranks, half of them and 0.98 √n to each side. */
const medianWithin95 = (values: ReadonlyArray<number>): ReadonlyArray<number> => {
  const sorted = values.toSorted((a, b) => a - b)
  const aside = 0.98 * Math.sqrt(sorted.length)
  const at = (rank: number) => sorted[Math.min(sorted.length - 1, Math.max(0, rank))]!
  return [at(Math.floor(sorted.length / 2 - aside)), at(Math.ceil(sorted.length / 2 + aside))]
}

const bench = Effect.scoped(
  Effect.map(compared, (sides) => {
    const ratios = sides.with.map((micros, i) => micros / sides.without[i]!)
    const figures = {
      messages: 2 * pairs * blocks * BLOCK,
      pairs,
      with: round(median(sides.with), 3),
      without: round(median(sides.without), 3),
      ratio: round(median(ratios), 4),
      ratioWithin95: medianWithin95(ratios).map((ratio) => round(ratio, 4)),
      ratioRange: range(ratios, 3)
    }
    process.stdout.write(`${JSON.stringify(figures)}\n`)
  })
)

NodeRuntime.runMain(
  Effect.catchCause(bench, (cause) =>
    Effect.sync(() => {
      process.stderr.write(`${Cause.pretty(cause)}\n`)
      process.exitCode = 1
    })
  ),
  { disableErrorReporting: true }
)
