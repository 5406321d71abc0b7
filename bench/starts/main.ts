/**
 * A thousand campaigns that are due at the same second: `npm run bench:starts`. Of several workspaces, each with its chained audit, opened
 * by one engine; by two; by two of which one is killed (SIGKILL) when some are open, and started again; and by one alone that is.
 *
 * Seen from another connection, by the database's clock: when each is `sending` for everybody. Holds when every one is so within a second of
 * its time, has one transition and one line in the audit, and its message came once. Of the engine that was killed and had no other
 * beside it the second begins when there is one again: when the new one has been up for as long as it takes to connect. Exit codes: 0; 1
 * when it doesn't hold, or something went wrong.
 */
import { Deferred, Effect, Fiber } from "effect"
import { asked } from "#bench/asked.ts"
import { BenchError } from "#bench/engine/Child.ts"
import { percentile } from "#bench/stage/arrivals.ts"
import { conclude, exactly, type Figure } from "#bench/stage/Figure.ts"
import { channelFor, nowMs, play, runs, type Stage, say, sentOf, until, within } from "#bench/stage/Stage.ts"
import { eventually, makeCampaign, type Sealed } from "#engine/TestCampaigns.ts"
import { SqlClient } from "#schema/Database.ts"
import { type SampleWorkspace, sampleWorkspace } from "#schema/testing/sampleCampaign.ts"

const options = asked(
  "A thousand campaigns due at the same second: whether each starts within a second of it, and once.",
  {
    campaigns: { default: 1_000, least: 10, most: 10_000, help: "that are due" },
    workspaces: { default: 5, least: 1, most: 100, help: "to which they belong" },
    runs: { default: 1, least: 1, most: 100, help: "of each kind; figures are medians" },
    json: { default: false, help: "no lines for people before the JSON object" }
  }
)

interface Kind {
  readonly name: string
  readonly what: string
  readonly engines: number
  readonly killed: boolean
}

const KINDS: ReadonlyArray<Kind> = [
  { name: "one", what: "one engine", engines: 1, killed: false },
  { name: "two", what: "two engines", engines: 2, killed: false },
  { name: "twoKilled", what: "two engines, one killed and restarted", engines: 2, killed: true },
  { name: "oneKilled", what: "one engine, killed and restarted", engines: 1, killed: true }
]

const MOST_MS = 1_000
/** It is prepared so long before that everything has come to rest. */
const REST_MS = 3_000
/** So many are made at a time. */
const MAKERS = 3
const LOOK_EVERY = "15 millis"

/** How many are open at a moment, by the database's clock, and how many connections engines have. */
interface Look {
  readonly ms: number
  readonly open: number
  readonly connections: number
}

const look = Effect.gen(function* () {
  const sql = yield* SqlClient
  const [row] = yield* sql<Look>`
    SELECT (SELECT count(*)::int FROM campaign WHERE state <> 'scheduled') AS open,
           (SELECT count(*)::int FROM pg_stat_activity
             WHERE datname = current_database() AND application_name = 'countersign engine') AS connections,
           extract(epoch FROM clock_timestamp())::float8 * 1000 AS ms`
  return row!
})

/** Campaigns of a message each, all due at a moment that is far enough to make them all. */
const due = Effect.fnUntraced(function* (workspaces: ReadonlyArray<SampleWorkspace>, channel: number) {
  const make = (nth: number, startsAt: number) =>
    makeCampaign(workspaces[nth % workspaces.length]!, {
      channels: [channel],
      numbers: 1,
      columns: { mode: "scheduled", starts_at: new Date(startsAt) }
    })
  const began = nowMs()
  const tries = Array.from({ length: 30 }, (_, nth) => nth)
  yield* Effect.forEach(tries, (nth) => make(nth, began + 3_600_000), { concurrency: MAKERS })
  const each = (nowMs() - began) / tries.length
  // half as much again, and whole seconds as people write them
  const startsAt = Math.ceil((nowMs() + each * 1.5 * options.campaigns + 2 * REST_MS) / 1_000) * 1_000
  yield* say(`${options.campaigns} campaigns are due in ${((startsAt - nowMs()) / 1_000).toFixed(0)} s`)
  const nths = Array.from({ length: options.campaigns }, (_, nth) => nth)
  const campaigns = yield* Effect.forEach(nths, (nth) => make(nth, startsAt), { concurrency: MAKERS })
  return { campaigns, startsAt }
})

/** Looks until all are open; at the first that shows some it lets others know. */
const watched = (looks: Array<Look>, some: Deferred.Deferred<void>) =>
  Effect.gen(function* () {
    while (true) {
      const seen = yield* look
      looks.push(seen)
      if (seen.open > 0) yield* Deferred.succeed(some, undefined)
      if (seen.open === options.campaigns) return
      yield* Effect.sleep(LOOK_EVERY)
    }
  })

/** When the k-th was seen, for each k. */
const seenAt = (looks: ReadonlyArray<Look>, startsAt: number): ReadonlyArray<number> => {
  const times: Array<number> = []
  for (const { ms, open } of looks) while (times.length < open) times.push(ms - startsAt)
  return times
}

