/**
 * The real Postgres, from npm, for a machine that has none: started and stopped with a scope, its data in a folder.
 *
 * Promises: works as root and as anybody, in a home that nobody else can enter, under any umask and locale, without
 * the packages' install scripts; one starter a folder; data survive restarts, and a parent that was killed; the URL
 * stays the same from start to start as long as its port stays free; the owner in it is no superuser, as on a server
 * that somebody else runs.
 *
 * Pieces in embedded/: Binaries, ServerUser, DataFolder, FolderLock, ServerProcess, settings.
 */

import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Deferred, Effect, Redacted, Schedule, type Scope } from "effect"
import { layer, SqlClient, type SqlError, sqlMessage, sqlState, urlFor } from "#schema/Database.ts"
import { findBinaries } from "./embedded/Binaries.ts"
import {
  type DataFolder,
  findCluster,
  makeCluster,
  openDataFolder,
  placeFor,
  reachableHome
} from "./embedded/DataFolder.ts"
import { EmbeddedPostgresError } from "./embedded/EmbeddedPostgresError.ts"
import { type FolderLock, lockFolder } from "./embedded/FolderLock.ts"
import { freePort } from "./embedded/port.ts"
import { endOrphan, initialise, lastWords, launch, type Server, stop } from "./embedded/ServerProcess.ts"
import { chooseUser } from "./embedded/ServerUser.ts"
import { dispatchSettings, settingArguments } from "./embedded/settings.ts"

export { EmbeddedPostgresError } from "./embedded/EmbeddedPostgresError.ts"

export interface Options {
  /** Made where it is missing; relative to the working directory. */
  readonly dataDir: string
  /** Fails when it is taken. Without it: the port of the last start if it is free, else any. */
  readonly port?: number
  /** Settings of the server (postgresql.conf) over ours. */
  readonly settings?: Readonly<Record<string, string>>
}

export interface Running {
  /** The owner's, to the database `countersign`. */
  readonly url: Redacted.Redacted<string>
  /** The superuser's, to the database `postgres`: for tests and repairs, never for us. */
  readonly superuserUrl: Redacted.Redacted<string>
  readonly port: number
  readonly pid: number
  /** Where the data really are, and what the server says. */
  readonly cluster: string
  readonly log: string
  /** When it ends before we end it: how. */
  readonly ended: Effect.Effect<string>
}

const owner = "countersign"

/** Runs until the scope closes: SIGINT to the server and the wait for its end. */
export const start = Effect.fn("EmbeddedPostgres.start")(function* (
  options: Options
): Effect.fn.Return<Running, EmbeddedPostgresError, Scope.Scope> {
  const data = yield* plainly(() => openDataFolder(options.dataDir))
  const lock = yield* lockFolder(data.folder)
  const server = yield* prepare(data, options.settings?.fsync !== "off")
  const running = yield* listenSomewhere(server, data, options)
  yield* ensureOwner(running.superuserUrl, data.password)
  announce(lock, running)
  return running
})

const announce = (lock: FolderLock, { pid, port }: Running) =>
  lock.announce(`Postgres ${pid} on 127.0.0.1 port ${port}`)

/** Everything that must be there before a process can start, made where it is missing. */
const prepare = Effect.fnUntraced(function* (data: DataFolder, durable: boolean) {
  const user = yield* plainly(() => chooseUser(data.ownerUid))
  const binaries = yield* plainly(() => findBinaries(user, reachableHome(user, data.folder)))
  let cluster = yield* plainly(() => findCluster(user, data))
  yield* endOrphan(cluster ?? join(yield* plainly(() => placeFor(user, data)), "cluster"))
  cluster ??= yield* plainly(() =>
    makeCluster(user, data, (path) => initialise(binaries, user, path, { password: data.password, durable }))
  )
  return { binaries, user, cluster, log: data.log } satisfies Server
})

/** The plain code below throws our error; anything else is the file system's, told as it is. */
const plainly = <A>(run: () => A): Effect.Effect<A, EmbeddedPostgresError> =>
  Effect.try({
    try: run,
    catch: (cause) =>
      cause instanceof EmbeddedPostgresError
        ? cause
        : new EmbeddedPostgresError({ reason: "folder", message: cause instanceof Error ? cause.message : `${cause}` })
  })

