import { spawn } from "node:child_process"
import { once } from "node:events"
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync
} from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Redacted, Schedule } from "effect"
import { layer as at, SqlClient } from "#schema/Database.ts"
import { type Running, start } from "./EmbeddedPostgres.ts"

const ours = new URL("./", import.meta.url).href

/** Removed afterwards, with what a link in it leads to. */
const folder = Effect.acquireRelease(
  Effect.sync(() => {
    const path = mkdtempSync(join(tmpdir(), "countersign embedded ü-"))
    chmodSync(path, 0o755)
    return path
  }),
  (path) =>
    Effect.sync(() => {
      for (const name of ["data", "copy"]) {
        const link = join(path, name, "cluster")
        if (existsSync(link) && lstatSync(link).isSymbolicLink())
          rmSync(dirname(realpathSync(link)), { recursive: true })
      }
      rmSync(path, { recursive: true })
    })
)

const ask = (running: Pick<Running, "url">, statement: string) =>
  Effect.flatMap(SqlClient, (sql) => sql.unsafe<Record<string, unknown>>(statement)).pipe(
    Effect.provide(at(running.url, { applicationName: "test", maxConnections: 1 }))
  )

const settings = { fsync: "off", shared_buffers: "16MB" }

/** One life of a server: started, used, stopped. */
const life = <A, E>(dataDir: string, use: (running: Running) => Effect.Effect<A, E>) =>
  Effect.scoped(Effect.flatMap(start({ dataDir, settings }), use))

const write = (running: Running) => ask(running, "CREATE TABLE kept AS SELECT 42 AS it")
const read = (running: Running) => Effect.map(ask(running, "SELECT it FROM kept"), ([row]) => row?.it)

/** Another process that starts something of ours, says what it got, and stays until it is ended. */
const elsewhere = (file: string, call: string) =>
  Effect.promise(async () => {
    const program = `
      import { Effect, Redacted } from "effect"
      import * as it from ${JSON.stringify(ours + file)}
      Effect.runFork(Effect.scoped(Effect.gen(function* () {
        const { pid, cluster, url } = yield* it.${call}
        console.log(JSON.stringify({ pid, cluster, url: Redacted.value(url) }))
        yield* Effect.never
      })))`
    const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", program], {
      cwd: new URL("../../", import.meta.url),
      stdio: ["ignore", "pipe", "inherit"]
    })
    const [line] = (await once(child.stdout, "data")) as [Buffer]
    return { child, told: JSON.parse(line.toString()) as { pid: number; cluster: string; url: string } }
  })

const kill = (child: { kill: (signal: "SIGKILL") => boolean }) =>
  Effect.promise(async () => {
    const exit = once(child as never, "exit")
    child.kill("SIGKILL")
    await exit
  })