/** When an engine was there again after none was; NaN where there always was one. */
const backAt = (looks: ReadonlyArray<Look>): number => {
  const away = looks.findIndex(({ connections }) => connections === 0)
  return looks.slice(Math.max(0, away)).find(({ connections }) => away >= 0 && connections > 0)?.ms ?? Number.NaN
}

const starts = (kind: Kind) => (stage: Stage) =>
  Effect.gen(function* () {
    yield* say(`${kind.what}:`)
    const workspaces = yield* Effect.forEach(Array.from({ length: options.workspaces }), () => sampleWorkspace())
    const channel = yield* channelFor(stage, workspaces)
    const { campaigns, startsAt } = yield* due(workspaces, channel)
    const engines = yield* Effect.forEach(Array.from({ length: kind.engines }), () => stage.engine)
    yield* until(stage, engines, "the binds are up", ({ binds }) => binds > 0, 30)
    const wait = startsAt - stage.databaseAheadMs - nowMs()
    if (wait < REST_MS / 2)
      return yield* new BenchError({ message: "making them took longer than expected; try again" })
    const looks: Array<Look> = []
    const some = yield* Deferred.make<void>()
    yield* Effect.sleep(wait - 200)
    const watching = yield* Effect.forkChild(watched(looks, some))
    if (kind.killed) {
      yield* Deferred.await(some)
      yield* engines[0]!.kill
      yield* stage.engine
    }
    const others = engines.slice(kind.killed ? 1 : 0)
    yield* within(others, "all are open", Fiber.join(watching), 60)
    yield* within(others, "all are over", eventually("all are over", areOver, 90), 91)
    return yield* figures(kind, stage, campaigns, seenAt(looks, startsAt), startsAt, backAt(looks))
  })

const areOver = Effect.gen(function* () {
  const sql = yield* SqlClient
  const [row] = yield* sql<{ n: number }>`SELECT count(*)::int AS n FROM campaign WHERE state = 'done'`
  return row!.n === options.campaigns
})

const figures = Effect.fnUntraced(function* (
  kind: Kind,
  stage: Stage,
  campaigns: ReadonlyArray<Sealed>,
  seen: ReadonlyArray<number>,
  startsAt: number,
  back: number
) {
  const sql = yield* SqlClient
  const [row] = yield* sql<{ moves: number; moved: number; audited: number; first: number }>`
    SELECT (SELECT count(*)::int FROM campaign_transition WHERE action = 'open') AS moves,
           (SELECT count(DISTINCT campaign_id)::int FROM campaign_transition WHERE action = 'open') AS moved,
           (SELECT count(*)::int FROM audit WHERE action = 'campaign.open') AS audited,
           (SELECT extract(epoch FROM min(opened_at))::float8 * 1000 FROM campaign) AS first`
  const batches = yield* sql<{ n: number; at: number; took: number }>`
    SELECT count(*)::int AS n, extract(epoch FROM c.opened_at)::float8 * 1000 - ${startsAt}::float8 AS at,
           extract(epoch FROM max(t.moved_at) - c.opened_at)::float8 * 1000 AS took
      FROM campaign c JOIN campaign_transition t ON t.campaign_id = c.id AND t.action = 'open' GROUP BY c.opened_at ORDER BY 2`
  for (const { at, n, took } of batches)
    yield* say(
      `  ${n} in a transaction that began at +${at.toFixed(0)} ms and had moved them ${took.toFixed(0)} ms later`
    )
  const { all, strange, twice } = sentOf(stage.smsc, campaigns)
  const { campaigns: many } = options
  const { name, what } = kind
  const alone = kind.killed && kind.engines === 1
  const last = seen.at(-1)!
  const backAfter = back - startsAt
  return [
    { name: `${name}P50Ms`, what: `${what}: open after its time, ms, median`, value: percentile(seen, 0.5) },
    {
      name: `${name}MostMs`,
      what: `${what}: open after its time, ms, the last`,
      value: last,
      ...(alone ? {} : { most: MOST_MS })
    },
    ...(alone
      ? [
          { name: `${name}BackMs`, what: `${what}: an engine is connected again after, ms`, value: backAfter },
          { name: `${name}AgainMs`, what: `${what}: from then to the last, ms`, value: last - backAfter, most: MOST_MS }
        ]
      : []),
    {
      name: `${name}FirstMs`,
      what: `${what}: the first opening after its time, ms`,
      value: row!.first - startsAt,
      least: 0
    },
    exactly(`${name}Moved`, `${what}: campaigns that were opened`, row!.moved, many),
    exactly(`${name}Moves`, `${what}: openings`, row!.moves, many),
    exactly(`${name}Audited`, `${what}: openings in the audit`, row!.audited, many),
    {
      name: `${name}SentMs`,
      what: `${what}: the last message came after, ms`,
      value: (all.at(-1) ?? Number.NaN) + stage.databaseAheadMs - startsAt
    },
    exactly(`${name}Wrong`, `${what}: messages beyond the first to a number`, twice + strange, 0)
  ] satisfies ReadonlyArray<Figure>
})

play(
  Effect.gen(function* () {
    const found: Array<ReadonlyArray<ReadonlyArray<Figure>>> = []
    for (const kind of KINDS) found.push(yield* runs(options.runs, starts(kind)))
    yield* conclude(
      found[0]!.map((_, run) => found.flatMap((of) => of[run]!)),
      options.json
    )
  })
)
