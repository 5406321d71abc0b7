/**
 * Everything that a newcomer needs, in this process: Postgres, its schema, demo data, the simulator as operator, the engine.
 *
 * Promises: what begins later ends earlier: engine (drains), simulator, Postgres; so a stop in the middle of a campaign
 * leaves nothing unknown. A Postgres of ours that dies is started again on its port, and meanwhile the engine goes on
 * trying. Ports are chosen where the usual ones are taken.
 */
import { readFileSync } from "node:fs"
import { Config, Deferred, Effect, Layer, Option, type Redacted, Schedule } from "effect"
import { scopedSmsc } from "#bench/smsc/Smsc.ts"
import { engine } from "#engine/Engine.ts"
import { Watched } from "#engine/watching/Watched.ts"
import { watchedAt, watchServer } from "#engine/watching/watchServer.ts"
import { DatabaseUrl, layer, SqlClient, urlToShow } from "#schema/Database.ts"
import { engineUrl, portalUrl } from "#schema/LoginRole.ts"
import { migrate } from "#schema/Migrations.ts"
import { Secrets } from "#schema/Secrets.ts"
import { splitStatements } from "#schema/statements.ts"
import { signCheckpoints } from "./Checkpoints.ts"
import { makeHistory } from "./demo/history.ts"
import { type EmbeddedPostgresError, type Running, start } from "./EmbeddedPostgres.ts"
import { Refusal, refusal } from "./Refusal.ts"
import { dataFolder, findRunning, noteRunning, type RunningNote } from "./RunningNote.ts"
import { many } from "./Screen.ts"

export const logPath = `${dataFolder}/engine.log`

/** As in engine/main.ts: one listens, one holds the locks, the rest is shared, opened as needed. */
const ENGINE_CONNECTIONS = 50

/** The usual ports of the simulator; where one is taken, any other. */
const SMPP_PORT = 2775
const CONTROL_PORT = 2780

/** An operator as one would wish it: quick, and nearly everything arrives. */
const OPERATOR = { latency: "5..30", receiptDelay: "50..400", receiptMix: "DELIVRD=970,UNDELIV=25,EXPIRED=5" } as const

/** What the simulator owes when it is stopped, for its next start. */
const owedPath = `${dataFolder}/simulator.jsonl`

/**
 * A simulator that is killed forgets the receipts it still owed, so those of the demo are waited for in minutes, not for the
 * days an operator may take.
 */
export const RECEIPT_WAIT = "5 minutes"

export interface House {
  readonly ownerUrl: Redacted.Redacted<string>
  readonly portalUrl: Redacted.Redacted<string>
  /** For the screen, without password. */
  readonly database: string
  /** Whether the server is ours: then nothing in it is secret, and its URLs may be shown. */
  readonly ours: boolean
  /** Checks the checkpoints that are signed here, in hex. */
  readonly checkpointKey: string
  readonly smppPort: number
  readonly control: string
  /** Where the engine's metrics and health are. */
  readonly watch: string
}

/** How it tells a person what ends, and what goes wrong. */
export interface Told {
  readonly step: (text: string) => void
  readonly warn: (text: string) => void
}

/** Runs until the scope closes. history: an installation that is empty gets the demo's month. */
export const house = Effect.fn("House")(function* (by: RunningNote["by"], told: Told, history = false) {
  yield* refuseSecond
  const place = yield* database(told)
  const owner = place.url
  yield* reachable(owner)
  yield* migrate(owner)
  const smsc = yield* simulator(told)
  const control = `http://127.0.0.1:${smsc.httpPort}`
  yield* furnish(smsc.port, history).pipe(
    Effect.provide(layer(owner, { applicationName: "countersign start", maxConnections: 1 }))
  )
  const portal = yield* portalUrl(owner)
  const engineLayer = layer(yield* engineUrl(owner), {
    applicationName: "countersign engine",
    maxConnections: ENGINE_CONNECTIONS
  })
  const connected = yield* Layer.build(Layer.mergeAll(engineLayer, Secrets.layerIfKeyed, Watched.layer))
  const watch = yield* Effect.provide(watched, connected)
  yield* ended(told, "The engine has drained: whatever left is on record.")
  yield* Effect.forkScoped(Effect.provide(engine, connected))
  const checkpointKey = yield* signCheckpoints(owner, told.warn)
  yield* noteRunning({ by, ownerUrl: owner, portalUrl: portal, smppPort: smsc.port, control })
  return {
    ownerUrl: owner,
    portalUrl: portal,
    database: place.shown,
    ours: place.ours,
    checkpointKey,
    smppPort: smsc.port,
    control,
    watch
  } satisfies House
})

/** Said when what was begun after this has ended. */
const ended = (told: Told, text: string) => Effect.addFinalizer(() => Effect.sync(() => told.step(text)))

