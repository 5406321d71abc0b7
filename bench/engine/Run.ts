/**
 * One run: a fresh database, a fresh simulator, a campaign, and a sender (the engine or the floor) that takes it from its
 * opening to the commit of its last receipt. Then everything is compared.
 */
import { Effect, type Redacted, Schedule } from "effect"
import { switchIsolation } from "#bench/isolation/switch.ts"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import * as Database from "#schema/Database.ts"
import { type ChannelOptions, type Prepared, prepare } from "./Campaign.ts"
import { BenchError, child, cpuSeconds, engineProcess, peakRssMb, serverCpuSeconds } from "./Child.ts"
import { type Comparison, compare } from "./compare.ts"
import { freshDatabase, type Server } from "./Server.ts"
import { type Simulator, simulator } from "./Simulator.ts"

export interface Options {
  readonly messages: number
  readonly binds: number
  readonly window: number
  /** false: row-level security is switched off in this database, to see what it costs */
  readonly isolated?: boolean
}

/** What one run came to. Times in ms, memory in MB. */
export interface Figures extends Comparison {
  readonly sender: Sender
  readonly messages: number
  readonly sent: number
  readonly seconds: number
  readonly perSecond: number
  readonly microsPerMessage: number
  readonly simulatorMicros: number
  /** CPU of the whole server, in microseconds a message; NaN of a server that isn't ours */
  readonly postgresMicros: number
  readonly rssMb: number
  readonly loadPerSecond: number
  readonly bytesPerMessage: number
  readonly p50Ms: number
  readonly p99Ms: number
}

export type Sender = "engine" | "floor"

/** What is delivered, and what isn't: an operator on an ordinary day. */
export const RECEIPTS = "DELIVRD=95,UNDELIV=4,EXPIRED=1"

/** How often we look whether it is over: an indexed read of two rows. */
const LOOK_EVERY = "50 millis"

export const run = (server: Server, sender: Sender, options: Options, nodeFlags: ReadonlyArray<string> = []) =>
  Effect.scoped(
    Effect.gen(function* () {
      const database = yield* freshDatabase(server)
      const smsc = yield* simulator(["--receipt-mix", RECEIPTS])
      const channel = { port: smsc.port, binds: options.binds, window: options.window }
      const work = measured(database, sender, smsc, channel, options.messages, nodeFlags, server.pid)
      return yield* (options.isolated === false ? Effect.andThen(switchIsolation(false), work) : work).pipe(
        Effect.provide(Database.layer(database.owner, { applicationName: "countersign bench", maxConnections: 3 }))
      )
    })
  )

const measured = Effect.fn("bench.run")(function* (
  database: { readonly owner: Redacted.Redacted<string>; readonly engine: string },
  sender: Sender,
  smsc: Simulator,
  channel: ChannelOptions,
  messages: number,
  nodeFlags: ReadonlyArray<string>,
  postmaster: number | undefined
) {
  const postgresCpu = () => (postmaster === undefined ? Number.NaN : serverCpuSeconds(postmaster))
  const campaign = yield* prepare(messages, channel)
  yield* checkpoint
  const process_ = yield* start(sender, database.engine, campaign, channel, nodeFlags)
  yield* Effect.raceFirst(smsc.bound(channel.binds), process_.ended)
  const cpuBefore = cpuSeconds(process_.pid)
  const simulatorBefore = cpuSeconds(smsc.pid)
  const postgresBefore = postgresCpu()
  yield* campaign.approve
  yield* Effect.raceFirst(over(campaign), Effect.raceFirst(process_.ended, smsc.ended))
  const cpu = cpuSeconds(process_.pid) - cpuBefore
  const simulatorCpu = cpuSeconds(smsc.pid) - simulatorBefore
  const serverCpu = postgresCpu() - postgresBefore
  const rssMb = peakRssMb(process_.pid)
  yield* smsc.counts.pipe(
    Effect.flatMap((c) =>
      c.receiptsUnacked === 0
        ? Effect.void
        : new BenchError({ message: `${c.receiptsUnacked} receipts were not acknowledged` })
    ),
    Effect.retry({ schedule: Schedule.spaced(LOOK_EVERY), times: 100 })
  )
  yield* process_.stop

  const sent = messages - campaign.stopped
  const seconds = yield* duration(campaign)
  yield* analyze
  const received = yield* smsc.received
  const [told, faults] = yield* Effect.all([compare(campaign, received), Campaigns.checkLedger(campaign.campaignId)], {
    concurrency: 2
  })
  const { bytes, p50Ms, p99Ms } = yield* size
  return {
    sender,
    messages,
    sent,
    seconds,
    perSecond: sent / seconds,
    microsPerMessage: (cpu * 1e6) / sent,
    simulatorMicros: (simulatorCpu * 1e6) / sent,
    postgresMicros: (serverCpu * 1e6) / sent,
    rssMb,
    loadPerSecond: campaign.loadPerSecond,
    bytesPerMessage: bytes / sent,
    p50Ms,
    p99Ms,
    ...told,
    differences: told.differences + faults.length,
    examples: [...told.examples, ...faults.map((f) => `check_ledger: ${f.what} is ${f.found}, not ${f.expected}`)]
  } satisfies Figures
})

