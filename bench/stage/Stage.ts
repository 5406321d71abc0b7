/**
 * What benchmarks of time stand on: a fresh database on a durable server, the simulator in this process, so that one clock tells when
 * something was done and when its messages came, and engines as the processes that they are in production.
 *
 * Promises: everything ends with the scope; an engine that ends before fails whoever waits for something of it.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Effect, type Redacted, type Scope } from "effect"
import { BenchError, type Child, engineProcess } from "#bench/engine/Child.ts"
import { freshDatabase, type Server, server } from "#bench/engine/Server.ts"
import { type Smsc, scopedSmsc } from "#bench/smsc/Smsc.ts"
import type { Counts } from "#bench/smsc/Tally.ts"
import { makeChannel, type Sealed } from "#engine/TestCampaigns.ts"
import * as Database from "#schema/Database.ts"
import { type SqlError, sqlMessage } from "#schema/Database.ts"
import { accessUrl, portalUrl } from "#schema/LoginRole.ts"
import type { SampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import type { Stall } from "./arrivals.ts"

/** Milliseconds since 1970 by the clock that the simulator notes arrivals with. */
export const nowMs = (): number => performance.timeOrigin + performance.now()

export interface Stage {
  readonly smsc: Smsc
  /** when this process could not see what arrived */
  readonly stalls: ReadonlyArray<Stall>
  /** of the postmaster, where the server is ours */
  readonly postmaster: number | undefined
  /** for programs that log in as these */
  readonly urls: { readonly portal: Redacted.Redacted<string>; readonly access: Redacted.Redacted<string> }
  /** Starts an engine, until the scope closes. */
  readonly engine: Effect.Effect<Child, never, Scope.Scope>
  /** By how many ms the database's clock is ahead of ours. */
  readonly databaseAheadMs: number
}

/** Progress goes to stderr, the result to stdout. */
export const say = (text: string) => Effect.sync(() => process.stderr.write(`${text}\n`))

/** Plays a scene as the database's owner, on a stage of its own. */
export const onStage = <A, E, R>(on: Server, scene: (stage: Stage) => Effect.Effect<A, E, R>) =>
  Effect.scoped(
    Effect.gen(function* () {
      const database = yield* freshDatabase(on)
      const smsc = yield* scopedSmsc({ port: 0 })
      const stalls = yield* stallsOfThisProcess
      return yield* Effect.gen(function* () {
        const databaseAheadMs = yield* databaseAhead
        return yield* scene({
          smsc,
          stalls,
          postmaster: on.pid,
          urls: { portal: yield* portalUrl(database.owner), access: yield* accessUrl(database.owner) },
          engine: engineProcess(database.engine),
          databaseAheadMs
        })
      }).pipe(
        Effect.provide(Database.layer(database.owner, { applicationName: "countersign bench", maxConnections: 4 }))
      )
    })
  )

/** So many runs, one after the other, each on a stage of its own. */
export const runs = Effect.fnUntraced(function* <A, E, R>(
  many: number,
  scene: (stage: Stage) => Effect.Effect<A, E, R>
) {
  const on = yield* server
  yield* say(on.description)
  const results: Array<A> = []
  for (let run = 1; run <= many; run++) {
    if (many > 1) yield* say(`run ${run} of ${many}`)
    results.push(yield* onStage(on, scene))
  }
  return results
})

/** The program of a benchmark: what goes wrong is one line, and exit code 1. */
export const play = <E extends { readonly _tag: string; readonly message: string }>(
  program: Effect.Effect<void, E, Scope.Scope>
): void =>
  Effect.scoped(program).pipe(
    Effect.tapError((error) =>
      say(error._tag === "SqlError" ? sqlMessage(error as unknown as SqlError) : error.message)
    ),
    NodeRuntime.runMain({ disableErrorReporting: true })
  )

/** A turn of the event loop that took longer than this is a time in which the simulator saw nothing. */
const STALL_MS = 3

/** A heartbeat beside the simulator says when it could not look. */
export const stallsOfThisProcess = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => {
      const stalls: Array<Stall> = []
      let last = nowMs()
      const beat = setInterval(() => {
        const now = nowMs()
        if (now - last > STALL_MS) stalls.push({ from: last, to: now })
        last = now
      }, 1)
      return { stalls, beat }
    }),
    ({ beat }) => Effect.sync(() => clearInterval(beat))
  ),
  ({ stalls }) => stalls
)