const isAlive = (pid: number) =>
  existsSync(`/proc/${pid}/cwd`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"))

const until = (condition: () => boolean) =>
  Effect.sync(condition).pipe(
    Effect.repeat({ schedule: Schedule.spaced("20 millis"), until: (met) => met }),
    Effect.timeout("20 seconds")
  )

describe("the embedded server", () => {
  it.live("keeps its data and its URL from start to start, in a path with spaces and other letters", () =>
    Effect.gen(function* () {
      const dataDir = join(yield* folder, "data")
      const [first] = [yield* life(dataDir, (running) => Effect.as(write(running), running))]
      const second = yield* life(dataDir, (running) =>
        Effect.gen(function* () {
          assert.strictEqual(yield* read(running), 42)
          return running
        })
      )
      assert.strictEqual(Redacted.value(second.url), Redacted.value(first.url))
      assert.isFalse(isAlive(first.pid) || isAlive(second.pid))
      assert.strictEqual(statSync(join(dataDir, "password")).mode & 0o777, 0o600)
    })
  )

  it.live("is UTF-8 with the alphabet's case whatever locale and umask surround it", () =>
    Effect.gen(function* () {
      const dataDir = join(yield* folder, "data")
      const umask = process.umask(0o077)
      const before = { LANG: process.env.LANG, LC_ALL: process.env.LC_ALL }
      Object.assign(process.env, { LANG: "C", LC_ALL: "xx_XX.nowhere" })
      yield* Effect.addFinalizer(() =>
        Effect.sync(() => {
          process.umask(umask)
          for (const [name, value] of Object.entries(before)) {
            if (value === undefined) delete process.env[name]
            else process.env[name] = value
          }
        })
      )
      const told = yield* life(dataDir, (running) =>
        ask(
          running,
          "SELECT current_setting('server_encoding') AS encoding, upper('žluťoučký') AS upper, current_setting('timezone') AS zone"
        )
      )
      assert.deepStrictEqual(told, [{ encoding: "UTF8", upper: "ŽLUŤOUČKÝ", zone: "UTC" }])
    })
  )

  it.live("gives an owner who is no superuser and may make roles and databases", () =>
    Effect.gen(function* () {
      const dataDir = join(yield* folder, "data")
      const told = yield* life(dataDir, (running) =>
        ask(
          running,
          "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user"
        )
      )
      assert.deepStrictEqual(told, [
        { rolname: "countersign", rolsuper: false, rolbypassrls: false, rolcreaterole: true, rolcreatedb: true }
      ])
    })
  )

  it.live("tells a second starter where the first one is, and harms nothing", () =>
    Effect.gen(function* () {
      const dataDir = join(yield* folder, "data")
      yield* life(dataDir, (running) =>
        Effect.gen(function* () {
          const error = yield* Effect.flip(Effect.scoped(start({ dataDir })))
          assert.strictEqual(error.reason, "running")
          assert.include(error.message, `Postgres ${running.pid} on 127.0.0.1 port ${running.port}`)
          yield* write(running)
        })
      )
    })
  )

  it.live("ends a server whose parent was killed, and goes on with its data", () =>
    Effect.gen(function* () {
      const dataDir = join(yield* folder, "data")
      const { child, told } = yield* elsewhere("EmbeddedPostgres.ts", `start(${JSON.stringify({ dataDir, settings })})`)
      yield* ask({ url: Redacted.make(told.url) }, "CREATE TABLE kept AS SELECT 7 AS it")
      yield* kill(child)
      assert.isTrue(isAlive(told.pid))
      yield* life(dataDir, (running) =>
        Effect.gen(function* () {
          assert.isFalse(isAlive(told.pid))
          assert.strictEqual(Redacted.value(running.url), told.url)
          assert.strictEqual(yield* read(running), 7)
        })
      )
    })
  )

  it.live("comes back after a crash, also when its old pid is somebody else's by now", () =>
    Effect.gen(function* () {
      const dataDir = join(yield* folder, "data")
      const { cluster } = yield* life(dataDir, (running) =>
        Effect.gen(function* () {
          yield* write(running)
          process.kill(running.pid, "SIGKILL")
          assert.strictEqual(yield* running.ended, "SIGKILL")
          return running
        })
      )
      const pidFile = join(cluster, "postmaster.pid")
      writeFileSync(pidFile, readFileSync(pidFile, "utf8").replace(/^\d+/, `${process.ppid}`))
      assert.strictEqual(yield* life(dataDir, read), 42)
    })
  )

  it.live("waits for what is left of a server that was killed", () =>
    Effect.gen(function* () {
      const dataDir = join(yield* folder, "data")
      const slow = yield* life(dataDir, (running) =>
        Effect.gen(function* () {
          yield* write(running)
          const children = readFileSync(`/proc/${running.pid}/task/${running.pid}/children`, "utf8")
          const child = Number(children.trim().split(" ")[0])
          process.kill(child, "SIGSTOP")
          process.kill(running.pid, "SIGKILL")
          yield* running.ended
          return { child, log: running.log }
        })
      )
      const again = yield* Effect.forkScoped(life(dataDir, read))
      yield* Effect.sync(() => readFileSync(slow.log, "utf8")).pipe(
        Effect.repeat({ schedule: Schedule.spaced("20 millis"), until: (log) => log.includes("is still in use") })
      )
      process.kill(slow.child, "SIGCONT")
      assert.strictEqual(yield* Fiber.join(again), 42)
    })
  )

  it.live("says that a port is taken", () =>
    Effect.gen(function* () {
      const dataDir = join(yield* folder, "data")
      const other = yield* Effect.acquireRelease(
        Effect.promise(async () => {
          const server = createServer().listen(0, "127.0.0.1")
          await once(server, "listening")
          return server
        }),
        (server) => Effect.sync(() => server.close())
      )
      const { port } = other.address() as { port: number }
      const error = yield* Effect.flip(Effect.scoped(start({ dataDir, port, settings })))
      assert.strictEqual(error.message, `port ${port} is taken; choose another`)
    })
  )

  it.live("takes another port where its last one is taken by now", () =>
    Effect.gen(function* () {
      const dataDir = join(yield* folder, "data")
      const first = yield* life(dataDir, Effect.succeed)
      const other = createServer().listen(first.port, "127.0.0.1")
      yield* Effect.promise(() => once(other, "listening"))
      yield* Effect.addFinalizer(() => Effect.sync(() => other.close()))
      assert.notStrictEqual((yield* life(dataDir, Effect.succeed)).port, first.port)
    })
  )

  it.live("shows the server's own words when it can't start", () =>
    Effect.gen(function* () {
      const dataDir = join(yield* folder, "data")
      const error = yield* Effect.flip(Effect.scoped(start({ dataDir, settings: { shared_buffers: "lots" } })))
      assert.strictEqual(error.reason, "start")
      assert.match(error.message, /invalid value for parameter "shared_buffers": "lots"/)
    })
  )

  it.live("leaves nothing behind when the parent of a throw-away server is killed", () =>
    Effect.gen(function* () {
      const { child, told } = yield* elsewhere("throwAwayPostgres.ts", "startThrowAway()")
      yield* kill(child)
      yield* until(() => !isAlive(told.pid) && !existsSync(dirname(told.cluster)))
    })
  )
})

describe.runIf(process.getuid!() === 0)("the embedded server, started by root", () => {
  /** As a clone in the home of root. */
  const home = Effect.tap(folder, (path) => Effect.sync(() => chmodSync(path, 0o700)))

  it.live("keeps the data where its user can reach them, and finds them again from our folder", () =>
    Effect.gen(function* () {
      const dataDir = join(yield* home, "data")
      const { cluster } = yield* life(dataDir, (running) => Effect.as(write(running), running))
      assert.isTrue(lstatSync(join(dataDir, "cluster")).isSymbolicLink())
      assert.strictEqual(realpathSync(join(dataDir, "cluster")), cluster)
      assert.strictEqual(yield* life(dataDir, read), 42)
    })
  )

  it.live("begins anew when our folder was removed, and refuses a copy of it", () =>
    Effect.gen(function* () {
      const dataDir = join(yield* home, "data")
      yield* life(dataDir, write)
      cpSync(dataDir, join(dataDir, "../copy"), { recursive: true, verbatimSymlinks: true })
      const error = yield* Effect.flip(Effect.scoped(start({ dataDir: join(dataDir, "../copy") })))
      assert.match(error.message, /is a copy of .*data/)
      rmSync(dataDir, { recursive: true })
      rmSync(join(dataDir, "../copy"), { recursive: true })
      assert.deepStrictEqual(yield* life(dataDir, (running) => ask(running, "SELECT to_regclass('kept') AS it")), [
        { it: null }
      ])
    })
  )

  it.live("takes data back that were given to root", () =>
    Effect.gen(function* () {
      const dataDir = join(yield* folder, "data")
      const { cluster } = yield* life(dataDir, (running) => Effect.as(write(running), running))
      chownSync(cluster, 0, 0)
      chownSync(join(cluster, "PG_VERSION"), 0, 0)
      assert.strictEqual(yield* life(dataDir, read), 42)
    })
  )

  it.live("starts where only the data folder was made by somebody with a umask of 077", () =>
    Effect.gen(function* () {
      const dataDir = join(yield* folder, "data")
      mkdirSync(dataDir, { mode: 0o700 })
      yield* life(dataDir, write)
      assert.strictEqual(yield* life(dataDir, read), 42)
    })
  )
})