const listenSomewhere = (server: Server, data: DataFolder, options: Options) =>
  choosePort(data, options.port).pipe(
    Effect.flatMap((port) => runOn(server, data, port, options.settings ?? {})),
    // Between our look at the port and the server's, somebody else may have taken it; the next turn chooses another.
    Effect.retry({ times: 3, while: (error) => error.reason === "port" && options.port === undefined }),
    // Processes of a server that was killed notice that it is gone one after the other, and hold its memory until then.
    Effect.retry({ times: 50, schedule: Schedule.spaced("200 millis"), while: (error) => error.reason === "ending" })
  )

const choosePort = Effect.fnUntraced(function* (data: DataFolder, wanted: number | undefined) {
  const note = join(data.folder, "port")
  const last = existsSync(note) ? Number.parseInt(readFileSync(note, "utf8"), 10) : 0
  const port = (yield* freePort(wanted ?? last)) ?? (wanted === undefined ? yield* freePort(0) : undefined)
  if (port === undefined) {
    return yield* new EmbeddedPostgresError({
      reason: "port",
      message: `port ${wanted ?? ""} is taken; choose another`
    })
  }
  yield* plainly(() => writeFileSync(note, `${port}\n`))
  return port
})

const runOn = Effect.fnUntraced(function* (
  server: Server,
  data: DataFolder,
  port: number,
  settings: Readonly<Record<string, string>>
) {
  const all = settingArguments(dispatchSettings, settings, { port: `${port}` })
  const { child, ended } = yield* Effect.acquireRelease(launch(server, all), ({ child, ended }) => stop(child, ended))
  const postgres = Redacted.make(`postgres://postgres:${data.password}@127.0.0.1:${port}/postgres`)
  const url = urlFor(postgres, { username: owner, database: owner })
  yield* Effect.raceFirst(
    answers(postgres),
    Effect.flatMap(Deferred.await(ended), (how) => Effect.fail(failedStart(server, how)))
  )
  return {
    url,
    superuserUrl: postgres,
    port,
    pid: child.pid!,
    cluster: server.cluster,
    log: server.log,
    ended: Deferred.await(ended)
  } satisfies Running
})

const failedStart = (server: Server, how: string) => {
  const words = lastWords(server)
  const isPort = /could not bind|Address already in use/.test(words)
  return new EmbeddedPostgresError({
    reason: isPort ? "port" : /shared memory block .* is still in use/.test(words) ? "ending" : "start",
    message: `Postgres did not start (${how}); it said, in ${server.log}:\n${words}`
  })
}

/** However long recovery after a crash takes: the server's end is what ends the wait. */
const answers = (url: Redacted.Redacted<string>) =>
  Effect.flatMap(SqlClient, (sql) => sql`SELECT 1`).pipe(
    Effect.provide(layer(url, { applicationName: "countersign start", maxConnections: 1 })),
    Effect.retry({ schedule: Schedule.spaced("20 millis"), while: (error) => sqlState(error) !== "28P01" }),
    Effect.mapError(lockedOut)
  )

/** The owner of everything that is ours: may make databases and roles and end connections, may not bypass anything. */
const ensureOwner = (superuserUrl: Redacted.Redacted<string>, password: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient
    const [found] = yield* sql<{ role: boolean; database: boolean }>`
      SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = ${owner}) AS role,
             EXISTS (SELECT FROM pg_database WHERE datname = ${owner}) AS database`
    if (!found!.role) {
      yield* sql.unsafe(`CREATE ROLE ${owner} LOGIN CREATEROLE CREATEDB PASSWORD '${password}'`)
      yield* sql.unsafe(`GRANT pg_signal_backend TO ${owner}`)
    }
    if (!found!.database) yield* sql.unsafe(`CREATE DATABASE ${owner} OWNER ${owner}`)
  }).pipe(
    Effect.provide(layer(superuserUrl, { applicationName: "countersign start", maxConnections: 1 })),
    Effect.mapError(lockedOut)
  )

const lockedOut = (error: SqlError) =>
  new EmbeddedPostgresError({
    reason: "start",
    message:
      sqlState(error) === "28P01"
        ? "the server doesn't know the password in the data folder's file `password`; put the old file back"
        : sqlMessage(error)
  })
