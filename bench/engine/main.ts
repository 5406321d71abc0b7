/**
 * The engine, measured: `npm run bench:engine -- --messages 1000000 --json`. Engine, simulator and Postgres are processes of
 * their own, as in life; after each run of the engine the floor does the same work in the same place, and the ratio of the
 * two is what counts, since both had the same machine. README.md says what is measured and how.
 *
 * Exit codes: 0; 1 when something went wrong, the ledger and the simulator disagree anywhere, a promise of space was not
 * kept (report.ts), or nonsense was asked for.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect } from "effect"
import { asked } from "#bench/asked.ts"
import { type SqlError, sqlMessage } from "#schema/Database.ts"
import { shares } from "./profile.ts"
import { type Figures, type Options, run, type Sender } from "./Run.ts"
import { line, median, promises, range, summary } from "./report.ts"
import { type Server, server } from "./Server.ts"

const WHAT = "The engine, measured, and a bare loop over the same tables beside it."

const flags = {
  messages: { default: 1_000_000, least: 1, most: 100_000_000, help: "recipients of the campaign" },
  runs: { default: 1, least: 1, most: 1_000, help: "engine and floor in turn, so many times; figures are medians" },
  binds: { default: 2, least: 1, most: 32, help: "binds of the channel" },
  window: { default: 100, least: 1, most: 1_000, help: "submits a bind may have unanswered" },
  floor: { default: true, help: "the engine only" },
  memory: { default: false, help: "the engine with N and with ten times N messages: is its memory flat?" },
  isolation: { default: false, help: "the engine with and without row-level security in turn, so many runs of each" },
  profile: { default: false, help: "also profiles both, in runs of their own, and shows where their time goes" },
  json: { default: false, help: "the last line is one JSON object, and no table before it" }
} as const

/** Progress goes to stderr, the result to stdout. */
const say = (text: string) => Effect.sync(() => process.stderr.write(`${text}\n`))

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

/**
 * What row-level security costs: runs with it and without it in turn, the first of each pair changing. Speed, and the server's CPU
 * a message, which others on the machine disturb less.
 */
const isolation = (on: Server, options: Options, pairs: number) =>
  Effect.gen(function* () {
    const sides: Record<"with" | "without", Array<Figures>> = { with: [], without: [] }
    for (let i = 0; i < pairs; i++) {
      for (const side of i % 2 === 0 ? (["with", "without"] as const) : (["without", "with"] as const)) {
        yield* say(`${side} row-level security:`)
        sides[side].push(yield* told(on, "engine", { ...options, isolated: side === "with" }))
      }
    }
    const compared = (pick: (figures: Figures) => number, digits: number) => {
      const ratios = sides.with.map((figures, i) => pick(figures) / pick(sides.without[i]!))
      const middle = (of: ReadonlyArray<Figures>) => Number(median(of.map(pick)).toFixed(digits))
      return {
        with: middle(sides.with),
        without: middle(sides.without),
        ratio: Number(median(ratios).toFixed(3)),
        ratioRange: range(ratios, 3)
      }
    }
    const result = {
      messages: options.messages,
      pairs,
      perSecond: compared((figures) => figures.perSecond, 0),
      postgresMicros: compared((figures) => figures.postgresMicros, 2)
    }
    yield* Console.log(JSON.stringify(result))
  })

const {
  floor: withFloor,
  isolation: withIsolation,
  json,
  memory,
  profile: withProfile,
  runs,
  ...options
} = asked(WHAT, flags)

const program = Effect.gen(function* () {
  const on = yield* server
  yield* say(on.description)
  if (withIsolation) return yield* isolation(on, options, runs)
  const engine: Array<Figures> = []
  const floor: Array<Figures> = []
  for (let i = 0; i < runs; i++) {
    engine.push(yield* told(on, "engine", options))
    if (withFloor && !memory) floor.push(yield* told(on, "floor", options))
  }
  const large = memory ? [yield* told(on, "engine", { ...options, messages: options.messages * 10 })] : []
  if (withProfile) for (const sender of ["engine", "floor"] as const) yield* profile(on, sender, options)
  const result = { ...summary(engine, floor), ...(large.length === 0 ? {} : { tenfold: summary(large, []) }) }
  const broken = promises(engine, floor, large).filter((promise) => !promise.kept)
  if (!json) yield* Console.table(result)
  yield* Console.log(
    broken.length === 0 ? "every promise was kept" : `NOT KEPT: ${broken.map((b) => b.what).join("; ")}`
  )
  yield* Console.log(JSON.stringify(result))
  if (broken.some((promise) => promise.fails)) process.exitCode = 1
})

Effect.scoped(program).pipe(
  Effect.tapError((error) => say(error._tag === "SqlError" ? sqlMessage(error as SqlError) : error.message)),
  NodeRuntime.runMain({ disableErrorReporting: true })
)
