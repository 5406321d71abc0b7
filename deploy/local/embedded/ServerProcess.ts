/**
 * The life of one server process: initdb, start, stop, and the end of one whose parent died before it.
 *
 * The server gets its own process group: a Ctrl-C in the terminal goes to us alone, and we stop the database last,
 * when nobody needs it any more.
 */

import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import {
  chownSync,
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync
} from "node:fs"
import { dirname, join } from "node:path"
import { Deferred, Effect, Schedule } from "effect"
import { EmbeddedPostgresError, refuse } from "./EmbeddedPostgresError.ts"
import type { ServerUser } from "./ServerUser.ts"

export interface Server {
  readonly binaries: string
  readonly user: ServerUser | undefined
  /** The data, absolute and without links. */
  readonly cluster: string
  readonly log: string
}

/** Nothing of the caller's surroundings: no locale, time zone or PG… variable changes what the server does. */
const environment = { LC_ALL: "C", PATH: "/usr/local/bin:/usr/bin:/bin" }

const identity = (user: ServerUser | undefined) => (user === undefined ? {} : { uid: user.uid, gid: user.gid })

/**
 * Fills the empty folder `path`. Always UTF-8, and the collation that is built into the server (code points order,
 * Unicode's case): the same on every machine, whatever locales it has, and no update of its C library can spoil an index.
 */
export const initialise = (
  binaries: string,
  user: ServerUser | undefined,
  path: string,
  o: { readonly password: string; readonly durable: boolean }
): void => {
  const passwordFile = join(dirname(path), "password.initdb")
  rmSync(passwordFile, { force: true })
  writeFileSync(passwordFile, o.password, { mode: 0o600, flag: "wx" })
  if (user !== undefined) chownSync(passwordFile, user.uid, user.gid)
  const locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
  const access = ["--username=postgres", "--auth=scram-sha-256", "--pwfile", passwordFile]
  const sync = o.durable ? [] : ["--no-sync"]
  const done = spawnSync(
    join(binaries, "bin/initdb"),
    ["-D", path, "--no-instructions", ...sync, ...access, ...locale],
    {
      ...identity(user),
      cwd: "/",
      env: environment,
      encoding: "utf8"
    }
  )
  rmSync(passwordFile, { force: true })
  if (done.status !== 0) {
    const said = done.error?.message ?? done.stderr.trim()
    refuse(
      "start",
      `initdb failed: ${said}\nWhere the programs from npm can't run (Alpine, for one), give DATABASE_URL.`
    )
  }
}

/** Starts it; the returned Deferred tells when and how it ended. */
export const launch = (server: Server, settings: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const ended = yield* Deferred.make<string>()
    const child = yield* Effect.try({
      try: () => spawnServer(server, settings),
      catch: (cause) => new EmbeddedPostgresError({ reason: "start", message: `Postgres can't be run: ${cause}` })
    })
    const end = (how: string) => Deferred.doneUnsafe(ended, Effect.succeed(how))
    child.once("error", (error) => end(error.message))
    child.once("exit", (code, signal) => end(signal ?? `exit code ${code}`))
    return { child, ended }
  })

const spawnServer = (server: Server, settings: ReadonlyArray<string>): ChildProcess => {
  ignoreForeignPid(server.cluster)
  if (existsSync(server.log)) renameSync(server.log, `${server.log}.old`)
  const log = openSync(server.log, "a", 0o600)
  const child = spawn(join(server.binaries, "bin/postgres"), ["-D", server.cluster, ...settings], {
    ...identity(server.user),
    cwd: "/",
    env: environment,
    detached: true,
    stdio: ["ignore", log, log]
  })
  closeSync(log)
  return child
}

/** The end of its log, for a message. */
export const lastWords = (server: Server): string =>
  existsSync(server.log) ? readFileSync(server.log, "utf8").trim().split("\n").slice(-6).join("\n") : ""

/** Fast: clients are cut off, everything is written. Then at once, then by force; the data survive each. */
export const stop = (child: ChildProcess, ended: Deferred.Deferred<string>): Effect.Effect<void> =>
  child.pid === undefined ? Effect.void : escalate(child.pid, Effect.asVoid(Deferred.await(ended)))

/**
 * Ends a server that runs on `cluster` without a parent. Its parent can't be alive: the caller holds the folder's lock.
 */
export const endOrphan = (cluster: string): Effect.Effect<boolean> =>
  Effect.suspend(() => {
    const pid = recordedPid(cluster)
    if (pid === undefined || !servesCluster(pid, cluster)) return Effect.succeed(false)
    const gone = Effect.sync(() => servesCluster(pid, cluster)).pipe(
      Effect.repeat({ schedule: Schedule.spaced("20 millis"), while: (alive) => alive })
    )
    return Effect.as(escalate(pid, Effect.asVoid(gone)), true)
  })

const escalate = (pid: number, gone: Effect.Effect<void>): Effect.Effect<void> =>
  Effect.gen(function* () {
    for (const [signal, wait] of [
      ["SIGINT", "30 seconds"],
      ["SIGQUIT", "5 seconds"],
      ["SIGKILL", "5 seconds"]
    ] as const) {
      yield* Effect.try(() => process.kill(pid, signal)).pipe(Effect.ignore)
      if (
        yield* Effect.as(gone, true).pipe(Effect.timeoutOrElse({ duration: wait, orElse: () => Effect.succeed(false) }))
      )
        return
    }
  })

const pidFile = (cluster: string) => join(cluster, "postmaster.pid")

const recordedPid = (cluster: string): number | undefined => {
  if (!existsSync(pidFile(cluster))) return undefined
  const pid = Number.parseInt(readFileSync(pidFile(cluster), "utf8"), 10)
  return pid > 0 ? pid : undefined
}

/** A server's working directory is its data. Of a process that we may not look at, it isn't ours. */
const servesCluster = (pid: number, cluster: string): boolean => {
  try {
    return (
      readlinkSync(`/proc/${pid}/cwd`) === cluster &&
      readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.[0] !== "Z"
    )
  } catch {
    return false
  }
}

/**
 * After a crash, above all in a container, the pid on record may be somebody else's by now, and Postgres would refuse
 * to start beside it. The file must not simply go: its other lines let Postgres see whether backends of the dead
 * server still hold the shared memory. With our own pid in it, Postgres knows that it is stale (its parent's can't be
 * another server's) and still looks at the rest.
 */
const ignoreForeignPid = (cluster: string): void => {
  const pid = recordedPid(cluster)
  if (pid === undefined || servesCluster(pid, cluster)) return
  const text = readFileSync(pidFile(cluster), "utf8")
  writeFileSync(pidFile(cluster), text.replace(/^\d+/, `${process.pid}`))
}
