/**
 * The engine as the process it is in production, to be killed: `node engine/main.ts` in the engine's role.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { Effect, type Scope } from "effect"

/** So many of its last lines are kept, for the report of a failure. */
const LAST_LINES = 60

export class EngineProcess {
  readonly lines: Array<string> = []
  private readonly process: ChildProcess
  private readonly exited: Promise<void>

  constructor(databaseUrl: string) {
    this.process = spawn(process.execPath, [new URL("../../engine/main.ts", import.meta.url).pathname], {
      env: { ...process.env, ENGINE_DATABASE_URL: databaseUrl, ENGINE_METRICS_PORT: "0", NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"]
    })
    const hear = (chunk: string) => {
      for (const line of chunk.split("\n")) if (line.trim() !== "") this.lines.push(line)
      this.lines.splice(0, this.lines.length - LAST_LINES)
    }
    this.process.stdout!.setEncoding("utf8").on("data", hear)
    this.process.stderr!.setEncoding("utf8").on("data", hear)
    this.exited = new Promise((resolve) => this.process.once("exit", () => resolve()))
  }

  get pid(): number {
    return this.process.pid!
  }

  /** What it ended with; null while it runs, and when a signal ended it. */
  get exitCode(): number | null {
    return this.process.exitCode
  }

  get alive(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null
  }

  /** Sends the signal and waits for its end. */
  end(signal: "SIGKILL" | "SIGTERM"): Effect.Effect<void> {
    return Effect.promise(() => {
      this.process.kill(signal)
      return this.exited
    })
  }
}

/** Starts one; whatever happens, it does not outlive the scope. */
export const startEngine = (databaseUrl: string): Effect.Effect<EngineProcess, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => new EngineProcess(databaseUrl)),
    (engine) => (engine.alive ? engine.end("SIGKILL") : Effect.void)
  )
