/**
 * The engine, measured: `npm run bench:engine -- --messages 1000000 --json`. Engine, simulator and Postgres are processes of
 * their own, as in life; after each run of the engine the floor does the same work in the same place, and the ratio of the
 * two is what counts, since both had the same machine. README.md says what is measured and how.
 *
 * Exit codes: 0; 1 when something went wrong or the ledger and the simulator disagree anywhere; 2 nonsense was asked for.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect } from "effect"
import { type SqlError, sqlMessage } from "#schema/Database.ts"
import { BenchError } from "./Child.ts"
import { shares } from "./profile.ts"
import { type Figures, type Options, run, type Sender } from "./Run.ts"
import { isRight, line, summary } from "./report.ts"
import { type Server, server } from "./Server.ts"

const HELP = `node bench/engine/main.ts [options]
  --messages N    recipients of the campaign [1000000]
  --runs N        engine and floor in turn, so many times; figures are medians [1]
  --binds N       binds of the channel [2]
  --window N      submits a bind may have unanswered [100]
  --no-floor      the engine only
  --memory        the engine with N and with ten times N messages; fails unless its memory is flat (within 50 MB, below 400 MB)
  --profile       also profiles both, in runs of their own, and shows where their time goes
  --json          the last line is one JSON object`

const flags = {
  messages: { type: "string", default: "1000000" },
  runs: { type: "string", default: "1" },
  binds: { type: "string", default: "2" },
  window: { type: "string", default: "100" },
  floor: { type: "boolean", default: true },
  memory: { type: "boolean", default: false },
  profile: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false, short: "h" }
} as const

/** Must hold 1 of what was promised: memory does not follow the size of a campaign. */
const MOST_RSS_MB = 400
const MOST_GROWTH_MB = 50

/** Progress goes to stderr, the result to stdout. */
const say = (text: string) => Effect.sync(() => process.stderr.write(`${text}\n`))

const asked = () => {
  try {
    const { values } = parseArgs({ options: flags, allowNegative: true })
    const whole = (name: "messages" | "runs" | "binds" | "window", most: number) => {
      const n = Number(values[name])
      if (!Number.isInteger(n) || n < 1 || n > most) throw new Error(`--${name} is a whole number from 1 to ${most}`)
      return n
    }
    const options: Options = {
      messages: whole("messages", 1e8),
      binds: whole("binds", 32),
      window: whole("window", 1000)
    }
    return { ...values, options, runs: whole("runs", 1000) }
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${HELP}\n`)
    process.exit(2)
  }
}

const told = (on: Server, sender: Sender, options: Options, nodeFlags: ReadonlyArray<string> = []) =>
  Effect.tap(run(on, sender, options, nodeFlags), (figures) =>
    Effect.andThen(
      say(line(figures)),
      Effect.forEach(figures.examples, (example) => say(`  ${example}`))
    )
  )

const profile = (on: Server, sender: Sender, options: Options) =>
  Effect.scoped(
    Effect.gen(function* () {
      const folder = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "countersign-profile-"))),
        (path) => Effect.sync(() => rmSync(path, { recursive: true }))
      )
      yield* say(`\nprofiling the ${sender} …`)
      const figures = yield* told(on, sender, options, ["--cpu-prof", `--cpu-prof-dir=${folder}`])
      const { files, functions } = shares(folder)
      for (const [title, rows] of [
        ["file", files],
        ["function", functions]
      ] as const) {
        yield* say(`\nself time, µs a message, by ${title}`)
        for (const { micros, where } of rows.slice(0, 20))
          yield* say(`${(micros / figures.sent).toFixed(3).padStart(8)}  ${where}`)
      }
    })
  )

const program = Effect.gen(function* () {
  const { floor: withFloor, json, memory, options, profile: withProfile, runs } = asked()
  const on = yield* server
  yield* say(on.description)
  const engine: Array<Figures> = []
  const floor: Array<Figures> = []
  for (let i = 0; i < runs; i++) {
    engine.push(yield* told(on, "engine", options))
    if (withFloor && !memory) floor.push(yield* told(on, "floor", options))
  }
  const large = memory ? [yield* told(on, "engine", { ...options, messages: options.messages * 10 })] : []
  if (withProfile) for (const sender of ["engine", "floor"] as const) yield* profile(on, sender, options)
  const result = { ...summary(engine, floor), ...(large.length === 0 ? {} : { tenfold: summary(large, []) }) }
  yield* json ? Console.log(JSON.stringify(result)) : Console.table(result)

  if (![...engine, ...floor, ...large].every(isRight))
    return yield* new BenchError({ message: "the ledger and the simulator disagree" })
  for (const { rssMb } of large) {
    const before = Math.max(...engine.map((f) => f.rssMb))
    if (Math.max(rssMb, before) > MOST_RSS_MB || Math.abs(rssMb - before) > MOST_GROWTH_MB)
      return yield* new BenchError({
        message: `memory is not flat: ${before.toFixed(0)} MB, then ${rssMb.toFixed(0)} MB`
      })
  }
})

Effect.scoped(program).pipe(
  Effect.tapError((error) => say(error._tag === "SqlError" ? sqlMessage(error as SqlError) : error.message)),
  NodeRuntime.runMain({ disableErrorReporting: true })
)
