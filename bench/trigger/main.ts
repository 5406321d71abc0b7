/**
 * How soon a triggered message is on the operator's socket behind bulk on the same channel: `npm run bench:trigger`. A campaign of a
 * million is being sent at the channel's contract; beside it messages are fed one at a time, at random moments; measured is from
 * before the commit of each until the simulator has read it. Only what is left of the million is not waited for.
 *
 * Holds when the 99th percentile is under 50 ms and the pace's own gap. Exit codes: 0; 1 when it doesn't hold, or something went
 * wrong.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Schedule } from "effect"
import { asked } from "#bench/asked.ts"
import { prepare } from "#bench/engine/Campaign.ts"
import { BenchError, child } from "#bench/engine/Child.ts"
import { freshDatabase, server } from "#bench/engine/Server.ts"
import { simulator } from "#bench/engine/Simulator.ts"
import * as Database from "#schema/Database.ts"
import { type SqlError, sqlMessage } from "#schema/Database.ts"
import { fedAtRandom, triggered } from "./Fed.ts"

const options = asked("Triggered messages behind bulk on the same channel, from their commit to the socket.", {
  bulk: { default: 1_000_000, least: 1_000, most: 10_000_000, help: "messages of the campaign that they overtake" },
  rate: { default: 1_000, least: 1, most: 100_000, help: "the channel's contract, in messages a second" },
  messages: { default: 400, least: 1, most: 10_000, help: "triggered messages" },
  gap: { default: 60, least: 1, most: 10_000, help: "ms between two of them, on average" },
  latency: { default: 20, least: 0, most: 1_000, help: "ms that the operator takes to answer" }
})

const BINDS = 2
const WINDOW = 100
const MOST_MS = 50

/** At the speed it keeps, before the first is fed. */
const RUNNING = 2_000

const at = (sorted: ReadonlyArray<number>, share: number) =>
  Number((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN).toFixed(1))

/** The way of each message in stages, by what was written down about it: taken → claimed → submitted. */
const stages = Effect.fnUntraced(function* (campaignId: number) {
  const sql = yield* Database.SqlClient
  return yield* sql<{ claimed: number; submitted: number }>`
    SELECT extract(epoch FROM b.opened_at - r.asked_at)::float8 * 1000 AS claimed, a.submitted_ms[1] AS submitted
      FROM trigger_request r JOIN block b ON b.lane_id = r.lane_id AND r.seq BETWEEN b.first_seq AND b.last_seq
      JOIN attempt a ON a.month = b.month AND a.block_id = b.id
     WHERE r.campaign_id = ${campaignId}`
})

const program = Effect.gen(function* () {
  const on = yield* server
  const database = yield* freshDatabase(on)
  const smsc = yield* simulator(["--latency", `${options.latency}`])
  return yield* Effect.gen(function* () {
    const bulk = yield* prepare(options.bulk, {
      port: smsc.port,
      binds: BINDS,
      window: WINDOW,
      perSecond: options.rate
    })
    const codes = yield* triggered(bulk)
    const engine = yield* child("engine", ["engine/main.ts"], {
      ENGINE_DATABASE_URL: database.engine,
      ENGINE_METRICS_PORT: "0"
    })
    yield* Effect.raceFirst(smsc.bound(BINDS), engine.ended)
    yield* bulk.approve
    const running = Effect.flatMap(smsc.counts, ({ submits }) =>
      submits >= Math.min(RUNNING, options.rate) ? Effect.void : new BenchError({ message: "nothing is sent" })
    ).pipe(Effect.retry({ schedule: Schedule.spaced("50 millis"), times: 400 }))
    yield* Effect.raceFirst(running, engine.ended)

    const committing = yield* Effect.raceFirst(
      fedAtRandom(codes, options.messages, options.bulk + 20_000, options.gap),
      engine.ended
    )
    // as long as the last one may take, and what is written down about it
    yield* Effect.sleep("2 seconds")
    const received = yield* smsc.received
    const waited: Array<number> = []
    for (let row = 0; row < received.rows; row++) {
      const from = committing.get(received.destination[row]!)
      if (from === undefined) continue
      waited.push(received.arrived[row]! - from)
      committing.delete(received.destination[row]!)
    }
    if (committing.size > 0) return yield* new BenchError({ message: `${committing.size} messages did not arrive` })
    waited.sort((a, b) => a - b)
    const ways = yield* stages(codes.campaignId)
    const sorted = (of: "claimed" | "submitted") => ways.map((way) => way[of]).toSorted((a, b) => a - b)
    const paceMs = 1_000 / options.rate
    const bulkSent = received.rows - waited.length
    return {
      messages: waited.length,
      medianMs: at(waited, 0.5),
      p99Ms: at(waited, 0.99),
      maxMs: at(waited, 1),
      paceMs,
      takenToClaimMs: { median: at(sorted("claimed"), 0.5), p99: at(sorted("claimed"), 0.99) },
      claimToSocketMs: { median: at(sorted("submitted"), 0.5), p99: at(sorted("submitted"), 0.99) },
      bulkSent,
      bulkLeft: options.bulk - bulk.stopped - bulkSent,
      holds: at(waited, 0.99) < MOST_MS + paceMs
    }
  }).pipe(Effect.provide(Database.layer(database.owner, { applicationName: "countersign bench", maxConnections: 3 })))
})

Effect.scoped(program).pipe(
  Effect.tap((result) => Console.log(JSON.stringify(result))),
  Effect.flatMap(({ holds, p99Ms, paceMs }) =>
    holds
      ? Effect.void
      : new BenchError({ message: `p99 is ${p99Ms} ms, and ${MOST_MS} and the pace's ${paceMs} are promised` })
  ),
  Effect.tapError((error) =>
    Console.error(error._tag === "SqlError" ? sqlMessage(error as SqlError) : (error as { message: string }).message)
  ),
  NodeRuntime.runMain({ disableErrorReporting: true })
)