const start = (
  sender: Sender,
  url: string,
  campaign: Prepared,
  channel: ChannelOptions,
  nodeFlags: ReadonlyArray<string>
): ReturnType<typeof child> => {
  if (sender === "engine") return engineProcess(url, nodeFlags)
  const flags = {
    campaign: campaign.campaignId,
    lane: campaign.laneId,
    channel: campaign.channelId,
    port: channel.port,
    binds: channel.binds,
    window: channel.window
  }
  return child(
    "floor",
    [...nodeFlags, "bench/engine/floor.ts", ...Object.entries(flags).flatMap(([k, v]) => [`--${k}`, `${v}`])],
    { ENGINE_DATABASE_URL: url }
  )
}

/** Waits for the commit of the campaign's last receipt. */
export const over = (campaign: Prepared) =>
  Effect.gen(function* () {
    while (true) {
      const { moving, state } = yield* Campaigns.progress(campaign.campaignId)
      if (moving === 0) return
      if (state === "failed" || state === "cancelled")
        return yield* new BenchError({ message: `the campaign is ${state}` })
      yield* Effect.sleep(LOOK_EVERY)
    }
  })

/** So that no run pays for the pages that the loading before it has dirtied. An owner who is no superuser may not ask for it. */
const checkpoint = Effect.gen(function* () {
  const sql = yield* Database.SqlClient
  yield* Effect.ignore(sql.unsafe("CHECKPOINT").unprepared)
})

/** A campaign of a million takes seconds, and autovacuum looks less often: the comparison must not wait for bad plans. */
const analyze = Effect.flatMap(Database.SqlClient, (sql) => sql.unsafe("ANALYZE"))

/** Seconds from the campaign's opening to the commit of its last receipt, by the database's clock. */
const duration = Effect.fnUntraced(function* (campaign: Prepared) {
  const sql = yield* Database.SqlClient
  const [row] = yield* sql<{ seconds: number }>`
    SELECT extract(epoch FROM (SELECT max(finished_at) FROM block WHERE lane_id = ${campaign.laneId}) - opened_at)::float8 AS seconds
      FROM campaign WHERE id = ${campaign.campaignId}`
  return row!.seconds
})

/** What attempts and receipts take on disk, indexes and all, and the time from claim to answer. */
const size = Effect.gen(function* () {
  const sql = yield* Database.SqlClient
  const [bytes] = yield* sql<{ bytes: number }>`
    SELECT sum(pg_total_relation_size(inhrelid))::bigint AS bytes
      FROM pg_inherits WHERE inhparent IN ('attempt'::regclass, 'receipt'::regclass)`
  const [times] = yield* sql<{ p50: number; p99: number }>`
    SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY ms) AS p50, percentile_disc(0.99) WITHIN GROUP (ORDER BY ms) AS p99
      FROM attempt, unnest(answered_ms) AS ms`
  return { bytes: bytes!.bytes, p50Ms: times!.p50, p99Ms: times!.p99 }
})
