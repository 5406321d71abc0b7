/**
 * A throw-away server that is as durable as a real one, to be killed with all its children and started again on the same
 * data and port.
 */
import { readdirSync, readFileSync } from "node:fs"
import { Effect, Exit, type Redacted, Schedule, Scope } from "effect"
import { type EmbeddedPostgresError, type Running, start } from "#deploy/local/EmbeddedPostgres.ts"
import { temporaryFolder } from "#deploy/local/throwAwayPostgres.ts"

export interface MortalPostgres {
  /** The owner's; the same from life to life. */
  readonly url: Redacted.Redacted<string>
  /** SIGKILL to the postmaster and each of its children; returns when all are gone. */
  readonly kill: Effect.Effect<void>
  readonly startAgain: Effect.Effect<void, EmbeddedPostgresError>
}

export const mortalPostgres = Effect.gen(function* () {
  const dataDir = yield* temporaryFolder
  let life = yield* Scope.make()
  let running: Running
  const begin = (port?: number) =>
    Effect.gen(function* () {
      life = yield* Scope.make()
      running = yield* Scope.provide(start({ dataDir, ...(port === undefined ? {} : { port }) }), life)
    })
  yield* begin()
  yield* Effect.addFinalizer(() => Scope.close(life, Exit.void))
  const { port, url } = running!
  return {
    url,
    kill: Effect.gen(function* () {
      const pids = [running.pid, ...childrenOf(running.pid)]
      for (const pid of pids) killed(pid)
      yield* Effect.sync(() => pids.some(isAlive)).pipe(
        Effect.repeat({ until: (alive) => !alive, schedule: Schedule.spaced("5 millis") })
      )
      yield* Scope.close(life, Exit.void)
    }),
    startAgain: begin(port)
  } satisfies MortalPostgres
})

const killed = (pid: number): void => {
  try {
    process.kill(pid, "SIGKILL")
  } catch {
    // it ended by itself
  }
}

/** proc(5): state and parent come after the name in brackets. */
const stat = (pid: number | string): ReadonlyArray<string> => {
  try {
    return readFileSync(`/proc/${pid}/stat`, "latin1").split(") ").at(-1)!.split(" ")
  } catch {
    return []
  }
}

const childrenOf = (parent: number): Array<number> =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && stat(name)[1] === String(parent))
    .map(Number)

/** A zombie is as good as gone: it holds nothing. */
const isAlive = (pid: number): boolean => !["", "Z", "X"].includes(stat(pid)[0] ?? "")