const refuseSecond = Effect.suspend(() => {
  const other = findRunning()
  if (other === undefined) return Effect.void
  const since = new Date(other.since).toTimeString().slice(0, 5)
  return Effect.fail(
    other.by === "start"
      ? refusal(
          `Countersign runs here already (process ${other.pid}, since ${since}).`,
          "Send with it: npm run send -- --help. To stop it: Ctrl-C where it runs, or",
          "",
          `    kill ${other.pid}`
        )
      : refusal(
          `A campaign is being sent here by npm run send (process ${other.pid}, since ${since}), which brought its own engine.`,
          "Wait for its end. With npm start running, any number of campaigns can be sent side by side."
        )
  )
})

/** DATABASE_URL where it is given, else our own server under ./data, watched over. */
const database = Effect.fnUntraced(function* (told: Told) {
  const given = yield* Config.option(DatabaseUrl)
  if (Option.isSome(given)) return { url: given.value, shown: urlToShow(given.value), ours: false }
  yield* ended(told, "Postgres has stopped.")
  const first = yield* Deferred.make<Running, EmbeddedPostgresError>()
  yield* Effect.forkScoped(keepPostgres(first, told))
  const { port, url } = yield* Deferred.await(first)
  return { url, shown: `127.0.0.1:${port}, data in ./${dataFolder}/postgres`, ours: true }
})

/** Lives of the server, one after the other, all on the port of the first. */
const keepPostgres = (first: Deferred.Deferred<Running, EmbeddedPostgresError>, told: Told) => {
  let port: number | undefined
  const life = Effect.scoped(
    Effect.gen(function* () {
      const running = yield* start({ dataDir: `${dataFolder}/postgres`, ...(port === undefined ? {} : { port }) })
      if (port !== undefined) told.warn("Postgres runs again.")
      port = running.port
      yield* Deferred.succeed(first, running)
      const how = yield* running.ended
      told.warn(`Postgres ended (${how}); starting it again. Nothing is lost, sending waits.`)
    })
  )
  return life.pipe(
    Effect.catch((error) =>
      port === undefined
        ? Effect.as(Deferred.fail(first, error), false)
        : Effect.as(
            Effect.sync(() => told.warn(`${error.message}\nTrying again in 5 s.`)),
            true
          ).pipe(Effect.delay("5 seconds"))
    ),
    Effect.repeat({ while: (again) => again !== false })
  )
}

/** A server that is there but not ready (recovering, starting) gets a few seconds; one that isn't there is told. */
const reachable = (url: Redacted.Redacted<string>) =>
  Effect.flatMap(SqlClient, (sql) => sql`SELECT 1`).pipe(
    Effect.provide(layer(url, { applicationName: "countersign start", maxConnections: 1 })),
    Effect.retry({ times: 10, schedule: Schedule.spaced("300 millis") })
  )

const simulator = (told: Told) => {
  const closed = (owed: number) =>
    told.step(
      owed === 0
        ? "The simulator has closed, and owes nothing."
        : `The simulator has closed; the ${many(owed, "receipt")} it still owes will come after the next start.`
    )
  const at = (port: number, http: number) => scopedSmsc({ ...OPERATOR, owed: owedPath, port, http }, closed)
  return at(SMPP_PORT, CONTROL_PORT).pipe(
    Effect.catch(() =>
      Effect.tap(at(0, 0), ({ port }) =>
        Effect.sync(() =>
          told.warn(`Port ${SMPP_PORT} (SMPP) or ${CONTROL_PORT} (its control) is taken: the simulator is on ${port}.`)
        )
      )
    ),
    Effect.mapError((error) => new Refusal({ message: `The simulator could not start: ${error.message}` }))
  )
}

/** Where the environment says, or the usual place; where that is taken, on any other port. */
const watched = Effect.flatMap(watchedAt, (at) =>
  watchServer(at).pipe(
    Effect.catchIf(
      ({ reason }) => reason === "PortTaken",
      () =>
        Effect.tap(watchServer({ ...at, port: 0 }), (url) =>
          Effect.logWarning(`port ${at.port} is taken: metrics and health are at ${url}`)
        )
    )
  )
).pipe(Effect.mapError(({ message }) => new Refusal({ message })))

/** Demo data, and the demo's channel where the simulator is now. */
const furnish = Effect.fnUntraced(function* (smppPort: number, history: boolean) {
  const sql = yield* SqlClient
  const demo = readFileSync(new URL("demo.sql", import.meta.url), "utf8")
  for (const statement of splitStatements(demo)) yield* sql.unsafe(statement.text).unprepared
  yield* sql`UPDATE channel SET host = '127.0.0.1', port = ${smppPort}, receipt_wait = ${RECEIPT_WAIT}::interval, enabled = true
              WHERE name = 'Simulator'`
  // before the engine: what it would find half made, it would send
  if (history) yield* makeHistory()
})
