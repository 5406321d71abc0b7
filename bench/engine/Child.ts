/**
 * The processes of a benchmark: our own programs under this Node, each with the scope's length of life, and what the kernel
 * says of them (Linux: /proc).
 *
 * Promises: a process ends with its scope, asked by SIGTERM and after a while by SIGKILL; one that ends before is an error
 * that carries its last words.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { Effect, Schema } from "effect"

/** A drain may take the engine so long; its own bound is 20 s. */
const STOP_FOR_MS = 25_000

/** Of what a process says, so much is kept for the day it dies. */
const LAST_WORDS = 4_000

export class BenchError extends Schema.TaggedError<BenchError>()("BenchError", { message: Schema.String }) {}

export interface Child {
  readonly name: string
  readonly pid: number
  /** Fails when it ends. */
  readonly ended: Effect.Effect<never, BenchError>
  /** The first line of its output that matches; fails when it ends before. */
  readonly line: (pattern: RegExp) => Effect.Effect<RegExpExecArray, BenchError>
  /** Ends it as a failing machine would (SIGKILL), and waits. */
  readonly kill: Effect.Effect<void>
  /** Asks it to end, and waits. */
  readonly stop: Effect.Effect<void>
}

/** Runs `node ...args` in the repository until the scope closes. */
export const child = (name: string, args: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}) =>
  Effect.acquireRelease(
    Effect.sync(() => started(name, args, env)),
    (c) => c.stop
  )

/** The engine as it is in production, in its own role; several on one machine each find a port to be watched at. */
export const engineProcess = (databaseUrl: string, nodeFlags: ReadonlyArray<string> = []) =>
  child("engine", [...nodeFlags, "engine/main.ts"], { ENGINE_DATABASE_URL: databaseUrl, ENGINE_METRICS_PORT: "0" })

const started = (name: string, args: ReadonlyArray<string>, env: Readonly<Record<string, string>>): Child => {
  const process_ = spawn(process.execPath, args, {
    cwd: new URL("../..", import.meta.url),
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"]
  })
  let words = ""
  const listeners = new Set<() => void>()
  const hear = (text: string) => {
    words = (words + text).slice(-LAST_WORDS)
    for (const line of text.split("\n")) if (/WARN|ERROR|FATAL/.test(line)) process.stderr.write(`${name}: ${line}\n`)
    for (const listener of listeners) listener()
  }
  process_.stdout.setEncoding("utf8").on("data", hear)
  process_.stderr.setEncoding("utf8").on("data", hear)
  const end = Promise.withResolvers<string>()
  process_.once("exit", (code, signal) => {
    end.resolve(`${name} ended (${signal ?? code}). It said:\n${words}`)
    for (const listener of listeners) listener()
  })
  process_.once("error", (error) => end.resolve(`${name} did not start: ${error.message}`))
  const ended = Effect.flatMap(
    Effect.promise(() => end.promise),
    (message) => Effect.fail(new BenchError({ message }))
  )
  return {
    name,
    pid: process_.pid ?? -1,
    ended,
    line: (pattern) =>
      Effect.raceFirst(
        Effect.callback<RegExpExecArray>((resume) => {
          const look = () => {
            const found = pattern.exec(words)
            if (found !== null) resume(Effect.succeed(found))
          }
          listeners.add(look)
          look()
          return Effect.sync(() => listeners.delete(look))
        }),
        ended
      ),
    kill: Effect.ignore(
      Effect.andThen(
        Effect.sync(() => process_.kill("SIGKILL")),
        ended
      )
    ),
    stop: Effect.callback<void>((resume) => stop(process_, () => resume(Effect.void)))
  }
}

const stop = (process_: ChildProcess, stopped: () => void): void => {
  if (process_.pid === undefined || process_.exitCode !== null || process_.signalCode !== null) return stopped()
  const kill = setTimeout(() => process_.kill("SIGKILL"), STOP_FOR_MS)
  process_.once("exit", () => {
    clearTimeout(kill)
    stopped()
  })
  process_.kill("SIGTERM")
}

/** /proc counts processor time in these (USER_HZ, fixed at 100 for user space). */
const TICKS_A_SECOND = 100

/** Processor time of the process so far, user and system, in seconds. */
export const cpuSeconds = (pid: number): number => {
  // proc(5): after the name in brackets, utime and stime are the 12th and 13th
  const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]!.split(" ")
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND
}

/**
 * The same of a Postgres server: of its postmaster, its backends that live, and those that it has seen die (cutime and cstime, the
 * 14th and 15th). Work is measured so, on a machine whose time others take.
 */
export const serverCpuSeconds = (postmaster: number): number => {
  let ticks = 0
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]!.split(" ").map(Number)
      if (Number(pid) === postmaster) ticks += fields[11]! + fields[12]! + fields[13]! + fields[14]!
      else if (fields[1] === postmaster) ticks += fields[11]! + fields[12]!
    } catch {
      // it has ended since
    }
  }
  return ticks / TICKS_A_SECOND
}

/** The most memory the process ever held (VmHWM), in MB of 2^20 bytes. */
export const peakRssMb = (pid: number): number =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "latin1"))![1]) / 1024
