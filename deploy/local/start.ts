/**
 * `npm start`: everything in one process until Ctrl-C. Exit code 0 when it was stopped, 1 when it could not start.
 * It takes no options but `--help`.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Cause, Effect, Exit, Redacted } from "effect"
import { asked } from "#bench/asked.ts"
import { checkpointFolder } from "./Checkpoints.ts"
import { DEMO_PASSWORD, demoPortal } from "./DemoPortal.ts"
import { type House, house, logPath } from "./House.ts"
import { logFile } from "./LogFile.ts"
import { tellingErrors } from "./Refusal.ts"
import * as Screen from "./Screen.ts"

const { history } = asked(
  "Postgres, demo data, an SMSC simulator, the engine and the portal in one process, until Ctrl-C. DATABASE_URL puts a server of yours in the place of the embedded Postgres; all that it keeps is under ./data.",
  {
    history: {
      default: true,
      help: "an installation in which nothing is yet gets four departments and what they sent in the last month; --no-history: two, and nothing"
    }
  }
)

let began = performance.now()
const told = {
  step: (text: string) => Screen.line(Screen.dim(text)),
  warn: (text: string) => Screen.line(`${Screen.amber("!")} ${text}`)
}

/** How psql opens the database: as its owner, and as the portal, who sees nothing without somebody's session. */
const databases = ({ ours, ownerUrl, portalUrl }: House): ReadonlyArray<string> => {
  const look = Screen.dim("there: SELECT * FROM campaign_progress; SELECT * FROM ledger WHERE campaign_id = 1;")
  if (!ours) return ['psql "$DATABASE_URL"', look]
  const psql = (url: Redacted.Redacted<string>) => `psql '${Redacted.value(url)}'`
  return [
    psql(ownerUrl),
    look,
    Screen.dim("the same as the portal, who sees nothing until somebody shows a session:"),
    psql(portalUrl)
  ]
}

const start = Effect.scoped(
  Effect.gen(function* () {
    Screen.line()
    Screen.move("Starting Postgres, the simulator and the engine …")
    const running = yield* house("start", told, history)
    const { control, smppPort } = running
    const site = yield* demoPortal(running.ownerUrl)
    Screen.settle(false)
    Screen.line(Screen.bold("Countersign is running."))
    Screen.line()
    Screen.row("Portal", Screen.bold(site))
    Screen.row("", `its sign-in page says as whom, and the password: ${DEMO_PASSWORD}`)
    Screen.row("Postgres", running.database)
    Screen.row("", ...databases(running))
    Screen.row("Operator", `simulator, SMPP on 127.0.0.1:${smppPort}`)
    Screen.row("", `what it received: ${control}/received, counts: ${control}/counts`)
    Screen.row("Audit", `signed every half minute into ./${checkpointFolder}, by the key`)
    Screen.row("", running.checkpointKey)
    Screen.row("Engine", `in this process, its log in ./${logPath}`)
    Screen.row("", `metrics: ${running.watch}/metrics, health: ${running.watch}/ready`)
    Screen.row("Demo", "IT department: dana (author), ivan (moderator), olga (admin); sender CorpIT")
    Screen.row("", "Human resources: timur (author), olga (admin); sender CorpHR")
    if (history) Screen.row("", "and Finance and Corporate, with what all four sent in the last month")
    Screen.line()
    Screen.line("Send something from a second terminal, with a file that has a number in each line:")
    Screen.line()
    Screen.line('  npm run send -- --sender CorpIT --text "Planned maintenance tonight" --numbers staff.csv')
    Screen.line()
    Screen.line(Screen.dim(`Ready after ${((performance.now() - began) / 1000).toFixed(1)} s. Ctrl-C stops.`))
    Screen.line()
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        began = performance.now()
        if (process.stdout.isTTY) process.stdout.write("\r\u001b[2K")
        Screen.line("Stopping. What has left is waited for until it is answered; the rest goes on at the next start.")
      })
    )
    return yield* Effect.never
  })
).pipe(
  tellingErrors(
    (message) => {
      Screen.settle(false)
      Screen.failure(message)
    },
    logPath,
    1 as const
  ),
  Effect.provide(logFile(logPath, "campaign "))
)

NodeRuntime.runMain(start, {
  disableErrorReporting: true,
  teardown: (exit) => {
    if (Exit.isSuccess(exit)) return process.exit(exit.value as number)
    if (Cause.hasInterruptsOnly(exit.cause)) {
      Screen.line(`Stopped after ${((performance.now() - began) / 1000).toFixed(1)} s.`)
      Screen.line()
      return process.exit(0)
    }
    // Nothing expected comes here: it is a bug, and whoever reports it needs all of it.
    process.stderr.write(`${Cause.pretty(exit.cause)}\n`)
    return process.exit(1)
  }
})