/** Of some looks the quickest tells best. */
const databaseAhead = Effect.gen(function* () {
  const sql = yield* Database.SqlClient
  let best = { ahead: 0, took: Number.POSITIVE_INFINITY }
  for (let look = 0; look < 20; look++) {
    const before = nowMs()
    const [row] = yield* sql<{ ms: number }>`SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS ms`
    const took = nowMs() - before
    if (took < best.took) best = { ahead: row!.ms - before - took / 2, took }
  }
  return best.ahead
})

/** A channel to the simulator, granted to all of these; columns as of `channel`. */
export const channelFor = Effect.fnUntraced(function* (
  stage: Stage,
  workspaces: ReadonlyArray<SampleWorkspace>,
  columns: Readonly<Record<string, string | number | boolean>> = {}
) {
  const sql = yield* Database.SqlClient
  const channel = yield* makeChannel(workspaces[0]!, stage.smsc.port, columns)
  for (const { workspaceId } of workspaces.slice(1))
    yield* sql`INSERT INTO channel_grant (channel_id, workspace_id) VALUES (${channel}, ${workspaceId})`
  return channel
})

/** Waits until the simulator has it so, the engines live, and it is not later than so many seconds. */
export const until = (
  stage: Stage,
  engines: ReadonlyArray<Child>,
  what: string,
  reached: (counts: Counts) => boolean,
  seconds: number
): Effect.Effect<void, BenchError> =>
  within(
    engines,
    what,
    Effect.promise(() => stage.smsc.until(reached)),
    seconds
  )

/** The same of anything. */
export const within = <A, E, R>(
  engines: ReadonlyArray<Child>,
  what: string,
  effect: Effect.Effect<A, E, R>,
  seconds: number
): Effect.Effect<A, E | BenchError, R> =>
  Effect.raceAllFirst([effect, ...engines.map(({ ended }) => ended)]).pipe(
    Effect.timeoutOrElse({
      duration: `${seconds} seconds`,
      orElse: () => Effect.fail(new BenchError({ message: `${what}: not within ${seconds} s` }))
    })
  )

/** What the simulator was sent of some campaigns. */
export interface Sent {
  /** times of arrival in order, campaign by campaign as they were given */
  readonly arrived: ReadonlyArray<Float64Array>
  /** how many each recipient got, likewise */
  readonly seen: ReadonlyArray<Uint8Array>
  /** of all of them together, in order */
  readonly all: Float64Array
  /** messages beyond the first to a number, and to numbers of nobody */
  readonly twice: number
  readonly strange: number
}

/** Reads the simulator's memory; campaigns whose messages have one part. */
export const sentOf = (smsc: Smsc, campaigns: ReadonlyArray<Sealed>): Sent => {
  const inOrder = campaigns.map((campaign, nth) => ({ ...campaign, nth })).sort((a, b) => a.firstNumber - b.firstNumber)
  const times = campaigns.map((): Array<number> => [])
  const seen = campaigns.map(({ numbers }) => new Uint8Array(numbers))
  const received = smsc.received()
  const all = new Float64Array(received.length)
  let [twice, strange] = [0, 0]
  for (let row = 0; row < received.length; row++) {
    const chunk = received.chunk(row)
    const i = received.index(row)
    const number = chunk.destination[i]!
    all[row] = chunk.arrived[i]!
    const campaign = lastBefore(inOrder, number)
    if (campaign === undefined || number >= campaign.firstNumber + campaign.numbers) {
      strange++
      continue
    }
    if (seen[campaign.nth]![number - campaign.firstNumber]!++ > 0) twice++
    times[campaign.nth]!.push(chunk.arrived[i]!)
  }
  return { arrived: times.map((of) => Float64Array.from(of)), seen, all, twice, strange }
}

const lastBefore = <C extends Sealed>(inOrder: ReadonlyArray<C>, number: number): C | undefined => {
  let [from, to] = [0, inOrder.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if (inOrder[middle]!.firstNumber <= number) from = middle + 1
    else to = middle
  }
  return inOrder[from - 1]
}
