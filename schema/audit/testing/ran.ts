/** The audit's commands as the processes that they are. */
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"

export interface Ran {
  readonly code: number | null
  /** Standard output, and standard error. */
  readonly said: string
  readonly complained: string
}

/** Runs a script of schema/. env: what it finds in its environment beside PATH and the like; no database unless one is given. */
export const ran = (script: string, args: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}): Ran => {
  const { ACCESS_DATABASE_URL: _, AUDIT_SIGNING_KEY: __, DATABASE_URL: ___, ...around } = process.env
  const path = fileURLToPath(new URL(`../../commands/${script}`, import.meta.url))
  const { status, stderr, stdout } = spawnSync(process.execPath, [path, ...args], {
    encoding: "utf8",
    env: { ...around, ...env }
  })
  return { code: status, said: stdout, complained: stderr }
}
