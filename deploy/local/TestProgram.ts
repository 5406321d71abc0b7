/** Runs our programs as a person or a script would, in a folder of their own. For tests. */
import { type ChildProcess, spawn } from "node:child_process"
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert } from "@effect/vitest"
import { Effect } from "effect"

export interface Ended {
  readonly code: number | null
  /** stdout and stderr as they came. */
  readonly said: string
}

export interface Program {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  /** Resolves when it has said this, with all it said so far; rejects when it ended before. */
  readonly says: (pattern: RegExp) => Promise<string>
}

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url))

/** Starts deploy/local/`file` with this Node. `env` over ours; undefined takes a variable away. */
export const run = (
  file: string,
  args: ReadonlyArray<string>,
  cwd: string,
  env: Readonly<Record<string, string | undefined>> = {}
): Program => {
  const child = spawn(process.execPath, [here(file), ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"]
  })
  let said = ""
  const waiting = new Set<() => void>()
  const hear = (chunk: Buffer) => {
    said += chunk
    for (const look of waiting) look()
  }
  child.stdout.on("data", hear)
  child.stderr.on("data", hear)
  const ended = new Promise<Ended>((resolve) => child.on("close", (code) => resolve({ code, said })))
  const says = (pattern: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        if (!pattern.test(said)) return
        waiting.delete(look)
        resolve(said)
      }
      waiting.add(look)
      look()
      void ended.then(() => reject(new Error(`it ended without ${pattern}; it said:\n${said}`)))
    })
  return { child, ended, says }
}

/** The same, ended with the scope if it is still there. */
export const running = (...args: Parameters<typeof run>) =>
  Effect.acquireRelease(
    Effect.sync(() => run(...args)),
    ({ child, ended }) =>
      Effect.promise(() => {
        if (child.exitCode === null) child.kill("SIGTERM")
        return ended
      })
  )

/** Removed afterwards, with the data that a link in it leads to. */
export const folder = Effect.acquireRelease(
  Effect.sync(() => {
    const path = mkdtempSync(join(tmpdir(), "countersign-program-"))
    chmodSync(path, 0o755)
    return path
  }),
  (path) =>
    Effect.sync(() => {
      const cluster = join(path, "data/postgres/cluster")
      if (existsSync(cluster) && lstatSync(cluster).isSymbolicLink())
        rmSync(dirname(realpathSync(cluster)), { recursive: true })
      rmSync(path, { recursive: true })
    })
)

/** Changes options of the simulator that runs in `folder` (bench/smsc/Http.ts). */
export const tellSimulator = async (folder: string, patch: Readonly<Record<string, string>>) => {
  const { control } = JSON.parse(readFileSync(join(folder, "data/running.json"), "utf8"))
  const { ok, status } = await fetch(`${control}/control`, { method: "POST", body: JSON.stringify(patch) })
  if (!ok) throw new Error(`the simulator answered ${status}`)
}

/** A file in `folder`; gives its name, which is what a person in that folder would type. */
export const file = (folder: string, name: string, content: string | Uint8Array): string => {
  writeFileSync(join(folder, name), content)
  return name
}

export const noTrace = (said: string) => assert.notMatch(said, /\n\s+at .*:\d+/, "a person sees no stack trace")
