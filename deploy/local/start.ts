/**
 * `npm start`: everything in one process until Ctrl-C. Exit code 0 when it was stopped, 1 when it could not start.
 * It takes no options but `--help`.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Cause, Effect, Exit } from "effect"
import { asked } from "#bench/asked.ts"
import { house, logPath } from "./House.ts"
import { logFile } from "./LogFile.ts"
import { tellingErrors } from "./Refusal.ts"
import * as Screen from "./Screen.ts"

asked(
  "Postgres, demo data, an SMSC simulator and the engine in one process, until Ctrl-C. DATABASE_URL puts a server of yours in the place of the embedded Postgres; all that it keeps is under ./data.",
  {}
)

let began = performance.now()
const told = {
  step: (text: string) => Screen.line(Screen.dim(text)),
  warn: (text: string) => Screen.line(`${Screen.amber("!")} ${text}`)
}

const start = Effect.scoped(
  Effect.gen(function* () {
    Screen.line()
    Screen.move("Starting Postgres, the simulator and the engine …")
    const { control, database, psql, smppPort } = yield* house("start", told)
    Screen.settle(false)
    Screen.line(Screen.bold("Countersign is running."))
    Screen.line()
    Screen.row("Postgres", database)
    Screen.row("", psql)
    Screen.row("", Screen.dim("there: SELECT * FROM campaign_progress; SELECT * FROM ledger WHERE campaign_id = 1;"))
    Screen.row("Operator", `simulator, SMPP on 127.0.0.1:${smppPort}`)
    Screen.row("", `what it received: ${control}/received, counts: ${control}/counts`)
    Screen.row("Engine", `in this process, its log in ./${logPath}`)
    Screen.row("Demo", "IT department: dana (author), ivan (moderator), olga (admin); sender CorpIT")
    Screen.row("", "Human resources: timur (author), olga (admin); sender CorpHR")
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
