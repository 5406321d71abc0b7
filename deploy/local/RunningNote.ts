/**
 * A note under ./data that says what runs and where, so that `npm run send` finds what `npm start` runs and a second
 * start is told. A note whose writer is dead means nothing: a pid alone could be somebody else's by now, so the moment
 * at which that process began is noted too.
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect, Redacted, Schema } from "effect"

/** The folder for everything that outlives a start; relative to the working directory. */
export const dataFolder = "data"

const path = join(dataFolder, "running.json")

const Note = Schema.Struct({
  pid: Schema.Int,
  /** Of that process, from the kernel; "" where there is no /proc. */
  began: Schema.String,
  by: Schema.Literals(["start", "send"]),
  since: Schema.String,
  /** The owner's, by which `send` signs people in; and the portal's role, in which it then acts as they would. */
  ownerUrl: Schema.String,
  portalUrl: Schema.String,
  smppPort: Schema.Int,
  control: Schema.String
})
export type RunningNote = typeof Note.Type

export interface WhatRuns {
  readonly by: RunningNote["by"]
  readonly ownerUrl: Redacted.Redacted<string>
  readonly portalUrl: Redacted.Redacted<string>
  readonly smppPort: number
  readonly control: string
}

/** The note of a process that lives, or `undefined`. */
export const findRunning = (): RunningNote | undefined => {
  try {
    const note = Schema.decodeUnknownSync(Note)(JSON.parse(readFileSync(path, "utf8")))
    return isAlive(note.pid) && beginOf(note.pid) === note.began ? note : undefined
  } catch {
    // No note, or none of ours: nothing runs.
    return undefined
  }
}

/** Leaves a note until the scope closes. It holds a password: only we may read it. */
export const noteRunning = (what: WhatRuns) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const note: RunningNote = {
        ...what,
        ownerUrl: Redacted.value(what.ownerUrl),
        portalUrl: Redacted.value(what.portalUrl),
        pid: process.pid,
        began: beginOf(process.pid),
        since: new Date().toISOString()
      }
      rmSync(path, { force: true })
      writeFileSync(path, `${JSON.stringify(note, undefined, 2)}\n`, { mode: 0o600, flag: "wx" })
    }),
    () => Effect.sync(() => rmSync(path, { force: true }))
  )

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"
  }
}

/** proc_pid_stat(5), field 22: clock ticks between the boot and this process. The name before may hold anything. */
const beginOf = (pid: number): string => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? ""
  } catch {
    return ""
  }
}
